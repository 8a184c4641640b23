"""Batches: pictures as the network frames them, targets that lie on them, the same for a seed."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras")

import keras

from benchmark_kit.imaging.density import DensitySpec, density_of
from keras_saliency.base.array_model import rgb_pixels
from keras_saliency.base.centre_bias import log_centre_bias
from keras_saliency.data import Augmentation, batches
from keras_saliency.losses import MSILoss, SAMLoss

ROOT = Path(__file__).resolve().parents[3]
STRONG = Augmentation(mirror=0.5, crop=0.6, brightness=0.1, contrast=0.2, saturation=0.3)


@pytest.fixture
def msi_net(network):
    return network("msi_net", input_shape=(64, 96), recipe="code")


def all_of(found, epoch=0):
    return [found.arrays(epoch, step) for step in range(found.steps)]


def digests(found, epochs=2):
    return [
        hashlib.sha256(np.asarray(part).tobytes()).hexdigest()
        for epoch in range(epochs)
        for batch in all_of(found, epoch)
        for part in keras.tree.flatten(batch)
    ]


def test_pictures_are_those_that_the_network_predicts_from(truths, msi_net):
    found = batches(truths, msi_net, batch_size=3, shuffle=False)
    for step in range(found.steps):
        inputs, _ = found.arrays(0, step)
        for picture, name in zip(inputs, found.names(0, step), strict=True):
            pixels = rgb_pixels(truths[name].stimulus, turned=False)
            # pictures are rounded to whole levels once they are scaled
            assert np.abs(picture - msi_net.preprocess(pixels)[0]).max() <= 0.5 + 1e-4


def test_densities_go_the_pictures_own_way(truths, network):
    dva = network("dva", input_shape=(64, 64))
    found = batches(truths, dva, loss=MSILoss(), batch_size=7, shuffle=False, sigma=8.0)
    _, targets = found.arrays(0, 0)
    for target, name in zip(targets["map"][..., 0], found.names(0, 0), strict=True):
        kit = density_of(truths[name].fixations, DensitySpec(sigma_px=8.0)).values
        plan = dva.front.geometry.plan(truths[name].size, dva.front.frame)
        # all pictures are enlarged, so that the kernel is the same
        framed = plan.into_frame(255 * kit[..., None] / kit.max())[..., 0]
        np.testing.assert_allclose(target, framed / framed.max(), atol=1e-5)
        assert (target.dtype, target.max()) == (np.float32, 1)


def test_padding_has_no_density_and_no_fixation(truths, network):
    sam = network("sam_vgg", input_shape=(64, 160), recipe="code")
    found = batches(truths, sam, batch_size=7, augment=STRONG)
    inputs, targets = found.arrays(0, 0)
    assert targets.shape == (7, 128, 320, 2)
    for target, picture in zip(targets, inputs, strict=True):
        outside = np.ptp(picture, axis=0).max(axis=-1) == 0  # columns of one colour
        assert outside.sum() > 60
        assert target[:, np.repeat(outside, 2)].max() == 0
        assert target[..., 0].max() == 1


def test_counts_are_of_the_points_that_the_plan_maps(truths, network):
    sam = network("sam_vgg", input_shape=(64, 160), recipe="code")
    found = batches(truths, sam, batch_size=4, augment=STRONG)
    for step in range(found.steps):
        _, targets = found.arrays(0, step)
        for target, points in zip(targets, found.points(0, step), strict=True):
            counts = np.zeros(target.shape[:2])
            np.add.at(counts, tuple(points.astype(int).T[::-1]), 1)
            np.testing.assert_array_equal(target[..., 1], counts)
            assert counts.sum() > 0


def test_everything_of_a_sample_is_mirrored_and_cut_together(tmp_path, network):
    """A picture that is bright where people look stays bright there, however it is changed."""
    from benchmark_kit.imaging.images import write_png
    from benchmark_kit.types import Fixations, GroundTruth, Truths

    rng = np.random.default_rng(3)
    images = []
    for k in range(4):
        size = (60, 80)
        centre = rng.uniform(0.2, 0.8, 2) * (80, 60)
        points = np.clip(rng.normal(centre, 4, (60, 2)), 0, (79, 59))
        found = Fixations(points[:, 0], points[:, 1], size)
        values = density_of(found, DensitySpec(sigma_px=5.0)).values
        gray = np.rint(255 * values / values.max()).astype(np.uint8)
        path = tmp_path / f"{k}.png"
        write_png(path, np.repeat(gray[..., None], 3, axis=2))
        images.append(GroundTruth(str(k), size, found, stimulus=path))
    icf = network("icf", recipe="quick")
    made = batches(
        Truths("drawn", tuple(images)),
        icf,
        loss=SAMLoss(),
        batch_size=4,
        sigma=5.0,
        augment=Augmentation(crop=0.5),
    )
    mirrored = set()
    for epoch in range(3):
        (pictures, priors), targets = made.arrays(epoch, 0)
        for place, (picture, target) in enumerate(zip(pictures, targets, strict=True)):
            bright = picture.mean(axis=-1)
            assert np.corrcoef(bright.ravel(), target[..., 0].ravel())[0, 1] > 0.97
            y, x = np.nonzero(target[..., 1])
            assert bright[y, x].mean() > 2 * bright.mean()
            view = made.pictures.view(
                made.sources[0].images[int(made.names(epoch, 0)[place])],
                made._random(epoch, 0, place),
            )
            mirrored.add(view.mirrored)
        assert np.abs(np.exp(priors).sum(axis=(1, 2)) - 1).max() < 1e-4
    assert mirrored == {True, False}


def test_a_seed_gives_the_same_batches_and_another_others(truths, msi_net):
    options = {"batch_size": 3, "augment": STRONG}
    first = digests(batches(truths, msi_net, seed=1, **options))
    assert digests(batches(truths, msi_net, seed=1, cache=False, workers=1, **options)) == first
    assert not set(digests(batches(truths, msi_net, seed=2, **options))) & set(first)
    assert len(set(first)) == len(first)


def test_every_epoch_shows_every_picture_once_in_another_order(truths, msi_net):
    found = batches(truths, msi_net, batch_size=2)
    epochs = [
        [name for step in range(found.steps) for name in found.names(epoch, step)]
        for epoch in range(3)
    ]
    assert found.steps == 4
    assert all(sorted(names) == sorted(truths.names) for names in epochs)
    assert len({tuple(names) for names in epochs}) == 3
    plain = batches(truths, msi_net, batch_size=2, shuffle=False)
    assert plain.names(0, 0) == plain.names(5, 0) == truths.names[:2]


def test_pictures_of_one_batch_have_one_frame(truths, network):
    salnet = network("salnet", recipe="paper")
    found = batches(truths, salnet, batch_size=2)
    shapes = set()
    names = []
    for step in range(found.steps):
        inputs, targets = found.arrays(0, step)
        assert inputs.shape[:3] == targets.shape[:3]
        shapes.add(inputs.shape[1:3])
        names += found.names(0, step)
    assert len(shapes) == 2
    assert sorted(names) == sorted(truths.names)


def test_networks_with_several_outputs_get_a_target_for_each(truths, network):
    dva = network("dva", input_shape=(64, 64))
    found = batches(truths, dva, loss=MSILoss(), batch_size=2)
    _, targets = found.arrays(0, 0)
    assert list(targets) == list(dva.output)
    assert {target.shape for target in targets.values()} == {(2, 64, 64, 1)}


def test_labels_have_the_range_that_the_network_learns(truths, network):
    signed = batches(truths, network("juntingnet", recipe="code"), batch_size=7)
    unit = batches(truths, network("juntingnet", recipe="code", label_range="unit"), batch_size=7)
    low, high = signed.arrays(0, 0)[1], unit.arrays(0, 0)[1]
    np.testing.assert_allclose(low, 2 * high - 1, atol=1e-6)
    assert low.shape == (7, 48, 48, 1)


def test_probabilistic_networks_get_the_bias_of_the_other_pictures(truths, network):
    icf = network("icf", recipe="quick")
    found = batches(truths, icf, batch_size=1, shuffle=False)
    (picture, own), counts = found.arrays(0, 0)
    assert picture.shape[:3] == own.shape[:3] == counts.shape[:3]
    assert abs(np.exp(own).sum() - 1) < 1e-4
    without = batches(
        truths.subset(truths.names[1:]), icf, batch_size=1, shuffle=False
    ).centre_bias["folder"]
    wanted = log_centre_bias(without, own.shape[1:3])
    assert np.corrcoef(np.exp(own).ravel(), np.exp(wanted).ravel())[0, 1] > 0.99
    flat = batches(truths, icf, batch_size=1, centre_bias="uniform").arrays(0, 0)[0][1]
    assert np.ptp(flat) < 1e-5
    validation = batches(truths, icf, centre_bias=found.centre_bias)
    assert validation.centre_bias == found.centre_bias


def test_scanpath_networks_learn_one_fixation_from_those_before(truths, network):
    model = network("deepgaze3", encoder="mobilenet", components=2, recipe="scanpath")
    found = batches(truths, model, batch_size=1, augment=Augmentation(mirror=1.0))
    seen = set()
    for epoch in range(6):
        (_, _, history), counts = found.arrays(epoch, 0)
        assert history.shape == (1, 4, 2)
        assert counts.sum() == 1
        known = int(np.isfinite(history[0, :, 0]).sum())
        seen.add(known)
        (name,) = found.names(epoch, 0)
        y, x = (int(k[0]) for k in np.nonzero(counts[0, ..., 0]))
        fixations = truths[name].fixations
        height, width = truths[name].size
        scale = counts.shape[2] / width
        # the observer's fixation before it, mirrored with the picture
        place = np.argmin(
            np.abs((width - np.floor(fixations.x) - 0.5) * scale - x - 0.5)
            + np.abs((np.floor(fixations.y) + 0.5) * counts.shape[1] / height - y - 0.5)
        )
        if known:
            before = (width - 1 - fixations.x[place - 1]) * scale
            assert history[0, 0, 0] == pytest.approx(before, abs=1e-3)
        assert known == min(4, fixations.order[place])
    assert len(seen) > 1


def test_several_sets_are_mixed_by_their_weights(truths, make_folder_set, tmp_path, msi_net):
    other = make_folder_set(tmp_path, images=3, seed=5).truths()
    found = batches(
        {"a": truths, "b": other}, msi_net, batch_size=4, weights={"a": 1, "b": 3}, steps=5
    )
    epochs = [
        [name for step in range(5) for name in found.names(epoch, step)] for epoch in range(3)
    ]
    for names in epochs:
        assert sum(name.startswith("a/") for name in names) == 5
        assert sum(name.startswith("b/") for name in names) == 15
    # every picture of b comes five times an epoch, and those of a one after the other
    assert {epochs[0].count(f"b/{name}") for name in other.names} == {5}
    of_a = [name for names in epochs for name in names if name.startswith("a/")]
    assert {of_a.count(f"a/{name}") for name in truths.names} == {2, 3}
    unweighted = batches([truths, other], msi_net, batch_size=4)
    names = [name for step in range(unweighted.steps) for name in unweighted.names(0, step)]
    assert len(set(names)) == len(names) == 10
    assert {name.partition("/")[0] for name in names} == {"folder", "folder2"}


def test_fit_reads_each_epoch_of_its_own(truths, network):
    icf = network("icf", recipe="quick")
    found = batches(truths, icf, batch_size=3, augment=STRONG)
    asked = []
    original = found.arrays
    found.arrays = lambda epoch, step: asked.append((epoch, step)) or original(epoch, step)
    icf.fit(found, epochs=4, initial_epoch=2, verbose=0)
    whole = [(epoch, step) for epoch in (2, 3) for step in range(found.steps)]
    assert asked[-len(whole) :] == whole


def test_a_plain_keras_model_goes_through_the_epochs_too(truths, msi_net):
    found = batches(truths, msi_net, batch_size=3)
    plain = keras.Sequential(
        [keras.Input((64, 96, 3)), keras.layers.Conv2D(1, 1, data_format="channels_last")]
    )
    plain.compile("sgd", "mse")
    asked = []
    original = found.arrays
    found.arrays = lambda epoch, step: asked.append((epoch, step)) or original(epoch, step)
    plain.fit(found, epochs=3, verbose=0)
    last = 2 * found.steps
    assert {epoch for epoch, _ in asked[-last:]} == {1, 2}
    assert set(asked) >= {(epoch, step) for epoch in range(3) for step in range(found.steps)}


def test_one_epoch_as_the_backend_takes_it(truths, network):
    icf = network("icf", recipe="quick")
    found = batches(truths, icf, batch_size=3, augment=STRONG)
    for epoch in (0, 3):
        data = list(found.dataset(epoch))
        assert len(data) == found.steps
        for step, batch in enumerate(data):
            wanted = keras.tree.flatten(found.arrays(epoch, step))
            for have, want in zip(keras.tree.flatten(batch), wanted, strict=True):
                np.testing.assert_array_equal(np.asarray(have), want)
    icf.fit(found.dataset(1), verbose=0)


def test_features_are_standardised_by_the_batches_inputs(truths, network):
    from keras_saliency.layers.standardize import Standardize
    from keras_saliency.training.standardization import learn_standardization

    icf = network("icf", recipe="quick")
    found = batches(truths, icf, batch_size=3)
    learn_standardization(icf, found.inputs())
    (layer,) = [each for each in icf.layers if isinstance(each, Standardize)]
    features = keras.Model(icf.input, layer.output)
    values = np.concatenate(
        [
            np.asarray(features(inputs, training=False)).reshape(-1, layer.output.shape[-1])
            for inputs in found.inputs()
        ]
    )
    np.testing.assert_allclose(values.mean(axis=0), 0, atol=0.02)


DIGESTS = """
import hashlib, json, sys
import numpy as np
import keras
from benchmark_kit.datasets import get_dataset
from keras_saliency import build_model
from keras_saliency.data import Augmentation, batches

truths = get_dataset("folder", sys.argv[1], cache=False)
model = build_model("icf", recipe="quick")
found = batches(truths, model, batch_size=2, seed=4, augment=Augmentation(crop=0.6, contrast=0.2))
digests = [
    hashlib.sha256(np.asarray(part).tobytes()).hexdigest()
    for epoch in (0, 1)
    for batch in found.dataset(epoch)
    for part in keras.tree.flatten(batch)
]
network = build_model("juntingnet", recipe="code")
learned = batches(truths, network, batch_size=4)
asked, arrays = [], learned.arrays
learned.arrays = lambda epoch, step: asked.append((epoch, step)) or arrays(epoch, step)
network.fit(learned, epochs=3, initial_epoch=1, verbose=0)
kind = type(found.dataset(0)).__module__.split(".")[0]
print(json.dumps([kind, digests, asked[-2 * learned.steps :]]))
"""


@pytest.mark.slow
@pytest.mark.jax
def test_tensorflow_and_jax_are_given_the_same_samples(generated):
    pytest.importorskip("jax")
    made = {}
    for backend in ("tensorflow", "jax"):
        environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", DIGESTS, str(generated.root)],
            capture_output=True,
            text=True,
            env=environment,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        kind, made[backend], asked = json.loads(done.stdout.splitlines()[-1])
        assert asked == [[1, 0], [1, 1], [2, 0], [2, 1]]
        assert kind == {"tensorflow": "tensorflow", "jax": "keras_saliency"}[backend]
    assert made["tensorflow"] == made["jax"]
    assert len(made["jax"]) == 3 * 8
