"""SalGAN's game: who learns when, what is minimised, what stays as it was."""

import keras
import numpy as np
import pytest

from keras_saliency.models.salgan import discriminator
from keras_saliency.training.adversarial import AdversarialTraining

SIZE = (32, 32)
MEAN = np.float32([103.939, 116.779, 123.68])


@pytest.fixture
def generator():
    picture = keras.Input((*SIZE, 3))
    x = keras.layers.Conv2D(1, 3, padding="same", activation="sigmoid")(picture)
    return keras.Model(picture, x)


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    rgb = rng.uniform(0, 255, (4, *SIZE, 3)).astype(np.float32)
    return rgb, rgb[..., ::-1] - MEAN, rng.random((4, *SIZE, 1)).astype(np.float32)


def weights(model):
    return [np.array(weight) for weight in model.get_weights()]


def changed(before, after):
    return [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]


def cross_entropy(p, label):
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return -(label * np.log(p) + (1 - label) * np.log(1 - p))


def judge(model, maps, rgb):
    return np.asarray(model.predict_on_batch(np.concatenate([maps, rgb], axis=-1)))


def test_the_discriminator_comes_first_and_they_take_turns(generator, batch):
    rgb, pictures, maps = batch
    judge_net = discriminator(SIZE)
    game = AdversarialTraining(generator, judge_net)
    own, other = weights(judge_net), weights(generator)
    fakes = np.asarray(generator.predict_on_batch(pictures))
    real, fake = judge(judge_net, maps, rgb), judge(judge_net, fakes, rgb)
    said = game.train_on_batch(pictures, maps)
    wanted = (cross_entropy(real, 1).mean() + cross_entropy(fake, 0).mean()) / 2
    assert said == {"discriminator": pytest.approx(wanted, rel=1e-4)}
    assert any(changed(own, weights(judge_net)))
    assert not any(changed(other, weights(generator)))

    own, fakes = weights(judge_net), np.asarray(generator.predict_on_batch(pictures))
    said = game.train_on_batch(pictures, maps)
    pooled = [v.reshape(4, 8, 4, 8, 4).mean(axis=(2, 4)) for v in (maps[..., 0], fakes[..., 0])]
    content = cross_entropy(pooled[1], pooled[0]).mean()
    wanted = cross_entropy(judge(judge_net, fakes, rgb), 1).mean() + 0.05 * content
    assert said == {"generator": pytest.approx(wanted, rel=1e-4)}
    assert all(changed(other, weights(generator)))
    assert not any(changed(own, weights(judge_net)))
    assert list(game.train_on_batch(pictures, maps)) == ["discriminator"]


def test_they_still_take_turns_when_the_batch_changes_size(generator, batch):
    _, pictures, maps = batch
    judge_net = discriminator(SIZE)
    game = AdversarialTraining(generator, judge_net)
    for size in (4, 4, 3, 3, 2, 2):
        before = weights(judge_net), weights(generator)
        (learner,) = game.train_on_batch(pictures[:size], maps[:size])
        moved = [
            any(changed(*pair))
            for pair in zip(before, (weights(judge_net), weights(generator)), strict=True)
        ]
        assert moved == [learner == "discriminator", learner == "generator"]


def test_the_content_weight_is_an_argument(generator, batch):
    _, pictures, maps = batch
    judge_net = discriminator(SIZE)
    for name in ("fc4", "fc5", "probability"):
        layer = judge_net.get_layer(name)
        layer.set_weights([0 * weight for weight in layer.get_weights()])
    found = {}
    for alpha in (0.0, 1.0):
        game = AdversarialTraining(generator, judge_net, alpha, lambda: keras.optimizers.SGD(0.0))
        game.train_on_batch(pictures, maps)
        found[alpha] = game.train_on_batch(pictures, maps)["generator"]
    # an undecided judge says .5
    assert found[0.0] == pytest.approx(np.log(2), rel=1e-5)
    assert found[1.0] > found[0.0] + 0.5
