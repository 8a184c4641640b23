"""Every network learns by each of its recipes, stage by stage, on four generated pictures.

Three steps a stage at a small size, with the recipe's own loss, optimizer and frozen layers: the
loss falls, what trains moves, what is frozen stays. Where that cannot be, `WHY` says why. Stages
that differ in data, frame or length alone are run once.
"""

import gc
import importlib
import pkgutil
from fnmatch import fnmatchcase

import keras
import numpy as np
import pytest

from keras_saliency import backbones, build_model, list_models, model_card, models
from keras_saliency.backbones import dpn
from keras_saliency.backbones.adapters import encode
from keras_saliency.layers import Conv2D, GaussianBlur2D, Standardize
from keras_saliency.models import inpainting
from keras_saliency.registry.build import NETWORKS
from keras_saliency.training.adversarial import AdversarialTraining
from keras_saliency.training.recipe import stages
from keras_saliency.training.standardization import learn_standardization

pytestmark = pytest.mark.slow
MODULES = [
    importlib.import_module(f"{package.__name__}.{found.name}")
    for package in (backbones, models)
    for found in pkgutil.iter_modules(package.__path__)
]
STEPS = 3
# small trunks where the network takes another, and fewer of what there are many of; besides, every
# convolution has an eighth of its filters, so that minutes become seconds
LIGHTER = {
    "deepfix": {"location_filters": 32},
    "deepgaze2": {"encoder": "mobilenet"},
    "deepgaze2e": {"encoder": ["mobilenet"], "components": 1},
    "deepgaze3": {"encoder": "mobilenet", "components": 1},
    "eml_net": {"encoder": ["efficientnet_lite0"]},
    "fucos": {"fc_channels": 16},
    "pconv_unet": {"levels": 4},
    "saliency_lite": {"pretrained": False},
    "sam_resnet": {"encoder": "mobilenet", "steps": 2, "features": 32},
    "sam_vgg": {"steps": 2, "features": 32},
}
# DPN-131 with few blocks and an eighth of the channels, which it splits by number
DPN_STAGES, DPN_GROUPS = ((1, 32, 20, 2), (2, 64, 40, 4), (2, 128, 80, 4), (1, 256, 160, 16)), 5
# where the card's smallest size leaves a map of too few cells to learn
SIZES = {
    **dict.fromkeys(("deepgaze1", "deepgaze1_torch", "deepgaze2", "deepgaze3"), (128, 128)),
    **dict.fromkeys(("eml_net", "eml_net_resnet50", "eml_net_resnet50_combined"), (64, 64)),
    **dict.fromkeys(("inpainting_resnet101", "salicon"), (64, 64)),
    "pconv_unet": (32, 32),  # of fewer levels
    "sam_resnet": (32, 32),
}
# layers whose start is made positive: a last ReLU that is dead everywhere passes no gradient
POSITIVE = {
    "deepfix": ("*score*", "map*"),
    "deepgaze2": ("readout*",),
    "icf": ("readout*",),
    "icf_color": ("readout*",),
    **dict.fromkeys(
        ("ml_net", "ml_net_report", "ml_net_report_no_prior"), ("pre_final_conv", "int_conv")
    ),
    "sam_resnet": ("readout", "conv_priors*"),
    "sam_vgg": ("readout", "conv_priors*"),
}
# pattern of network/recipe/stage -> (pattern of weights that stay, reason)
STAYS = {
    "pdp/*": ("scores/bias", "a density does not change with it, but for rounding"),
    "eml_net_resnet50*": ("*_conv/bias", "a batch's mean takes it off again, but for rounding"),
}
RISES = {"salgan/*/game": "the players win by turns"}


def _networks():
    names = [name for kind in NETWORKS for name in list_models(kind=kind)]
    return [name for name in names if model_card(name).builder.startswith("keras_saliency.")]


@pytest.fixture(autouse=True)
def _free_networks():
    yield
    keras.backend.clear_session()
    gc.collect()


# taps of the thesis' trunks, for which there is no option: strides of MobileNet's in their place
TAPS = {
    "resnet101": {"conv5_block3_out": 32},
    "nasnet_large": {
        "reduction_concat_stem_2": 4,
        "reduction_concat_reduce_6": 8,
        "reduction_concat_reduce_12": 16,
        "normal_concat_18": 32,
    },
}


def lighter_encode(name, picture, *args, **options):
    """MobileNet in place of ResNet-101 and NASNet-Large in the thesis' networks."""
    if name not in TAPS:
        return encode(name, picture, *args, **options)
    trunk = encode("mobilenet", picture, *args)
    for tap, stride in TAPS[name].items():
        trunk.taps[tap] = trunk.tap(8 if "strides" in options else stride)
    return trunk


def _narrow(layer):
    class Narrow(layer):
        def __init__(self, filters, *args, **options):
            divided = filters >= 32 and filters % 8 == 0
            super().__init__(filters // 8 if divided else filters, *args, **options)

    return Narrow


def make_small(monkeypatch):
    """Networks of the same layers, and fewer weights."""
    monkeypatch.setattr(inpainting, "encode", lighter_encode)
    monkeypatch.setattr(dpn, "STAGES", DPN_STAGES)
    monkeypatch.setattr(dpn, "GROUPS", DPN_GROUPS)
    for kind in ("Conv2D", "Conv2DTranspose"):
        monkeypatch.setattr(keras.layers, kind, _narrow(getattr(keras.layers, kind)))
    narrow = _narrow(Conv2D)
    for module in MODULES:  # those that took ours by name
        if vars(module).get("Conv2D") is Conv2D and module is not dpn:
            monkeypatch.setattr(module, "Conv2D", narrow)


@pytest.mark.parametrize("name", _networks())
def test_three_steps_of_every_stage(name, monkeypatch):
    make_small(monkeypatch)
    seen, built = set(), {}
    for recipe, facts in model_card(name).recipes.items():
        given = {**facts.options, **LIGHTER.get(name, {})}
        key = repr(sorted(given.items()))
        if key not in built:
            keras.utils.set_random_seed(0)
            model = _start(build_model(name, input_shape=_size(name), **given))
            built = {key: (model, model.get_weights())}
        model, start = built[key]
        for stage in stages(model, recipe):
            if (what := (key, _training(stage.recipe))) not in seen:
                seen.add(what)
                model.set_weights(start)
                _three_steps(model, stage, f"{name}/{recipe}/{stage.recipe.name}")


def _training(recipe):
    """What decides on three steps."""
    parts = ("loss", "optimizer", "decay", "spared", "labels", "train", "freeze", "game")
    return repr([getattr(recipe, part) for part in (*parts, "faster")])


def _three_steps(model, stage, where):
    extra = {"features": _two_scales} if "PConv" in stage.recipe.loss else {}
    learner = stage.apply(model, **extra)
    _eager(model, learner)
    inputs = _inputs(model)
    outputs = model(inputs, training=False)
    outputs = outputs if isinstance(outputs, dict) else {"map": outputs}
    targets = {key: _targets(stage.loss, found) for key, found in outputs.items()}
    targets = targets if len(targets) > 1 else targets["map"]
    trained = {w.path: (w, _array(w)) for w in model.trainable_weights}
    frozen = [(layer, layer.get_weights()) for layer in _leaves(model) if not layer.trainable]
    if learner is model:
        values = [_step(model, inputs, targets) for _ in range(STEPS + 1)]
    else:
        steps = [learner.train_on_batch(inputs, targets) for _ in range(2 * STEPS)]
        values = [step[player] for step in steps for player in step]
    assert np.isfinite(values).all(), where
    still = {
        path
        for path, (weight, was) in trained.items()
        if (_array(weight) == was).all() and not _pushed(model, weight)
    }
    expected = _reason(STAYS, where)
    if expected is None:
        assert not still, f"{where}: {sorted(still)[:6]} do not move"
    else:
        assert all(fnmatchcase(path, expected[0]) for path in still), (where, sorted(still)[:6])
    if _reason(RISES, where) is None:
        assert values[-1] < values[0], f"{where}: {values}"
    for layer, was in frozen:
        for now, before in zip(layer.get_weights(), was, strict=True):
            np.testing.assert_array_equal(now, before, err_msg=f"{where}: {layer.name}")
    return [round(float(value), 6) for value in values]


def _step(model, inputs, targets):
    """The loss before one step; Keras would give the mean of all steps so far."""
    model.reset_metrics()
    return float(np.sum(model.train_on_batch(inputs, targets)))


def _pushed(model, weight):
    """Whether a step too small for float32 has at least left its mark in the velocity."""
    optimizer = model.optimizer
    slots = getattr(optimizer, "momentums", None) or getattr(optimizer, "_momentums", None)
    return bool(slots) and bool(_array(slots[optimizer._get_variable_index(weight)]).any())


def _size(name):
    return SIZES.get(name) or model_card(name).smallest_size or (16, 16)


def _start(model):
    """Weights whose signals neither die out nor end in a dead ReLU, as trained ones have them."""
    positive = POSITIVE.get(model.name, ())
    for layer in _leaves(model):
        if isinstance(layer, keras.layers.Dropout | keras.layers.SpatialDropout2D):
            layer.rate = 0.0
        if isinstance(layer, GaussianBlur2D):  # its width is made for a frame twelve times as large
            for weight in layer.weights:
                weight.assign(1.0)
        for weight in layer.weights:
            if weight.path.endswith("kernel") and len(weight.shape) >= 2:
                lively = weight * np.sqrt(2)  # He's size in Glorot's place
                of_head = any(fnmatchcase(layer.name, pattern) for pattern in positive)
                weight.assign(keras.ops.abs(lively) if of_head else lively)
    if any(isinstance(layer, Standardize) for layer in model.layers):
        learn_standardization(model, [_inputs(model)])
    return model


def _eager(model, learner):
    """TensorFlow traces a graph for longer than four steps take; JAX compiles sooner."""
    eager = keras.backend.backend() == "tensorflow"
    players = [model]
    if isinstance(learner, AdversarialTraining):
        players = [learner.against, learner.discriminator]
    for player in players:
        player.run_eagerly = eager


def _inputs(model):
    rng = np.random.default_rng(0)
    arrays = []
    for tensor in model.inputs:
        sides = tensor.shape[1:3] if tensor.shape[1] else _size(model.name)
        if tensor.name == "history":
            array = rng.random((4, *tensor.shape[1:])) * 16
        elif tensor.name == "centre_bias":
            array = np.full((4, *sides, 1), -np.log(sides[0] * sides[1]))
        elif tensor.name == "dataset":  # one picture of each
            array = np.arange(4)[:, None]
        elif tensor.name == "mask":
            array = rng.random((4, *sides, 3)) > 0.2
        else:
            array = rng.random((4, *sides, 3))
            array = array * 255 if model.inputs[-1].name == "centre_bias" else array
        arrays.append(array.astype(np.float32))
    return arrays if len(arrays) > 1 else arrays[0]


def _targets(loss, output):
    """Densities in 0..1 and fixations on a corner, which a network can learn in no time."""
    rng = np.random.default_rng(1)
    size = output.shape
    if loss.name == "pconv":
        mask = rng.random((*size[:3], 1)) > 0.2
        return np.concatenate([rng.random(size), mask], axis=-1).astype(np.float32)
    near = np.add.outer(np.arange(size[1]) / size[1], np.arange(size[2]) / size[2])[None, ..., None]
    density = np.exp(-2 * near) * np.ones(size) * rng.uniform(0.8, 1, size)
    fixated = (density > np.quantile(density, 0.8)).astype(np.float32)
    parts = [
        fixated if truth == "fixations" else density for truth in getattr(loss, "truth", ("map",))
    ]
    return np.concatenate(parts, axis=-1).astype(np.float32)


def _two_scales(pictures):
    return [pictures, keras.ops.average_pool(pictures, 2, 2, data_format="channels_last")]


def _reason(table, where):
    return next((why for key, why in table.items() if fnmatchcase(where, key)), None)


def _leaves(model):
    for layer in model.layers:
        yield from _leaves(layer) if hasattr(layer, "layers") else [layer]


def _array(weight):
    return np.array(keras.ops.convert_to_numpy(weight))
