"""Targets: what a loss asks for, at the size that the network gives."""

import numpy as np
import pytest

pytest.importorskip("keras")

import keras

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.density import DensitySpec, blur, count_map, density_of
from benchmark_kit.types import Fixations
from keras_saliency import losses
from keras_saliency.base.geometry import Geometry
from keras_saliency.data.targets import Targets, blurred, over_maximum, seen
from keras_saliency.data.view import View

RNG = np.random.default_rng(1)
SIZE = (45, 60)
FOUND = Fixations(RNG.uniform(0, 60, 70), RNG.uniform(0, 45, 70), SIZE)


def whole(frame, fit="squeeze"):
    return View.whole(Geometry(fit).plan(SIZE, frame))


@pytest.mark.parametrize("sigma", [2.0, None, 9.5])
def test_on_the_pictures_own_grid_the_density_is_the_kits(sigma):
    kit = density_of(FOUND, DensitySpec(sigma_px=sigma)).values
    np.testing.assert_allclose(blurred(whole(SIZE), FOUND, SIZE, sigma), kit, rtol=1e-9, atol=1e-15)


def test_on_a_coarse_grid_it_is_the_mean_of_the_kits():
    kit = density_of(FOUND, DensitySpec(sigma_px=3.0)).values
    means = kit.reshape(9, 5, 12, 5).mean(axis=(1, 3))
    np.testing.assert_allclose(blurred(whole(SIZE), FOUND, (9, 12), 3.0), means, rtol=1e-9)


def test_a_part_shows_the_whole_pictures_density():
    plan = Geometry().plan(SIZE, (15, 20))
    part = View(plan, 15.0, 20.0, 15.0, 20.0)
    kit = blur(count_map(FOUND), 3.0)
    np.testing.assert_allclose(blurred(part, FOUND, (15, 20), 3.0), kit[15:30, 20:40], rtol=1e-9)
    np.testing.assert_allclose(seen(part, kit, (15, 20)), kit[15:30, 20:40], rtol=1e-9)


def test_a_density_of_zeros_stays_zero():
    np.testing.assert_array_equal(over_maximum(np.zeros((2, 3))), np.zeros((2, 3)))


@pytest.mark.parametrize("name", [n for n in losses.__all__ if n[0].isupper() and n != "PConvLoss"])
def test_every_loss_takes_what_is_made_for_it(name):
    """The loss of a perfect map is finite, and its truth has the channels that it names."""
    picture = keras.Input((45, 60, 3), name="picture")
    output = keras.layers.Conv2D(1, 1, data_format="channels_last")(picture)
    loss = getattr(losses, name)()
    targets = Targets(keras.Model(picture, output), loss)
    view = whole(SIZE)
    (target,) = targets.of(view, FOUND, lambda grid: blurred(view, FOUND, grid, 6.0))
    names = getattr(loss, "truth", ("map",))
    assert target.shape == (*SIZE, len(names))
    for channel, asked in zip(np.moveaxis(target, -1, 0), names, strict=True):
        if asked == "fixations":
            np.testing.assert_array_equal(channel, count_map(FOUND))
        else:
            assert (channel.min() >= 0, channel.max()) == (True, 1)
    perfect = np.log(target[..., :1] + 1e-3) if name in ("LogLikelihood", "PDPLoss") else target
    found = loss(target[None].repeat(2, axis=0), perfect[None, ..., :1].repeat(2, axis=0))
    assert np.isfinite(np.asarray(found)).all()


def test_a_loss_without_a_truth_of_fixations_is_refused(network):
    model = network("icf", recipe="quick")

    class Odd(losses.MSILoss):
        truth = ("map", "depth")

    with pytest.raises(ConfigError, match=r"asks for 'depth'.*map, density, fixations"):
        Targets(model, Odd())
    with pytest.raises(ConfigError, match="compares pictures"):
        Targets(model, losses.PConvLoss(features=lambda x: [x]))
    with pytest.raises(ConfigError, match="is not compiled"):
        Targets(keras.Model(model.inputs, model.output))


def test_networks_of_several_maps_are_refused():
    picture = keras.Input((8, 8, 3))
    four = keras.Model(picture, keras.layers.Conv2D(4, 1, data_format="channels_last")(picture))
    four.map_names = ("16", "32", "64", "128")
    with pytest.raises(ConfigError, match=r"gives 4 maps \(16, 32, 64, 128\)"):
        Targets(four, "mse")


def test_outputs_of_open_size_are_found_without_running_the_network(network):
    salnet = Targets(network("salnet", recipe="paper"))
    assert salnet.grids((64, 96)) == [(64, 96)]
    icf = Targets(network("icf", recipe="quick"))
    assert icf.grids((70, 90)) == [(70, 90)]
