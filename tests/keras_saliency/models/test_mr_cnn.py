"""Mr-CNN: its streams, the patches of a point, the grid, and points to learn from."""

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency import build_model
from keras_saliency.models.mr_cnn import LEAST_SHARED, _cut, labelled_points, patches_at


def test_every_stream_has_the_papers_sizes():
    model = build_model("mr_cnn")
    assert [tensor.name for tensor in model.inputs] == ["fine", "middle", "coarse"]
    for scale in ("fine", "middle", "coarse"):
        layers = [layer for layer in model.layers if layer.name.startswith(f"{scale}_")]
        assert sum(layer.count_params() for layer in layers) == 1_895_232
        sides = [model.get_layer(f"{scale}_{n}").output.shape[1] for n in ("conv1", "pool1")]
        assert sides == [36, 18]
        assert model.get_layer(f"{scale}_pool3").output.shape[1:] == (3, 3, 288)
    assert model.output_shape == (None, 1, 1, 1)


def test_patches_lie_around_the_same_relative_point_and_repeat_the_edge():
    rows, columns = np.meshgrid(np.arange(400.0), np.arange(400.0), indexing="ij")
    picture = np.stack([rows, columns, rows * 0], axis=-1).astype(np.float32)
    points = np.array([[0.5, 0.25], [0.0, 1.0]])
    found = patches_at(picture, points)
    assert [patch.shape for patch in found] == [(2, 42, 42, 3)] * 3
    np.testing.assert_array_equal(found[0][0, :, 0, 0], np.arange(200 - 21, 200 + 21))
    np.testing.assert_array_equal(found[0][0, 0, :, 1], np.arange(100 - 21, 100 + 21))
    np.testing.assert_array_equal(found[0][1, :22, 5, 0], 0)
    np.testing.assert_array_equal(found[0][1, :, -20:, 1], 399)
    for patch, side in zip(found, (400, 250, 150), strict=True):
        # a pixel of the small picture is the mean of 400/side rows
        middle = (side / 2 + 0.5) * 400 / side - 0.5
        assert patch[0, 21, 0, 0] == pytest.approx(middle, abs=0.51)
        assert patch[0, 31, 0, 0] - patch[0, 21, 0, 0] == pytest.approx(4000 / side, rel=0.03)


def test_a_map_is_the_network_at_the_points_of_the_grid():
    model = build_model("mr_cnn", grid=4)
    rng = np.random.default_rng(0)
    for layer in model.layers:
        layer.set_weights([rng.normal(0, 0.06, w.shape) for w in layer.get_weights()])
    picture = rng.normal(size=(400, 400, 3)).astype(np.float32)
    (found,) = model._raw_maps(picture[None], model.predict_on_batch)
    assert found.shape == (4, 4)
    assert np.ptp(found) > 1e-3
    for row, column in ((0, 3), (2, 1)):
        point = np.array([[(row + 0.5) / 4, (column + 0.5) / 4]])
        alone = model(patches_at(picture, point), training=False)
        assert found[row, column] == pytest.approx(float(np.squeeze(alone)), rel=1e-4)


@pytest.mark.parametrize("grid", [6, 9])
def test_a_picture_at_once_is_judged_as_its_patches_are(grid):
    model = build_model("mr_cnn", grid=grid)
    rng = np.random.default_rng(grid)
    for layer in model.layers:
        scale = 0.002 if layer.name == "fixated" else 0.06  # else every answer is 0 or 1
        layer.set_weights([rng.normal(0, scale, w.shape) for w in layer.get_weights()])
    # patches begin at even and odd pixels, at even and odd distances: in every group of each pool
    scales = [rng.normal(size=(side + 42, side + 42, 3)) for side in (41, 29, 19)]
    scales = [values.astype(np.float32) for values in scales]
    places = (np.arange(grid) + 0.5) / grid
    points = np.stack(np.meshgrid(places, places, indexing="ij"), axis=-1).reshape(-1, 2)
    expected = model.predict_on_batch(_cut(scales, points)).reshape(-1)
    assert np.ptp(expected) > 1e-3
    found = model._judged(scales, places)
    np.testing.assert_allclose(found.reshape(-1), expected, atol=1e-4 * np.ptp(expected))


@pytest.mark.slow
def test_a_fine_grid_is_judged_at_once():
    model = build_model("mr_cnn", grid=LEAST_SHARED)
    rng = np.random.default_rng(0)
    for layer in model.layers:
        scale = 0.002 if layer.name == "fixated" else 0.06  # else every answer is 0 or 1
        layer.set_weights([rng.normal(0, scale, w.shape) for w in layer.get_weights()])
    picture = rng.normal(size=(400, 400, 3)).astype(np.float32)
    (found,) = model._raw_maps(picture[None], model.predict_on_batch)
    for row, column in ((0, 3), (19, 19), (7, 12)):
        point = np.array([[(row + 0.5) / LEAST_SHARED, (column + 0.5) / LEAST_SHARED]])
        alone = model(patches_at(picture, point), training=False)
        assert found[row, column] == pytest.approx(float(np.squeeze(alone)), rel=1e-4)


def test_the_map_is_blurred_by_a_share_of_the_longer_side():
    model = build_model("mr_cnn", grid=4)
    _, plan = model.preprocess(np.zeros((100, 200, 3), np.uint8))
    raw = np.zeros((4, 4), np.float32)
    raw[:, :2] = 1
    found = model.front.finish(raw, plan)
    unblurred = plan.onto_image(raw)
    assert found.shape == (100, 200)
    steepest = [np.abs(np.diff(values, axis=1)).max() for values in (unblurred, found)]
    assert steepest[1] < 0.99 * steepest[0]
    np.testing.assert_allclose(found.mean(), unblurred.mean(), rtol=1e-3)


def test_points_to_learn_from_are_where_many_looked_or_few():
    rows, columns = np.meshgrid(np.arange(30), np.arange(40), indexing="ij")
    density = np.exp(-((rows - 10) ** 2 + (columns - 25) ** 2) / 50)
    points, labels = labelled_points(density, 5, seed=0)
    assert labels.shape == (15, 1, 1, 1)
    assert labels.sum() == 5
    at = density[tuple((points * density.shape).astype(int).T)]
    assert (at[labels.ravel() == 1] > 0.9).all()
    assert (at[labels.ravel() == 0] < 0.1).all()
    again, _ = labelled_points(density, 5, seed=0)
    np.testing.assert_array_equal(again, points)
    assert (
        len(labelled_points(density, 10_000, seed=0)[0])
        == ((density > 0.9) | (density < 0.1)).sum()
    )


def test_other_patches_and_grids_of_one_point_are_refused():
    with pytest.raises(ConfigError, match="42x42"):
        build_model("mr_cnn", input_shape=(48, 48))
    with pytest.raises(ConfigError, match="and 1"):
        build_model("mr_cnn", grid=1)
