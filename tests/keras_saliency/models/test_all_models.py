"""What every network of the registry does, driven by its card."""

from contextlib import nullcontext

import keras
import numpy as np
import pytest

from keras_saliency import build_model, list_models, model_card
from keras_saliency.models.pconv_unet import ComposeInpainting
from keras_saliency.registry.build import NETWORKS
from keras_saliency.training.recipe import compile_recipe

LARGE = 60_000_000  # parameters
HEAVY = {  # many layers: more than three seconds even at the smallest size
    "deepgaze2",
    "deepgaze3",
    "densesal",
    "dsclrcn",
    "eml_net_resnet50_combined",
    "inpainting_deeplab_v2",
    "inpainting_resnet101",
    "mr_cnn",
    "sam_vgg",
}
# trunks of 80 M parameters take minutes to trace; their parts are the same over two small ones
LIGHTER = {
    "deepgaze2e": {"encoder": ["mobilenet", "efficientnet_lite0"]},
    "eml_net": {"encoder": ["mobilenet", "efficientnet_lite0"]},
    "saliency_lite": {"pretrained": False},  # the one that comes with weights
}
# where the trunk sees one cell the map is flat, and the norm of a flat map one of rounding errors
MANY_CELLS = {"deepgaze3": (128, 128)}
OURS = "keras_saliency.models."


def _names():
    return [
        name
        for kind in NETWORKS
        for name in list_models(kind=kind)
        if model_card(name).builder.startswith(OURS)
    ]


def _param(name, slow=frozenset()):
    marks = []
    if model_card(name).parameters > LARGE:
        marks = [pytest.mark.large]
    elif name in slow:
        marks = [pytest.mark.slow]
    return pytest.param(name, marks=marks)


@pytest.fixture(scope="module", params=[_param(name, HEAVY) for name in _names()])
def small(request, smallest):
    """Each network once, at its smallest size."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    return _build_small(request.param, smallest)


def _build_small(name, smallest):
    return build_model(name, input_shape=smallest(name), **LIGHTER.get(name, {}))


def _outputs(model, inputs):
    found = model(inputs, training=False)
    return found if isinstance(found, dict) else {"map": found}


def _array(tensor):
    return np.asarray(keras.ops.convert_to_numpy(tensor))


def _has_maps(model):
    return model.front is not None


@pytest.fixture(scope="module", params=[_param(name) for name in _names()])
def whole(request):
    """Each network's name and, once, the network at its default size."""
    keras.backend.clear_session()
    return request.param, build_model(request.param)


def test_the_card_has_the_counts(whole):
    name, model = whole
    card = model_card(name)
    trained = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert (model.count_params(), trained) == (card.parameters, card.trainable)
    assert model.card is card
    assert model.name == name


@pytest.mark.slow
def test_the_default_size_gives_a_map_at_the_cards_stride(whole, random_inputs):
    name, model = whole
    card = model_card(name)
    size = card.input_size
    inputs = random_inputs(model, size=size)
    if card.parameters > LARGE:  # its numbers are looked at in its small size
        inputs = keras.tree.map_structure(lambda x: keras.KerasTensor(x.shape), inputs)
    outputs = _outputs(model, inputs)
    if card.parameters <= LARGE:
        assert all(np.isfinite(_array(found)).all() for found in outputs.values())
    if "juntingnet" in name or "sam_" in name:  # a map of fixed size, and one larger than the input
        return
    assert card.output_stride, f"{card.origin}: state the output_stride"
    rows, columns = outputs["map"].shape[1:3]
    lost = 1 if name == "densesal" else 0  # its last pool has stride 1 and no padding
    wanted = tuple(-(-side // card.output_stride) for side in size)  # Caffe's pools round up
    assert (rows + lost, columns + lost) == wanted


def test_a_small_size_gives_finite_maps(small, random_inputs):
    inputs = random_inputs(small, batch=2)
    for found in _outputs(small, inputs).values():
        assert found.shape[0] == 2
        assert keras.backend.standardize_dtype(found.dtype) == "float32"
        assert np.isfinite(_array(found)).all()


def test_a_batch_gives_what_its_pictures_give_alone(small, random_inputs):
    size = MANY_CELLS.get(small.name)
    model = build_model(small.name, input_shape=size) if size else small
    inputs = random_inputs(model, batch=2)
    one = [x[1:] for x in inputs] if isinstance(inputs, list) else inputs[1:]
    both, alone = _outputs(model, inputs), _outputs(model, one)
    for key, found in both.items():
        wanted = _array(alone[key])[0]
        scale = max(1e-6, np.abs(wanted).max())
        np.testing.assert_allclose(_array(found)[1], wanted, atol=1e-4 * scale)


WEIGHTS_LOAD = """
import numpy as np
from keras_saliency.predict.predictor import open_predictor

model = open_predictor(path, allow_random_weights=True)
assert (model.name, model.entry["name"], model.random_weights) == (name, name, True)
held = np.load(arrays)
for k, weight in enumerate(model.get_weights()):
    np.testing.assert_array_equal(weight, held[f"w{k}"])
if "map" in held:
    wanted = held["map"]
    found = model.predict_map(held["picture"])
    np.testing.assert_allclose(found, wanted, atol=1e-5 * np.abs(wanted).max())
"""


def test_its_weights_alone_load_and_predict_in_another_process(small, tmp_path, in_fresh_process):
    path, arrays = tmp_path / "m.weights.h5", tmp_path / "arrays.npz"
    small.save_weights(path)
    held = {f"w{k}": weight for k, weight in enumerate(small.get_weights())}
    # a pass of the largest takes longest, and what leads to it is that of the others
    if _has_maps(small) and model_card(small.name).parameters <= LARGE:
        held["picture"] = np.random.default_rng(0).integers(0, 256, (40, 56, 3)).astype(np.uint8)
        with pytest.warns(UserWarning, match="random weights"):
            held["map"] = small.predict_map(held["picture"])
    np.savez(arrays, **held)
    in_fresh_process(WEIGHTS_LOAD, path=path, name=small.name, arrays=arrays)


PICTURES = {
    "gray": lambda rng: rng.integers(0, 256, (97, 131)).astype(np.uint8),
    "rgba": lambda rng: rng.integers(0, 256, (97, 131, 4)).astype(np.uint8),
    "unit floats": lambda rng: rng.random((97, 131, 3)),
    "one row": lambda rng: rng.integers(0, 256, (1, 131, 3)).astype(np.uint8),
    "one pixel": lambda rng: rng.integers(0, 256, (1, 1, 3)).astype(np.uint8),
}


def test_pictures_of_any_kind_get_maps_of_their_size(small):
    if not _has_maps(small):
        with pytest.raises(Exception, match="salbench inpainting-error"):
            small.predict_map(np.zeros((9, 9, 3), np.uint8))
        return
    scales = (4,) if model_card(small.name).output == "error maps" else ()
    rng = np.random.default_rng(0)
    # each new size is traced again: minutes for the largest, whose way in is that of the others
    kinds = ("gray", "one pixel") if model_card(small.name).parameters > LARGE else tuple(PICTURES)
    pictures = [PICTURES[kind](rng) for kind in kinds]
    with pytest.warns(UserWarning, match="random weights"):
        maps = list(small.predict_maps(pictures, batch_size=2))
    for kind, picture, found in zip(kinds, pictures, maps, strict=True):
        assert found.shape == (*picture.shape[:2], *scales), kind
        assert np.isfinite(found).all(), kind


def test_bfloat16_gives_finite_float32_maps(small, smallest, random_inputs):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = _build_small(small.name, smallest)
    finally:
        keras.config.set_dtype_policy(before)
    kinds = {keras.backend.standardize_dtype(w.dtype) for w in model.weights}
    whole = {kind for kind in kinds if kind.startswith("int")}  # counters of Keras' own layers
    assert kinds - whole == {"float32"}
    model.set_weights(small.get_weights())
    inputs = random_inputs(small)
    wanted = _outputs(small, inputs)
    for key, found in _outputs(model, inputs).items():
        assert keras.backend.standardize_dtype(found.dtype) == "float32"
        values = _array(found)
        assert np.isfinite(values).all()
        # a picture of random numbers through random weights: the right order is enough
        scale = max(1e-3, np.abs(_array(wanted[key])).max())
        assert np.abs(values - _array(wanted[key])).max() < scale


def test_one_step_of_its_own_loss_changes_what_trains_and_nothing_else(
    small, random_inputs, tmp_path, in_fresh_process
):
    # last of the module's tests: it changes the weights
    inputs = random_inputs(small, batch=2)
    frozen = [layer for layer in small.layers if layer.weights and not layer.trainable]
    held = [[w.copy() for w in layer.get_weights()] for layer in frozen]
    watched = [w for w in small.trainable_weights if w.path.endswith(("bias", "kernel"))][-2:]
    for weight in watched:  # a last ReLU that is dead everywhere would pass no gradient
        weight.assign(keras.ops.abs(weight))
    before = [_array(w.value).copy() for w in watched]
    extra = {} if _has_maps(small) else {"features": _two_scales}
    loss = compile_recipe(small, optimizer=keras.optimizers.Adam(1e-3), **extra)
    # JAX compiles a whole step sooner than each of its operations
    small.run_eagerly = keras.backend.backend() == "tensorflow"
    targets = {key: _targets(loss, found) for key, found in _outputs(small, inputs).items()}
    # its encoders' own combining layers lead nowhere, as in the original, and Keras says so
    unused = small.name == "eml_net_resnet50_combined"
    with pytest.warns(UserWarning, match="img_combined") if unused else nullcontext():
        value = small.train_on_batch(inputs, targets if len(targets) > 1 else targets["map"])
    assert np.isfinite(value).all()
    changed = [(_array(w.value) != was).any() for w, was in zip(watched, before, strict=True)]
    assert any(changed)
    for layer, was in zip(frozen, held, strict=True):
        for weight, old in zip(layer.get_weights(), was, strict=True):
            np.testing.assert_array_equal(weight, old)
    # a gigabyte of the largest, whose weights alone were loaded; PConv's loss holds a network of
    # the user's own
    if model_card(small.name).parameters <= LARGE and "features" not in extra:
        _loads_in_another_process(small, inputs, tmp_path, in_fresh_process)


TRAINED_LOAD = """
import keras
import numpy as np

model = keras.saving.load_model(path)
held = np.load(arrays)
given = [held[key] for key in sorted(held) if key.startswith("in")]
outputs = model(given if len(given) > 1 else given[0], training=False)
outputs = outputs if isinstance(outputs, dict) else {"map": outputs}
for key, found in outputs.items():
    right = held["out " + key]
    np.testing.assert_allclose(
        np.asarray(found), right, rtol=1e-4, atol=1e-5 * np.abs(right).max(), err_msg=key
    )
loss = next(iter(model.loss.values())) if isinstance(model.loss, dict) else model.loss
assert (type(loss).__name__, model.optimizer.name) == (loss_name, "adam")
assert int(model.optimizer.iterations) == steps
"""


def _loads_in_another_process(model, inputs, folder, in_fresh_process):
    """What was trained and saved whole, with its loss and optimizer, after `import keras_saliency`
    alone.
    """
    path, arrays = folder / "m.keras", folder / "arrays.npz"
    model.save(path)
    listed = inputs if isinstance(inputs, list) else [inputs]
    outputs = _outputs(model, inputs)
    np.savez(
        arrays,
        **{f"in{k}": array for k, array in enumerate(listed)},
        **{f"out {key}": _array(found) for key, found in outputs.items()},
    )
    loss = next(iter(model.loss.values())) if isinstance(model.loss, dict) else model.loss
    names = {"loss_name": type(loss).__name__, "steps": int(model.optimizer.iterations)}
    in_fresh_process(TRAINED_LOAD, path=path, arrays=arrays, **names)


def _two_scales(pictures):
    return [pictures, keras.ops.average_pool(pictures, 2, 2, data_format="channels_last")]


def _targets(loss, output):
    """What a loss learns from: densities in 0..1, fixations of 0 and 1, or a picture and a mask."""
    rng = np.random.default_rng(1)
    if loss.name == "pconv":
        mask = rng.random((*output.shape[:3], 1)) > 0.2
        return np.concatenate([rng.random(output.shape), mask], axis=-1).astype(np.float32)
    truth = getattr(loss, "truth", ("map",))
    parts = [
        rng.random(output.shape) > 0.8 if t == "fixations" else rng.random(output.shape)
        for t in truth
    ]
    return np.concatenate(parts, axis=-1).astype(np.float32)


def test_valid_pixels_stay_what_they_were_inside_the_composed_picture():
    picture = np.full((1, 2, 2, 3), 0.25, np.float32)
    mask = np.ones((1, 2, 2, 3), np.float32)
    mask[0, 0, 0] = 0
    found = _array(ComposeInpainting()([picture, mask, np.full_like(picture, np.nan)]))
    assert np.isnan(found[0, 0, 0]).all()
    np.testing.assert_array_equal(found[0, 1], picture[0, 1])
