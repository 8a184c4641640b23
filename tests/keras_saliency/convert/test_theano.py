"""SalGAN from npz files, against Lasagne's layers in numpy: the encoder slides, the rest flips."""

import os
import zipfile

import numpy as np
import pytest

from benchmark_kit.containers import damage
from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.backbones.weights import assign
from keras_saliency.convert import convert, theano
from keras_saliency.models.salgan import discriminator
from keras_saliency.registry.cards import model_card

RNG = np.random.default_rng(8)
DECODER = (3, 3, 3, 2, 2)


def pair(outside, inside, size):
    kernel = RNG.uniform(-0.4, 1.0, (outside, inside, size, size)) * 3 / (inside * size * size)
    return [kernel.astype(np.float32), RNG.uniform(0, 0.3, outside).astype(np.float32)]


def convolve(x, kernel, bias, flip):
    """(channels, rows, columns), without activation."""
    if flip:
        kernel = kernel[:, :, ::-1, ::-1]
    rows, columns = x.shape[1:]
    size = kernel.shape[2]
    padded = np.pad(x.astype(np.float64), ((0, 0), (size // 2,) * 2, (size // 2,) * 2))
    found = np.zeros((len(kernel), rows, columns)) + bias[:, None, None]
    for a, b in np.ndindex(size, size):
        found += np.tensordot(kernel[:, :, a, b], padded[:, a : a + rows, b : b + columns], 1)
    return found


def pool(x, size):
    channels, rows, columns = x.shape
    return x.reshape(channels, rows // size, size, columns // size, size).max(axis=(2, 4))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def generator(encoder, decoder):
    """The pairs of the generator for these numbers of filters, in the file's order."""
    pairs, inside = [], 3
    groups = [*zip(encoder, (2, 2, 3, 3, 3), strict=True), *zip(decoder, DECODER, strict=True)]
    for filters, count in groups:
        for _ in range(count):
            pairs.append(pair(filters, inside, 3))
            inside = filters
    return [*pairs, pair(1, inside, 1)]


def salgan_on_lasagne(pairs, picture):
    remaining, x = iter(pairs), picture
    for block, depth in enumerate((2, 2, 3, 3, 3)):
        for _ in range(depth):
            x = np.maximum(convolve(x, *next(remaining), flip=False), 0)
        x = pool(x, 2) if block < 4 else x
    for group, depth in enumerate(DECODER):
        x = x if group == 0 else x.repeat(2, axis=1).repeat(2, axis=2)
        for _ in range(depth):
            x = np.maximum(convolve(x, *next(remaining), flip=True), 0)
    return sigmoid(convolve(x, *next(remaining), flip=True))[0]


def write(path, pairs):
    np.savez(path, *[array for each in pairs for array in each])
    return path


@pytest.fixture
def two_channels(monkeypatch):
    monkeypatch.setattr("keras_saliency.backbones.vgg.FILTERS", (2, 2, 2, 2, 3))
    monkeypatch.setattr(
        "keras_saliency.models.salgan.DECODER", tuple((2, count) for count in DECODER)
    )
    return generator((2, 2, 2, 2, 3), (2, 2, 2, 2, 2))


def turned(pairs, which):
    return [
        [a[..., ::-1, ::-1] if a.ndim == 4 and which(k) else a for a in each]
        for k, each in enumerate(pairs)
    ]


def test_the_encoder_is_not_flipped_and_the_decoder_is(two_channels, tmp_path):
    picture = RNG.uniform(-1, 1, (3, 192, 256)).astype(np.float32)
    wanted = salgan_on_lasagne(two_channels, picture)
    assert wanted.std() > 1e-3

    def difference(pairs):
        model, original = convert("salgan", write(tmp_path / "gen_modelWeights0090.npz", pairs))
        assert original.left == ()
        found = model.predict_on_batch(np.moveaxis(picture, 0, -1)[None])
        return np.abs(np.asarray(found)[0, ..., 0] - wanted).max()

    assert difference(two_channels) < 1e-5
    assert difference(turned(two_channels, lambda k: k < 13)) > 1e-4
    assert difference(turned(two_channels, lambda k: k >= 13)) > 1e-4


def test_the_discriminator_flips_and_flattens_by_channel_first(tmp_path):
    convolutions = [pair(o, i, s) for o, i, s in ((3, 4, 1), (32, 3, 3), (64, 32, 3), (64, 64, 3))]
    normalised = [[*pair(64, 64, 3), np.ones(64, np.float32)] for _ in range(2)]
    dense = [
        [RNG.normal(0, n**-0.5, (n, m)).astype(np.float32), RNG.normal(size=m).astype(np.float32)]
        for n, m in ((64 * 2 * 3, 100), (100, 2), (2, 1))
    ]
    path = write(tmp_path / "disc_modelWeights0090.npz", [*convolutions, *normalised, *dense])
    picture = RNG.uniform(-1, 1, (4, 32, 48)).astype(np.float32)

    x = picture
    for k, each in enumerate(convolutions):
        x = np.maximum(convolve(x, *each, flip=k > 0), 0)
        x = pool(x, {1: 4, 3: 2}.get(k, 1))
    for kernel, bias, _ in normalised:
        norm = np.sqrt(1e-6 + np.square(kernel).sum(axis=(1, 2, 3), keepdims=True))
        x = np.maximum(convolve(x, kernel / norm, bias, flip=True), 0)
    x = pool(x, 2).ravel()
    for (kernel, bias), activation in zip(dense, (np.tanh, np.tanh, sigmoid), strict=True):
        x = activation(x @ kernel + bias)

    model = discriminator((32, 48))
    original = theano.read_discriminator(path, grid=(2, 3))
    assign({layer.name: layer for layer in model.layers if layer.weights}, original.layers, path)
    found = np.asarray(model.predict_on_batch(np.moveaxis(picture, 0, -1)[None]))[0]
    np.testing.assert_allclose(found, x, atol=1e-5)
    assert original.left == ()


def test_gains_that_our_layer_does_not_have_are_refused(tmp_path):
    arrays = [np.zeros(1)] * 8 + [np.zeros((4, 4, 3, 3)), np.zeros(4), np.full(4, 1.5)]
    np.savez(tmp_path / "d.npz", *arrays)
    with pytest.raises(InputError, match="gains"):
        theano.read_discriminator(tmp_path / "d.npz")


def test_a_file_of_another_network_names_its_layers(two_channels, tmp_path):
    two_channels[3] = pair(2, 3, 5)
    path = write(tmp_path / "w.npz", two_channels[:-1])
    with pytest.raises(InputError) as caught:
        convert("salgan", path)
    assert "block2_conv2: the model has" in str(caught.value)
    assert "map: the file does not have it" in str(caught.value)


def test_truncated_and_foreign_files(two_channels, tmp_path):
    path = write(tmp_path / "w.npz", two_channels)
    whole = path.read_bytes()
    for cut in (0, 100, len(whole) // 2, len(whole) - 30):
        path.write_bytes(whole[:cut])
        with pytest.raises(InputError, match="npz"):
            convert("salgan", path)
    path.write_bytes(b"not a zip at all")
    with pytest.raises(InputError, match="npz"):
        convert("salgan", path)
    with pytest.raises(ConfigError, match="no weights file"):
        convert("salgan", tmp_path / "none.npz")


class Harm:
    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return os.system, (f"touch {self.marker}",)


def test_pickled_arrays_are_never_loaded(tmp_path):
    marker = tmp_path / "harmed"
    np.savez(tmp_path / "w.npz", np.array([Harm(marker)], dtype=object))
    with pytest.raises(InputError, match="pickled Python objects, which are never loaded"):
        convert("salgan", tmp_path / "w.npz")
    assert not marker.exists()


def test_arrays_larger_than_any_original_are_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(damage, "FLOOR", 10_000)
    with zipfile.ZipFile(tmp_path / "w.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("arr_0.npy", bytes(20_000))
    with pytest.raises(InputError, match="more than 10000 bytes"):
        convert("salgan", tmp_path / "w.npz")


@pytest.mark.slow
def test_salgan_at_full_size(tmp_path):
    pairs = generator((64, 128, 256, 512, 512), (512, 512, 256, 128, 64))
    assert sum(a.size for each in pairs for a in each) == model_card("salgan").parameters
    model, original = convert("salgan", write(tmp_path / "w.npz", pairs))
    assert original.left == ()
    first, last = (
        model.get_layer(name).get_weights()[0] for name in ("block5_conv3", "decoder1_conv1")
    )
    np.testing.assert_array_equal(first[0, 1, 7], pairs[12][0][:, 7, 0, 1])
    np.testing.assert_array_equal(last[0, 1, 7], pairs[13][0][:, 7, 2, 1])
