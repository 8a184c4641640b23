"""Filters for `aim` from pictures of your own, by independent component analysis.

    python -m keras_saliency.classical.ica PICTURES basis.mat --side 31

learns from all pictures below the folder PICTURES and writes a file that `aim` takes as `bases=` or
in the variable `AIM_BASES`, laid out as the authors' own: matrix `B`, one filter a row. Patches are
whitened with as many principal components as hold 95 % of the variance, then scikit-learn's
FastICA with tanh (Hyvärinen 1999) finds the rotation. Number of patches, seed and stop are
our choice.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError, InputError, MissingExtra
from benchmark_kit.files import write_beside
from benchmark_kit.imaging.images import PICTURES
from keras_saliency.base.array_model import rgb_pixels
from keras_saliency.classical._sparse_bases import stretched

VARIANCE = 0.95
PATCHES = 50_000
TOLERANCE, STEPS = 1e-4, 200


def learn_basis(
    pictures: Iterable[Any],
    side: int = 21,
    patches: int = PATCHES,
    variance: float = VARIANCE,
    seed: int = 0,
) -> np.ndarray:
    """Filters whose responses to patches are as independent as can be.

    Args:
        pictures: as `predict_map` takes them, each at least as large as a patch.
        side: of a patch in pixels, odd.
        patches: how many are drawn, evenly over the pictures.
        variance: share of it that the principal components keep.
        seed: of the drawn places and of the rotation's start.

    Returns:
        float64 (n, side, side, 3).

    Raises:
        ConfigError: an even side, too few patches for it, or no pictures.
        InputError: pictures that are smaller than a patch, or all of one colour.
    """
    pictures = list(pictures)
    columns = 3 * side**2
    wrong = []
    if side < 3 or side % 2 == 0:
        wrong.append(f"the side of a patch must be odd, 3 at least, got {side}")
    if not 0 < variance <= 1:
        wrong.append(f"the variance kept must be a share in 0..1, got {variance}")
    if patches < columns:
        wrong.append(f"patches of {columns} values need that many patches, got {patches}")
    if not pictures:
        wrong.append("filters are learned from pictures, got none")
    if wrong:
        raise ConfigError("\n  ".join(["no basis can be learned:", *wrong]))
    rng = np.random.default_rng(seed)
    drawn = _draw(pictures, side, -(-patches // len(pictures)), rng)
    if (drawn == drawn[0]).all():
        raise InputError("pictures of one colour: nothing to learn. Fix: natural pictures")
    centred = drawn - drawn.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
    values, vectors = values[::-1], vectors[:, ::-1]
    kept = int(np.searchsorted(np.cumsum(values) / values.sum(), variance)) + 1
    kept = min(kept, int((values > values[0] * 1e-10).sum()))
    whitening = vectors[:, :kept] / np.sqrt(values[:kept])
    rotation = fast_ica(centred @ whitening, rng)
    return (rotation @ whitening.T).reshape(-1, side, side, 3)


def fast_ica(white: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The rotation of white data to independent components.

    Args:
        white: (patches, n), uncorrelated with unit variance.
        rng: for the start.

    Returns:
        orthogonal (n, n), a component a row; the last step's where 200 did not settle.
    """
    try:
        from sklearn.decomposition import FastICA
        from sklearn.exceptions import ConvergenceWarning
    except ImportError:
        raise MissingExtra("learn", "learning filters") from None
    start = rng.standard_normal((white.shape[1],) * 2)
    learner = FastICA(whiten=False, tol=TOLERANCE, max_iter=STEPS, w_init=start)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the last step is an answer too
        return learner.fit(white).components_


def write_basis(path: Path, filters: np.ndarray) -> None:
    """A basis as the authors' files have it, written beside and renamed.

    Args:
        path: the `.mat` file.
        filters: (n, side, side, 3).

    Raises:
        RunFailed: the folder cannot be written.
    """
    from scipy.io import savemat

    write_beside(path, lambda file: savemat(file, {"B": stretched(filters)}))


def _draw(pictures: Sequence[Any], side: int, each: int, rng: np.random.Generator) -> np.ndarray:
    drawn, small = [], []
    for number, picture in enumerate(pictures):
        pixels = rgb_pixels(picture)
        height, width = (n - side + 1 for n in pixels.shape[:2])
        if min(height, width) < 1:
            small.append(str(picture) if isinstance(picture, str | Path) else f"number {number}")
            continue
        windows = np.lib.stride_tricks.sliding_window_view(pixels, (side, side), axis=(0, 1))
        places = windows[rng.integers(height, size=each), rng.integers(width, size=each)]
        drawn.append(places.transpose(0, 2, 3, 1).reshape(each, -1) / 255.0)
    if small:
        raise InputError(
            f"pictures smaller than a patch of {side}x{side} pixels: {', '.join(small)}. "
            "Fix: leave them out, or a smaller side"
        )
    return np.concatenate(drawn)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line; see the module."""
    parser = argparse.ArgumentParser(
        prog="python -m keras_saliency.classical.ica", description="Learn filters for aim."
    )
    parser.add_argument("pictures", type=Path, help="folder of pictures")
    parser.add_argument("out", type=Path, help="the .mat file to write")
    parser.add_argument("--side", type=int, default=21, help="of a patch in pixels, odd")
    parser.add_argument("--patches", type=int, default=PATCHES, help="how many are drawn")
    parser.add_argument("--variance", type=float, default=VARIANCE, help="share that is kept")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    files = sorted(p for p in given.pictures.rglob("*") if p.suffix.lower() in PICTURES)
    basis = learn_basis(files, given.side, given.patches, given.variance, given.seed)
    write_basis(given.out, basis)
    print(f"{given.out}: {len(basis)} filters from {len(files)} pictures")


if __name__ == "__main__":
    main()
