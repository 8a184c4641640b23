"""Files that hold our classes load after `import keras_saliency` alone, in a new process."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from benchmark_kit.errors import InputError
from keras_saliency import addons, build_model, load_model, losses, metrics
from keras_saliency.addons import activations, optimizers, schedules
from keras_saliency.models._edn_features import COUNT
from keras_saliency.saved_names import PACKAGE
from keras_saliency.training import coupled_decay

EVERY_MODULE = """
import importlib, pkgutil, keras, keras_saliency
from keras_saliency.saved_names import PACKAGE, _StandIn, class_homes

known = keras.saving.get_custom_objects()
told = {f"{PACKAGE}>{name}" for name, _ in class_homes()}
stands = {name for name, item in known.items() if isinstance(item, _StandIn)}
assert stands == told, stands ^ told
for found in pkgutil.walk_packages(keras_saliency.__path__, "keras_saliency."):
    if not found.name.startswith("keras_saliency.commands"):
        importlib.import_module(found.name)
left = {name for name, item in known.items() if isinstance(item, _StandIn)}
assert not left, f"told and never registered: {left}"
ours = {name for name, item in known.items() if name.startswith(PACKAGE) and isinstance(item, type)}
assert ours == told, f"registered and never told: {ours - told}"
"""


def test_every_registered_class_is_told_and_no_other(in_fresh_process):
    in_fresh_process(EVERY_MODULE)


@pytest.mark.parametrize(
    "imports", ["import keras_saliency; import keras", "import keras; import keras_saliency"]
)
def test_the_order_of_imports_does_not_matter(imports):
    check = f"'{PACKAGE}>Maxout' in keras.saving.get_custom_objects()"
    code = f"import sys; {imports}; print({check}, 'keras_saliency.layers.maxout' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["True", "False"], done.stderr


def tiny(output_channels=1, activation="sigmoid"):
    inputs = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(output_channels, 3, padding="same")(inputs)
    return keras.Model(inputs, keras.layers.Activation(activation)(x))


def compiled_models():
    """Name and network of one file for every object of ours that a network can be saved with."""
    for name in losses.HOMES:
        if name[0].isupper() and name != "PConvLoss":  # it holds a network of the user's own
            yield name, tiny(), {"optimizer": "sgd", "loss": getattr(losses, name)()}
    focal = addons.SigmoidFocalCrossEntropy()
    yield "focal", tiny(), {"optimizer": "sgd", "loss": focal}
    pearson = addons.PearsonsCorrelation()
    yield "pearson", tiny(), {"optimizer": "sgd", "loss": "mse", "metrics": [pearson]}
    kept = [getattr(metrics, name)() for name in metrics.HOMES]
    yield "metrics", tiny(), {"optimizer": "sgd", "loss": "mse", "metrics": kept}
    for optimizer in (
        optimizers.LAMB(0.01),
        optimizers.MovingAverage(keras.optimizers.SGD(0.01)),
        optimizers.Lookahead(keras.optimizers.SGD(0.01)),
        keras.optimizers.SGD(schedules.CyclicalLearningRate(0.1, 0.2, 5)),
        coupled_decay.CoupledSGD(0.01, momentum=0.9, decay=1e-3, spared=["*/bias"]),
    ):
        yield f"optimizer {optimizer.name}", tiny(), {"optimizer": optimizer, "loss": "mse"}
    for name in ("lisht", "snake", "sparsemax"):
        yield name, tiny(2, getattr(activations, name)), None


LOAD = """
import keras
import numpy as np

held = np.load(arrays)
for name in names:
    model = keras.saving.load_model(f"{folder}/{name}.keras")
    found = np.asarray(model(held["in"]))
    np.testing.assert_allclose(found, held[name], rtol=1e-5, atol=1e-6, err_msg=name)
    if name + " value" in held:
        model.run_eagerly = True
        value = model.test_on_batch(held["in"], held[name + " truth"])
        np.testing.assert_allclose(value, held[name + " value"], rtol=1e-4, err_msg=name)
"""


@pytest.mark.slow
def test_own_networks_with_every_loss_metric_optimizer_and_activation(tmp_path, in_fresh_process):
    rng = np.random.default_rng(0)
    held = {"in": rng.random((2, 16, 16, 3)).astype("float32")}
    names = []
    for name, model, compiled in compiled_models():
        names.append(name)
        if compiled is not None:
            model.compile(**compiled, run_eagerly=True)
            kinds = getattr(compiled["loss"], "truth", ("map",))
            planes = [
                rng.random((2, 16, 16, 1)) > 0.9
                if kind == "fixations"
                else rng.random((2, 16, 16, 1))
                for kind in (("density", "fixations") if name == "metrics" else kinds)
            ]
            truth = np.concatenate(planes, axis=-1).astype("float32")
            held[f"{name} truth"] = truth
            held[f"{name} value"] = model.test_on_batch(held["in"], truth)
        model.save(tmp_path / f"{name}.keras")
        held[name] = np.asarray(model(held["in"]))
    np.savez(tmp_path / "arrays.npz", **held)
    in_fresh_process(LOAD, folder=tmp_path, arrays=tmp_path / "arrays.npz", names=names)


def fitted(kind):
    """An estimator that has learned random numbers, of options that are no defaults."""
    options = {"judd": {"seed": 3}, "edn": {"centred": False, "seed": 3}}.get(kind, {})
    model = build_model(kind, **options)
    rng = np.random.default_rng(0)
    shapes = {name: shape or (COUNT,) for name, shape in model.shapes.items()}
    model.learned = {name: 1 + rng.random(shape) for name, shape in shapes.items()}
    return model, options


LOAD_ESTIMATOR = """
import numpy as np
from keras_saliency import load_model

model = load_model(path)
assert (model.kind, model.options) == (kind, options), model.options
held = np.load(path)
for name, array in model.learned.items():
    np.testing.assert_array_equal(array, held[name])
"""


@pytest.mark.parametrize("kind", ["edn", "judd", "sun_dog"])
def test_an_estimator_with_its_options(kind, tmp_path, in_fresh_process):
    model, options = fitted(kind)
    model.save(tmp_path / "m.npz")
    in_fresh_process(LOAD_ESTIMATOR, path=tmp_path / "m.npz", kind=kind, options=options)


def test_an_estimator_over_a_network_of_the_users_own_says_so(tmp_path):
    picture = keras.Input((None, None, 3))
    tap = keras.layers.Conv2D(2, 3, 8, padding="same", name="tap")(picture)
    model = build_model("iseel", encoder=keras.Model(picture, tap))
    model.learned = {name: np.zeros(2) for name in model.shapes}
    model.save(tmp_path / "m.npz")
    with pytest.raises(InputError, match=r"learned with encoder of your own.*encoder=…, fitted="):
        load_model(tmp_path / "m.npz")
