"""Bad input of the pipeline: said before the first step where it can be, and by name."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("keras")

from benchmark_kit.datasets import get_dataset
from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.imaging.images import write_png
from benchmark_kit.types import Fixations, Truths
from keras_saliency.data import Augmentation, batches
from keras_saliency.losses import MSILoss


@pytest.fixture
def own(folder_set):
    """A data set whose files a test may break."""
    return folder_set


@pytest.fixture
def icf(network):
    return network("icf", recipe="quick")


def changed(truths, name, **fields):
    images = [replace(t, **fields) if t.name == name else t for t in truths]
    return replace(truths, images=tuple(images))


def test_one_picture_is_a_batch(truths, icf):
    found = batches(truths.subset(truths.names[:1]), icf, augment=Augmentation(crop=0.5))
    (picture, bias), counts = found.arrays(0, 0)
    assert (found.steps, len(picture), len(bias), len(counts)) == (1, 1, 1, 1)
    assert np.ptp(bias) < 1e-5  # of no other picture there is a bias


def test_a_set_without_fixations_is_refused(truths, icf):
    nobody = replace(truths, images=tuple(replace(t, fixations=None) for t in truths))
    with pytest.raises(InputError, match="none of its 7 pictures has fixations"):
        batches(nobody, icf)


def test_pictures_without_fixations_are_left_out_and_named(truths, icf):
    first = truths.names[0]
    none = Fixations(np.zeros(0), np.zeros(0), truths[first].size)
    with pytest.warns(UserWarning, match=f"1 pictures have no fixations and are left out: {first}"):
        found = batches(changed(truths, first, fixations=none), icf, batch_size=2)
    names = [name for step in range(found.steps) for name in found.names(0, step)]
    assert sorted(names) == sorted(truths.names[1:])


def with_density(own, values):
    truths = own.truths()
    for truth in truths:
        path = own.root / "densities" / f"{truth.name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_png(path, values(truth))
    return get_dataset("folder", own.root, cache=False)


def ramp(truth):
    return np.linspace(0, 200, truth.size[0] * truth.size[1]).reshape(truth.size).astype(np.uint8)


def test_a_shipped_density_is_the_target(own, icf):
    truths = with_density(own, ramp)
    found = batches(truths, icf, loss=MSILoss(), batch_size=1, shuffle=False)
    _, target = found.arrays(0, 1)
    size = truths[found.names(0, 1)[0]].size
    rows = target[0, :, :, 0]
    assert np.corrcoef(rows.mean(axis=1), np.arange(len(rows)))[0, 1] > 0.99
    assert rows[0].max() < 2 * 200 / size[0] / 200
    blurred = batches(truths, icf, loss=MSILoss(), batch_size=1, shuffle=False, sigma=3.0)
    assert np.abs(blurred.arrays(0, 1)[1] - target).max() > 0.3


def test_a_density_of_another_size_is_refused_before_the_first_step(own, icf):
    truths = with_density(own, ramp)
    name = truths.names[2]
    write_png(own.root / "densities" / f"{name}.png", np.ones((9, 11), np.uint8))
    with pytest.raises(InputError, match=r"(?s)a density of 11x9.*expected the picture's.*sigma="):
        batches(truths, icf, loss=MSILoss())
    batches(truths, icf, loss=MSILoss(), sigma=4.0)


def test_a_blank_density_is_named_with_its_batch(own, icf):
    truths = with_density(own, lambda truth: np.zeros(truth.size, np.uint8))
    found = batches(truths, icf, loss=MSILoss(), batch_size=2, shuffle=False)
    with pytest.raises(InputError, match=r"(?s)batch 0 of epoch 0, picture .*it is blank"):
        found.arrays(0, 0)


def test_labels_outside_the_picture_are_refused(truths, icf):
    with pytest.raises(ValueError, match="inside the image"):
        Fixations(np.array([70.0]), np.array([3.0]), (48, 64))
    name = truths.names[1]
    height, width = truths[name].size
    larger = Fixations(np.array([width + 9.0]), np.array([3.0]), (height + 20, width + 20))
    with pytest.raises(InputError, match=rf"(?s)another size.*{name}"):
        batches(changed(truths, name, fixations=larger), icf)


def test_a_stimulus_that_cannot_be_decoded_is_named_with_its_batch(own, icf):
    truths = own.truths()
    found = batches(truths, icf, batch_size=2, cache=False)
    step, name = 1, found.names(3, 1)[0]
    truths[name].stimulus.write_bytes(truths[name].stimulus.read_bytes()[:40])
    with pytest.raises(InputError, match=rf"(?s)batch {step} of epoch 3, picture {name}.*\.png"):
        found.arrays(3, step)
    with pytest.raises(Exception, match=f"picture {name}"):
        icf.fit(found.dataset(3), verbose=0)


def test_another_picture_in_the_stimulus_place_is_refused(own, icf):
    truths = own.truths()
    found = batches(truths, icf, batch_size=1, shuffle=False)
    write_png(truths[truths.names[0]].stimulus, np.zeros((20, 30, 3), np.uint8))
    with pytest.raises(InputError, match=r"(?s)a picture of 30x20.*expected"):
        found.arrays(0, 0)


def test_truths_without_a_stimulus_file_are_all_named(own, icf):
    truths = own.truths()
    truths[truths.names[1]].stimulus.unlink()
    with pytest.raises(
        InputError, match=rf"(?s)whose file is not there.*{truths.names[3]}"
    ) as said:
        batches(changed(truths, truths.names[3], stimulus=None), icf)
    assert f"{truths.names[1]}.png" in str(said.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "batches are made of a data set's truths"),
        ("osie", "batches are made of a data set's truths"),
        ({"a": 3}, "got int"),
    ],
)
def test_what_is_no_data_set_is_refused(icf, given, message):
    with pytest.raises(ConfigError, match=message):
        batches(given, icf)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size must be a whole number"),
        ({"steps": 1.5}, "steps must be a whole number"),
        ({"workers": -1}, "workers must be a whole number"),
        ({"cache": "tape"}, "cache must be True"),
        ({"weights": [1, 2]}, "weights must give a number above 0"),
        ({"weights": {"folder": 0}}, "weights must give a number above 0"),
        ({"weights": {"other": 1}}, "weights must give a number above 0"),
        ({"sigma": -1.0}, "folder: a width must be positive, got '-1.0'"),
        ({"centre_bias": {"osie": "uniform"}}, "centre_bias names osie"),
    ],
)
def test_wrong_options_are_refused(truths, icf, options, message):
    with pytest.raises(ConfigError, match=message):
        batches(truths, icf, **options)


def test_models_without_maps_are_refused(truths, network):
    from keras_saliency import build_model

    with pytest.raises(ConfigError, match="takes no pictures to give maps of"):
        batches(truths, network("pconv_unet", input_shape=(128, 128)), loss="mse")
    with pytest.raises(ConfigError, match="no batches can be made"):
        batches(truths, build_model("spectral_residual"))
    with pytest.raises(ConfigError, match="has the input 'fine'"):
        batches(truths, network("mr_cnn", recipe="quick"))


def test_steps_beyond_an_epoch_are_refused(truths, icf):
    found = batches(truths, icf)
    with pytest.raises(ConfigError, match="an epoch has the steps 0 to"):
        found.arrays(0, found.steps)


@pytest.mark.parametrize(
    "wrong", [{"mirror": 2}, {"crop": 0.0}, {"brightness": -1}, {"contrast": float("nan")}]
)
def test_augmentations_out_of_range_are_refused(wrong):
    with pytest.raises(ConfigError, match=f"{next(iter(wrong))} must be"):
        Augmentation(**wrong)


def test_two_sets_of_one_name_are_told_apart(truths, icf):
    found = batches([truths, truths], icf, batch_size=14)
    names = {name for step in range(found.steps) for name in found.names(0, step)}
    assert len(names) == 14
    assert isinstance(found.sources[1].truths, Truths)
