"""`train`: a network of the registry on data sets of the kit, in a folder that can go on.

    split -> batches -> first batch -> epochs (`loop.py`) -> scores of the best network

The kit reads the data, `keras_saliency.data` makes the batches, a recipe of the card gives loss and
optimizer. Everything that decides the numbers is put down in `run.json` and must not change before
the run has ended.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras

import benchmark_kit
from benchmark_kit.errors import ConfigError
from benchmark_kit.types import Truths
from keras_saliency.base.first_step import MOST, warn_of_constant_maps
from keras_saliency.base.probabilistic_model import ProbabilisticModel
from keras_saliency.base.recipe_record import choose_recipe
from keras_saliency.base.saliency_model import SaliencyModel
from keras_saliency.data import Augmentation
from keras_saliency.data import batches as make_batches
from keras_saliency.training.beginning import begin, sha256_of
from keras_saliency.training.chain import Chain
from keras_saliency.training.checkpoint import load_state, save_state, stage_of
from keras_saliency.training.distributed import SharedSteps, strategy_of
from keras_saliency.training.first_batch import describe_batch
from keras_saliency.training.freeze import freeze_layers, warn_of_random_trunk
from keras_saliency.training.game_steps import GameSteps
from keras_saliency.training.kept_features import KeptFeatures, keeping_features
from keras_saliency.training.label_width import label_width, refuse_width
from keras_saliency.training.loop import Loop
from keras_saliency.training.memory import warn_of_memory
from keras_saliency.training.parts import SPLIT, Parts, divide
from keras_saliency.training.precision import warn_of_slow_bfloat16
from keras_saliency.training.run_folder import GO_ON, RunFolder
from keras_saliency.training.scoring import RESULTS, score_parts
from keras_saliency.training.steps import Steps

BATCH = 8  # where neither the caller nor the recipe says
Note = Callable[[str], None]


@dataclass(frozen=True)
class Trained:
    """What a run has come to.

    Args:
        folder: where everything lies.
        finished: whether all its epochs are done.
        rows: one an epoch, as in `log.csv`.
        best: `epoch` and `val_loss` of the network in `best.keras`.
        results: of the validation part, by data set.
    """

    folder: Path
    finished: bool
    rows: Sequence[Mapping[str, Any]] = ()
    best: Mapping[str, Any] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)


def train(
    model: SaliencyModel,
    truths: Truths | Sequence[Truths],
    out: str | Path,
    *,
    recipe: str | None = None,
    stage: str | None = None,
    epochs: int | None = None,
    minutes: float | None = None,
    batch: int | None = None,
    split: str = SPLIT,
    seed: int = 0,
    augment: Augmentation | None = None,
    sigma: str | float | None = None,
    freeze: Sequence[str] = (),
    start: Mapping[str, str | Path] | None = None,
    resume: bool = False,
    progress: Callable[[int, int], None] | None = None,
    on_note: Note | None = None,
) -> Trained:
    """Train a network, and score the best of its epochs on the part that it did not learn from.

    A network that was built under a `tf.distribute` strategy is trained on all its devices. Of
    several processes, which must see one `out`, the chief alone writes and has results.

    Args:
        model: what `build_model` made, with the weights to start from; compiled here.
        truths: one data set of the kit or several, with pictures and fixations.
        out: the run's folder (`run_folder.py` says what goes there); made here.
        recipe: of the model's card; None: `"quick"` where it has one, else its first.
        stage: of the recipe, the one that is wanted; None: all, one after the other.
        epochs: how many, in every stage; None: the recipe's, or 10.
        minutes: stop after so many, and score what there is; `resume` goes on.
        batch: pictures a step; None: the recipe's, or 8.
        split: the rule that parts each data set (`keras_saliency.data.split`).
        seed: of the order of pictures, of their augmentation and of the weights of a game's
            discriminator; the split does not depend on it.
        augment: as for `keras_saliency.data.batches`; None: mirrored where the recipe says so. The
            validation part is never augmented.
        sigma: width of the densities to learn from, as for `keras_saliency.data.batches`; None: the
            recipe's, else the data set's.
        freeze: patterns of names of layers that do not learn; `"trunk"`: all of the trunks.
        start: for the record, names of what the weights came from -> file.
        resume: go on with the run in `out`, or begin where there is none.
        progress: called with (pictures done, pictures in all).
        on_note: called with what a user should read, line by line.

    Returns:
        what has been reached; `finished` is False where `minutes` were up.

    Raises:
        ConfigError: a folder that is in use, settings that changed, an unknown recipe or pattern,
            too few pictures to part, a sigma that nothing asks for, a model that has no map to
            learn, or a game of two networks on several devices.
        InputError: data or a checkpoint that cannot be used.
        RunFailed: a loss or weights that are not finite, constant maps, no memory, or a folder that
            cannot be written; the last checkpoint stands and `resume` goes on from it.

    Example:
        >>> from keras_saliency import build_model
        >>> network = build_model("saliency_lite")
        >>> trained = train(network, get_dataset("folder", "mine"), "run", epochs=1, batch=2)
        >>> trained.finished, trained.best["epoch"]
        (True, 1)
    """
    note = on_note or (lambda text: None)
    folder = RunFolder(out)
    check_trainable(model)
    steps = _steps(model, model)
    _check_minutes(minutes, steps)
    going_on = steps.agree(steps.writes and folder.check(resume))
    name = _recipe_of(model, recipe)
    freeze_layers(model, freeze)
    assert model.card is not None
    stated = model.card.recipes[name]
    counted = None if epochs is None else _count("epochs", epochs)
    chain = Chain(model, name, counted, stage, seed)
    if chain.game and steps.devices > 1:
        raise ConfigError(
            f"{chain.game} is a game of two networks, which takes one device. Fix: --strategy one, "
            "or another stage (--stage)"
        )
    epochs = chain.ends[-1]
    sizes = [_count("batch", batch or each.recipe.batch or BATCH) for each in chain.stages]
    if augment is None and stated.mirrored:
        augment = Augmentation(mirror=stated.mirrored)
    now = stage_of(folder.last) if going_on else 0
    steps = _begin(chain, now, steps, augment)
    parts = divide(truths, split)
    width = label_width(sigma, stated.labels, parts.sets)

    def make() -> tuple[Any, Any]:
        options = {"batch_size": sizes[now], "seed": seed, "sigma": width}
        learn = make_batches(parts.train, model, augment=augment, **options)
        bias = learn.centre_bias
        judge = make_batches(parts.validate, model, shuffle=False, centre_bias=bias, **options)
        return learn, judge

    learn, judge = make()
    refuse_width(sigma, learn.targets)
    if learn.centre_bias is not None:
        model.keep_centre_bias(list(learn.centre_bias.values()))
    settings = {
        "model": model.entry["name"],
        "options": keras.saving.serialize_keras_object(model.entry["options"]),
        "recipe": name,
        "stage": stage,
        "epochs": epochs if len(chain) == 1 else chain.ends,
        "batch": sizes[0] if len(chain) == 1 else sizes,
        "split": split,
        "seed": seed,
        "augment": None if augment is None else str(augment),
        "freeze": list(freeze),
        "precision": model.dtype_policy.name,
        "backend": keras.config.backend(),
        "devices": steps.devices,
        "data": [part.fingerprint for part in parts.sets],
        "start": {what: sha256_of(Path(file)) for what, file in (start or {}).items()},
        **({} if sigma is None else {"sigma": str(sigma)}),
    }
    try:
        if going_on:
            folder.refuse_changes(settings)
            position = load_state(folder.last, steps.variables)
            note(f"going on with epoch {position['epoch'] + 1}, step {position['step'] + 1}")
        else:
            note(parts.describe())
            position = begin(folder, steps, parts, learn, settings, start or {})
        for said in (
            warn_of_memory(model, max(sizes)),
            warn_of_random_trunk(model),
            warn_of_slow_bfloat16(model.dtype_policy.name),
        ):
            if said:
                note(f"warning: {said}")
        if not position["rows"]:
            _look_at_first_batch(model, learn, chain.loss(now), note)
        anew = position["epoch"] < epochs
        while True:
            if chain.called(now) and position["epoch"] < chain.ends[now]:
                note(f"stage {chain.called(now)}")
            if isinstance(steps, KeptFeatures) and position["epoch"] < chain.ends[now]:
                note(steps.describe())
            loop = Loop(
                steps,
                learn,
                judge,
                folder,
                epochs,
                last=chain.ends[now],
                rates=chain.rates(now, position["rows"]),
                position=position,
                minutes=minutes,
                progress=progress,
                on_note=on_note,
            )
            finished = loop.run()
            position = loop.position
            if not finished or now + 1 == len(chain):
                break
            now += 1
            # of another loss, so the best of the stage before is no measure
            position |= {"stage": now, "best": None}
            steps = _begin(chain, now, steps, augment)
            learn, judge = make()
            if steps.writes:
                save_state(folder.last, steps.variables, position)
        loop.write_log()
        results = _scores(folder, model, parts, anew, note) if steps.writes else {}
    except KeyboardInterrupt as stop:
        if folder.run.is_file():
            stop.add_note(f"{folder.path} keeps what was learned; {GO_ON}")
        raise
    model.random_weights = False
    if not finished:
        note(f"{minutes:g} minutes are up in epoch {loop.position['epoch'] + 1}/{epochs}; {GO_ON}")
    return Trained(folder.path, finished, loop.position["rows"], loop.position["best"], results)


def _begin(chain: Chain, stage: int, before: Steps, augment: Augmentation | None) -> Steps:
    """Begin a stage where the steps before it were made; the stage's own."""
    with before.scope():
        learner = chain.begin(stage)
        return keeping_features(_steps(chain.model, learner), augment)


def _steps(model: Any, learner: Any) -> Steps:
    if learner is not model:
        return GameSteps(learner)
    return SharedSteps(model) if strategy_of(model) else Steps(model)


def check_trainable(model: SaliencyModel) -> None:
    """Refuse what `train` cannot train or could not save.

    Raises:
        ConfigError: a network that was not made by `build_model`, or one without maps.
    """
    if not getattr(model, "entry", None):
        raise ConfigError(
            f"{getattr(model, 'name', model)} was not made by build_model, so no checkpoint could "
            "name it. Fix: build_model(name, …), or model.fit with keras_saliency.data.batches"
        )
    if model.front is None:
        raise ConfigError(
            f"{model.name} fills holes in pictures and has no map to learn from fixations. "
            "Fix: a network whose card says output = map (salbench list models)"
        )


def _recipe_of(model: Any, name: str | None) -> str:
    """The recipe that is asked for, `"quick"`, or the card's first."""
    card = model.card
    if not card.recipes:
        raise ConfigError(
            f"{card.name} has no recipe on its card. Fix: compile and fit it yourself"
        )
    wanted = name or ("quick" if "quick" in card.recipes else None)
    return choose_recipe(card.recipes, wanted, model.entry["options"], card.name)


def _scores(folder: RunFolder, model: Any, parts: Parts, anew: bool, note: Note) -> dict[str, Any]:
    """Scores of the best network, at the precision that everybody else will use."""
    files = parts.files(folder.path, RESULTS)
    if not anew and all(path.is_file() for path in files.values()):
        return {label: benchmark_kit.load_results(path) for label, path in files.items()}
    precision = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        map_name = "mean" if model.map_names else None
        return score_parts(
            folder.best,
            parts,
            folder.path,
            map_name=map_name,
            log_density=isinstance(model, ProbabilisticModel),
            note=note,
        )
    finally:
        keras.config.set_dtype_policy(precision)


def _look_at_first_batch(model: Any, learn: Any, loss: Any, note: Note) -> None:
    inputs, targets = learn.arrays(0, 0)
    names = learn.names(0, 0)
    truth = getattr(loss, "truth", ("map",))
    more = (learn.arrays(0, step) for step in range(1, learn.steps))
    found = describe_batch(model, inputs, targets, names, truth, more)
    note("first batch:\n  " + "\n  ".join(found.lines))
    for text in found.warnings:
        note(f"warning: {text}")
    few = keras.tree.map_structure(lambda part: part[:MOST], inputs)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_constant_maps(model, few)
    for one in caught:
        note(f"warning: {one.message}")


def _check_minutes(minutes: float | None, steps: Steps) -> None:
    if minutes is not None and not minutes > 0:
        raise ConfigError(f"minutes must be above 0, got {minutes!r}")
    if minutes is not None and steps.processes > 1:
        raise ConfigError(
            "several processes would be up at different steps, and wait for each other. "
            "Fix: --epochs in place of --minutes"
        )


def _count(name: str, value: int) -> int:
    if int(value) != value or value < 1:
        raise ConfigError(f"{name} must be a number of 1 or more, got {value!r}")
    return int(value)
