import numpy as np
import pytest

pytest.importorskip("keras")

from keras_saliency.layers import Standardize


def layer(channels):
    made = Standardize()
    made.build((None, None, None, channels))
    return made


def test_it_learns_mean_and_deviation_of_each_channel_over_batches_of_any_size():
    rng = np.random.default_rng(0)
    batches = [rng.normal((3, -1), (2, 0.5), (2, h, 5, 2)) for h in (4, 9)]
    made = layer(2)
    made.learn(iter(batches))
    pixels = np.concatenate([b.reshape(-1, 2) for b in batches])
    for weight, wanted in zip(made.get_weights(), (pixels.mean(0), pixels.std(0)), strict=True):
        np.testing.assert_allclose(weight, wanted, rtol=1e-5)
    found = np.asarray(made(batches[0].astype("float32")))
    np.testing.assert_allclose(
        found, (batches[0] - pixels.mean(0)) / pixels.std(0), rtol=1e-4, atol=1e-5
    )


def test_a_channel_that_never_changes_keeps_its_scale():
    made = layer(1)
    made.learn([np.full((1, 2, 2, 1), 7.0)])
    assert np.asarray(made(np.full((1, 1, 1, 1), 8.0, "float32"))).item() == 1.0


def test_nothing_trains_and_nothing_cannot_be_learned():
    made = layer(3)
    assert not made.trainable_weights
    with pytest.raises(ValueError, match="no features"):
        made.learn([])
