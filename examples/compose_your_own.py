"""A network of your own from PartialConv2D, GaussianPrior and Maxout: trained, saved, loaded.

    python examples/compose_your_own.py

The network takes a picture and a mask of valid pixels, so that padding or a hole does not count.
"""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

try:
    import keras
except ImportError:
    raise SystemExit('This example needs Keras. Fix: pip install ".[tensorflow]"') from None

from keras_saliency.layers import BilinearUpsampling2D, GaussianPrior, Maxout, PartialConv2D
from keras_saliency.losses import MSILoss


def build(size: tuple[int, int] = (48, 64)) -> keras.Model:
    """Two partial convolutions, maxout, priors that learn where people look anyway, a map."""
    picture = keras.Input((*size, 3), name="picture")
    mask = keras.Input((*size, 1), name="mask")
    x, valid = PartialConv2D(16, 5, strides=2, activation="relu", return_mask=True)(picture, mask)
    x = PartialConv2D(32, 3, strides=2, activation="relu")(x, valid)
    x = Maxout(16)(x)
    x = keras.layers.Concatenate()([x, GaussianPrior(8)(x)])
    x = keras.layers.Conv2D(1, 3, padding="same", activation="softplus")(x)
    x = BilinearUpsampling2D(4, dtype="float32", name="map")(x)
    return keras.Model([picture, mask], x, name="mine")


def make_data(images: int = 16, size: tuple[int, int] = (48, 64)):
    """Bright blobs on dark ground, and a density around each."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[: size[0], : size[1]]
    pictures, densities = [], []
    for _ in range(images):
        centre = rng.uniform((12, 16), (36, 48))
        blob = np.exp(-((y - centre[0]) ** 2 + (x - centre[1]) ** 2) / 50)
        pictures.append(np.stack([blob + rng.normal(0, 0.1, size)] * 3, axis=-1))
        densities.append(blob[..., None])
    masks = np.ones((images, *size, 1))
    masks[:, :, :6] = 0  # as if the pictures were padded on the left
    return np.float32(pictures), np.float32(masks), np.float32(densities)


def main() -> None:
    keras.utils.set_random_seed(0)
    model = build()
    pictures, masks, densities = make_data()
    model.compile(keras.optimizers.Adam(3e-3), MSILoss())
    history = model.fit([pictures, masks], densities, epochs=8, batch_size=4, verbose=0)
    first, last = history.history["loss"][0], history.history["loss"][-1]
    print(f"KL {first:.3f} -> {last:.3f} in 8 epochs")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mine.keras"
        model.save(path)
        again = keras.saving.load_model(path)  # no custom_objects
    same = np.allclose(
        again.predict([pictures, masks], verbose=0),
        model.predict([pictures, masks], verbose=0),
        atol=1e-6,
    )
    print(f"loaded again: the same maps: {same}")
    assert same
    assert last < first


if __name__ == "__main__":
    main()
