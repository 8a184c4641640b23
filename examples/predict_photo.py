"""A saliency map of a photograph, and the two side by side.

    python examples/predict_photo.py [PHOTO] [OUT.png]

Uses the training-free spectral_residual, so that it runs without weights; a network is one line:
`build_model("msi_net", weights="msi_net.weights.h5")`.
"""

import argparse
from pathlib import Path

import numpy as np

from benchmark_kit.imaging.images import read_stimulus, write_png
from keras_saliency import build_model


def drawn_picture() -> np.ndarray:
    """A dark disc among light bars, where no photograph is given."""
    y, x = np.mgrid[:240, :320]
    picture = np.full((240, 320, 3), 225, np.uint8)
    picture[(x % 40 < 8) & (y % 60 < 40)] = (170, 180, 190)
    picture[(y - 150) ** 2 + (x - 230) ** 2 < 22**2] = (150, 30, 40)
    return picture


def main(photo: Path | None, out: Path) -> None:
    picture = drawn_picture() if photo is None else read_stimulus(photo)
    saliency = build_model("spectral_residual").predict_map(picture, normalize=True)
    row, column = np.unravel_index(saliency.argmax(), saliency.shape)
    heat = np.repeat(np.uint8(255 * saliency)[..., None], 3, axis=2)
    write_png(out, np.concatenate([picture, heat], axis=1))
    print(f"{picture.shape[1]}x{picture.shape[0]}: most salient at x {column}, y {row}; {out}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photo", nargs="?", type=Path, help="else a drawn picture")
    parser.add_argument("out", nargs="?", type=Path, default=Path("saliency.png"))
    given = parser.parse_args()
    main(given.photo, given.out)
