"""What inpainting networks learn from: hidden pictures, masks, and both as the target."""

import keras
import numpy as np
import pytest

from keras_saliency import build_model
from keras_saliency.inpainting.batches import InpaintingBatches
from keras_saliency.inpainting.features import perceptual_features
from keras_saliency.losses import PConvLoss
from keras_saliency.training.recipe import stages

PHOTOS = [np.random.default_rng(k).integers(0, 256, (40, 50, 3)).astype(np.uint8) for k in range(3)]


def test_hidden_pictures_are_zero_in_the_holes_and_the_target_holds_everything():
    batches = InpaintingBatches(PHOTOS, (32, 48), batch=2)
    assert len(batches) == 2
    for k, size in enumerate((2, 1)):
        (hidden, masks), target = batches[k]
        assert hidden.shape == masks.shape == (size, 32, 48, 3)
        assert target.shape == (size, 32, 48, 4)
        assert set(np.unique(masks)) == {0, 1}
        np.testing.assert_array_equal(masks, np.repeat(target[..., 3:], 3, axis=-1))
        np.testing.assert_array_equal(hidden, target[..., :3] * masks)
        assert 0 <= target.min() <= target.max() <= 1


def test_each_epoch_has_other_holes_and_the_same_seed_the_same():
    one, other = (InpaintingBatches(PHOTOS, (32, 32), batch=3, seed=5) for _ in range(2))
    for a, b in zip(keras.tree.flatten(one[0]), keras.tree.flatten(other[0]), strict=True):
        np.testing.assert_array_equal(a, b)
    before = one[0][0][1]
    one.on_epoch_end()
    assert (one[0][0][1] != before).any()
    seen = {tuple(one[0][1][k, ..., :3].ravel()[:5]) for k in range(3)}
    assert len(seen) == 3, "every picture once"


def test_no_pictures():
    with pytest.raises(ValueError, match="no pictures"):
        InpaintingBatches([], (32, 32), batch=2)


def test_features_have_the_range_that_the_loss_was_made_for():
    keras.utils.set_random_seed(0)
    features = perceptual_features(None)
    assert not features.trainable_weights
    picture = np.random.default_rng(0).random((1, 32, 32, 3)).astype("float32")
    found = [np.asarray(f) for f in features(picture)]
    assert [f.shape[1:] for f in found] == [(16, 16, 64), (8, 8, 128), (4, 4, 256)]
    inner = keras.Model(features.input, features.get_layer("block1_pool").output)
    np.testing.assert_allclose(found[0], np.asarray(inner(picture)) / (0.226 * 255), rtol=1e-5)
    colours = keras.Model(features.input, features.get_layer("colours").output)
    wanted = picture[..., ::-1] * 255 - np.array([103.939, 116.779, 123.68], np.float32)
    np.testing.assert_allclose(np.asarray(colours(picture)), wanted, atol=1e-3)


def test_training_sees_the_filling_and_predicting_the_composed_picture():
    keras.utils.set_random_seed(0)
    model = build_model("pconv_unet", input_shape=(32, 32), levels=3)
    batches = InpaintingBatches(PHOTOS, (32, 32), batch=3)
    inputs, target = batches[0]
    composed = np.asarray(model(list(inputs), training=False))
    valid = target[..., 3:] * np.ones(3) == 1
    np.testing.assert_array_equal(composed[valid], target[..., :3][valid])
    learn, tune = stages(model, "paper")
    learn.apply(model, features=lambda x: [x])
    assert isinstance(learn.loss, PConvLoss)
    assert float(model.optimizer.learning_rate) == pytest.approx(2e-4)
    raw = np.asarray(model(list(inputs), training=True))
    assert (raw[valid] != target[..., :3][valid]).mean() > 0.9
    tune.apply(model, features=lambda x: [x])
    assert float(model.optimizer.learning_rate) == pytest.approx(5e-5)
    frozen = {layer.name for layer in model.layers if layer.weights and not layer.trainable}
    assert frozen == {"encoder2_bn", "encoder3_bn"}
