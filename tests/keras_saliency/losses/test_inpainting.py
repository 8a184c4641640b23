"""The loss of partial convolutions: each term by hand, its variations, and degenerate images."""

import keras
import numpy as np
import pytest

from keras_saliency.losses import PConvLoss
from keras_saliency.losses.inpainting import total_variation

ALONE = {"valid": 0.0, "hole": 0.0, "perceptual": 0.0, "style": 0.0, "tv_weight": 0.0}


@keras.saving.register_keras_serializable(package="tests")
def no_features(images):
    """No feature maps: perceptual and style terms vanish."""
    return []


@keras.saving.register_keras_serializable(package="tests")
def two_features(images):
    """The image, and its halved sums of neighbours with one more channel."""
    pooled = keras.ops.average_pool(images, 2, 2, "valid", data_format="channels_last")
    return [images, keras.ops.concatenate([pooled, pooled[..., :1] ** 2], axis=-1)]


def features_in_numpy(images):
    b, h, w, c = images.shape
    pooled = images.reshape(b, h // 2, 2, w // 2, 2, c).mean(axis=(2, 4))
    return [images, np.concatenate([pooled, pooled[..., :1] ** 2], axis=-1)]


def only(term, features=two_features, **options):
    return PConvLoss(features, **{**ALONE, term: 1.0}, **options)


@pytest.fixture
def images():
    """Truth, mask with a hole of 4x3 in every image, output; two images of 8x10."""
    rng = np.random.default_rng(6)
    truth, output = rng.random((2, 2, 8, 10, 3)).astype(np.float32)
    mask = np.ones((2, 8, 10, 1), np.float32)
    mask[:, 2:6, 5:8] = 0
    return truth, mask, output


def compose(truth, mask, output):
    return mask * truth + (1 - mask) * output


def given(truth, mask):
    return np.concatenate([truth, mask], axis=-1)


def test_worked_example():
    truth, mask = np.zeros((1, 2, 2, 3), np.float32), np.ones((1, 2, 2, 1), np.float32)
    mask[0, 0, 0] = 0
    y_true, output = given(truth, mask), truth + 1
    values = {
        term: float(only(term, no_features)(y_true, output))
        for term in ("valid", "hole", "tv_weight")
    }
    assert values == pytest.approx({"valid": 0.75, "hole": 0.25, "tv_weight": 0.5})
    for tv in ("global", "masked_product"):
        assert float(only("tv_weight", no_features, tv=tv)(y_true, output)) == pytest.approx(1)


def test_pixel_terms_are_means_over_the_whole_image(images):
    truth, mask, output = images
    error = np.abs(output - truth)
    assert float(only("valid")(given(truth, mask), output)) == pytest.approx(
        (mask * error).mean(), rel=1e-6
    )
    assert float(only("hole")(given(truth, mask), output)) == pytest.approx(
        ((1 - mask) * error).mean(), rel=1e-6
    )


def test_perceptual_term_compares_output_and_composition(images):
    truth, mask, output = images
    wanted = features_in_numpy(truth)
    expected = sum(
        np.abs(have - want).mean()
        for made in (output, compose(*images))
        for have, want in zip(features_in_numpy(made), wanted, strict=True)
    )
    assert float(only("perceptual")(given(truth, mask), output)) == pytest.approx(
        expected, rel=1e-5
    )


def test_style_term_compares_gram_matrices(images):
    truth, mask, output = images

    def gram(features):
        count = features[0].size
        return np.einsum("bhwc,bhwd->bcd", features, features) / count

    wanted = [gram(f) for f in features_in_numpy(truth.astype(float))]
    expected = sum(
        np.abs(gram(have) - want).mean()
        for made in (output, compose(*images))
        for have, want in zip(features_in_numpy(made.astype(float)), wanted, strict=True)
    )
    assert float(only("style")(given(truth, mask), output)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("tv", ["paper", "global", "masked_product"])
def test_total_variation_pixel_by_pixel(images, tv):
    image, mask = compose(*images)[0].astype(float), images[1][0, ..., 0]
    rows, columns = mask.shape
    grown = np.zeros_like(mask, dtype=bool)
    for i, j in np.argwhere(mask == 0):
        grown[max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2] = True
    if tv == "masked_product":
        image = image * grown[..., None]
    sums = {"down": [], "right": []}
    for i in range(rows):
        for j in range(columns):
            for way, (a, b) in {"down": (i + 1, j), "right": (i, j + 1)}.items():
                if a < rows and b < columns:
                    difference = np.abs(image[a, b] - image[i, j])
                    both = grown[i, j] and grown[a, b]
                    sums[way] += list(difference if tv != "paper" or both else 0 * difference)
    if tv == "paper":
        expected = sum(map(sum, sums.values())) / image.size
    else:
        expected = sum(np.mean(values) for values in sums.values())
    found = total_variation(
        keras.ops.convert_to_tensor(compose(*images)), keras.ops.convert_to_tensor(images[1]), tv
    )
    assert float(found[0]) == pytest.approx(expected, rel=1e-5)


def test_weights_add_the_terms_up(images):
    truth, mask, output = images
    y_true = given(truth, mask)
    weights = {"valid": 1, "hole": 6, "perceptual": 0.05, "style": 120, "tv_weight": 0.1}
    expected = sum(w * float(only(term)(y_true, output)) for term, w in weights.items())
    assert float(PConvLoss(two_features)(y_true, output)) == pytest.approx(expected, rel=1e-5)


def test_masks_of_one_and_three_channels_agree(images):
    truth, mask, output = images
    loss = PConvLoss(two_features)
    wide = float(loss(given(truth, mask.repeat(3, axis=-1)), output))
    assert wide == pytest.approx(float(loss(given(truth, mask), output)), rel=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("hole", ["none", "all", "some"])
@pytest.mark.parametrize("level", [0.0, 0.5])
def test_value_and_gradient_are_finite(images, assert_finite, dtype, hole, level):
    truth, mask, _ = images
    mask = {"none": 0 * mask + 1, "all": 0 * mask, "some": mask}[hole]
    output = keras.ops.cast(np.full_like(truth, level), dtype)
    for y in (truth, 0 * truth + level):
        assert_finite(PConvLoss(two_features), given(y, mask), output)


def test_sizes_may_be_unknown(images, assert_any_size):
    truth, mask, output = images
    assert_any_size(PConvLoss(two_features), given(truth, mask), output)


def test_config_round_trip_keeps_weights_and_features(images):
    loss = PConvLoss(two_features, hole=3.0, tv="global")
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert again.get_config() == loss.get_config()
    assert (again.hole, again.tv, again.features) == (3.0, "global", two_features)


def test_fit_lowers_it_with_a_model_as_features(images, fit_step):
    truth, mask, _ = images
    inputs = keras.Input((None, None, 3))
    features = []
    x = inputs
    for filters in (4, 6, 8):
        x = keras.layers.Conv2D(filters, 3, activation="relu", padding="same", trainable=False)(x)
        x = keras.layers.MaxPooling2D(2, padding="same")(x)
        features.append(x)
    loss = PConvLoss(keras.Model(inputs, features))
    losses = fit_step(loss, given(truth, mask), channels=3)
    assert losses[1] < losses[0]


def test_arguments_and_channels_are_checked(images):
    truth, _, output = images
    with pytest.raises(ValueError, match="tv must be one of paper, global, masked_product; found"):
        PConvLoss(no_features, tv="local")
    with pytest.raises(ValueError, match=r"4 or 6 channels .*found 3 and 3"):
        PConvLoss(no_features)(truth, output)
