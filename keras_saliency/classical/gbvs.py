"""Graph-based visual saliency (Harel, Koch and Perona, NIPS 2006) as its toolbox computes it.

A walker on the pixels of a small feature map prefers steps between unlike pixels that are near;
where it is found in the long run is salient. The toolbox differs from the paper: plain differences
in place of log ratios, and an exponent of 1.5 in place of the second walk.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import numpy as np

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.npy import read_npz
from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.imaging.min_max import min_max
from benchmark_kit.imaging.resize import resize
from keras_saliency.base.array_model import ArrayModel, one_colour
from keras_saliency.classical._dkl import find_dkl_table
from keras_saliency.classical._harel_features import (
    KERNEL,
    channel_maps,
    check_channels,
    map_size,
    master_map,
    to_picture,
)

LEVELS = (2, 3, 4)
LONGEST = 32
REACH = 0.15  # standard deviation of a step, as a share of the mean side
TOLERANCE = 1e-4
MOST_STEPS = 1000
EXPONENT = 1.5
INVERSE_CENTRE_BIAS = "gbvs_inv_center_bias.npz"


class GBVS(ArrayModel):
    """Where a walk on each feature map stays; maps in 0..1, zeros for a picture of one colour.

    The border counts less, so that maps lean to the centre.

    Args:
        channels: letters of the channels: C colour, D DKL colour, I intensity, O orientation.
        dkl: path of the DKL table, for channel D.
        blurfrac: standard deviation of the final blur as a share of the map's longer side.
        unCenterBias: multiply by the toolbox' inverse centre bias, read from
            `gbvs_inv_center_bias.npz` beside the DKL table.

    Raises:
        ConfigError: unknown channels, a negative blur, or a file that is not there.
        InputError: a file that does not hold what it should.

    Reference: Harel, Koch and Perona, "Graph-Based Visual Saliency", NIPS 2006; GBVS toolbox.
    """

    def __init__(
        self,
        channels: str = "DIO",
        dkl: str | os.PathLike[str] | None = None,
        blurfrac: float = 0.02,
        unCenterBias: bool = False,
    ):
        if not 0 <= blurfrac < 1:
            raise ConfigError(f"blurfrac must be a share of the map's side, 0 to 1, got {blurfrac}")
        self.channels = check_channels(channels)
        self.blur_fraction = blurfrac
        self.table = None
        self.inverse_bias = None
        if "D" in channels or unCenterBias:
            self.table = find_dkl_table(dkl, "gbvs", "gbvs_srgb")
        if unCenterBias and self.table is not None:
            self.inverse_bias = _inverse_bias(self.table.path.parent / INVERSE_CENTRE_BIAS)

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        size = image.shape[:2]
        if one_colour(image):
            return np.zeros(size)
        return to_picture(self.master(image), size)

    def master(self, image: np.ndarray) -> np.ndarray:
        """The map of 32 pixels on its longer side, in 0..1."""
        found = master_map(
            np.sum(list(self.conspicuity(image).values()), axis=0), self.blur_fraction
        )
        if self.inverse_bias is None:
            return found
        return min_max(found * (0.5 + 0.5 * resize(self.inverse_bias, found.shape, KERNEL)))

    def conspicuity(self, image: np.ndarray) -> dict[str, np.ndarray]:
        """Sum of each channel's activations, raised to 1.5."""
        return {
            channel: np.sum([activation(raw) ** EXPONENT for raw in maps.values()], axis=0)
            for channel, maps in self.raw_maps(image).items()
        }

    def raw_maps(self, image: np.ndarray) -> dict[str, dict[tuple[int, int], np.ndarray]]:
        """Feature maps at the walk's size: channel -> (type from 1, level) -> map."""
        size = map_size(image.shape[0], image.shape[1], LONGEST)
        return {
            channel: {
                (kind + 1, level): resize(values, size, KERNEL)
                for level, kinds in at.items()
                for kind, values in enumerate(kinds)
            }
            for channel, at in channel_maps(image, self.channels, LEVELS, self.table).items()
        }


def gbvs_srgb(channels: str = "CIO", blurfrac: float = 0.02) -> GBVS:
    """GBVS with colour opponencies of R, G, B in place of the DKL table, which is not free.

    Args:
        channels: letters of the channels C, I, O.
        blurfrac: as in `GBVS`.

    Raises:
        ConfigError: unknown channels, D among them, or a negative blur.
    """
    if "D" in channels:
        raise ConfigError("gbvs_srgb has no channel D: it needs no table. Fix: use gbvs")
    return GBVS(channels, blurfrac=blurfrac)


def _inverse_bias(path: Path) -> np.ndarray:
    if not path.is_file():
        raise ConfigError(
            f"unCenterBias needs {path}, which is not there. Fix: put the toolbox' "
            "util/invCenterBias there as array inv_center_bias, beside the DKL table"
        )
    try:
        values = read_npz(path)["inv_center_bias"]
    except (DamagedFile, KeyError) as error:
        raise InputError(f"{path}: expected an array inv_center_bias: {error}") from None
    if values.ndim != 2 or values.dtype.kind != "f" or not np.isfinite(values).all():
        raise InputError(
            f"{path}: inv_center_bias must be a map of finite floats, found {values.dtype} "
            f"{values.shape}"
        )
    return values


@lru_cache(maxsize=4)
def _nearness(size: tuple[int, int]) -> np.ndarray:
    """exp(-distance^2 / (2 sigma^2)) of every two pixels (n, n), row by row."""
    sigma = REACH * (size[0] + size[1]) / 2
    rows, columns = (np.arange(n)[:, None] - np.arange(n)[None, :] for n in size)
    along = [np.exp(-(steps**2) / (2 * sigma**2)) for steps in (rows, columns)]
    weights = np.kron(along[0], along[1])
    weights.flags.writeable = False
    return weights


def activation(values: np.ndarray) -> np.ndarray:
    """Where a walker on a map is found in the long run; sums to 1, uniform on a flat map.

    On a map of two values the walker goes from one to the other for ever, and the program never
    ends; the mean of two steps, which is the equilibrium, is our choice.

    Args:
        values: (height, width), small: memory grows with the square of its pixels.
    """
    flat = values.ravel()
    steps = np.abs(flat[:, None] - flat[None, :])
    steps *= _nearness(values.shape)
    leaving = steps.sum(axis=0)
    share = np.full(len(flat), 1 / len(flat))
    if not leaving.all():  # only a map of one value has a pixel like all others
        return share.reshape(values.shape)
    for _ in range(MOST_STEPS):
        before, share = share, np.einsum("ij,j->i", steps, share / leaving)
        if np.sqrt(((share - before) ** 2).sum()) <= TOLERANCE:
            break
    else:
        share = share + before
    return (share / share.sum()).reshape(values.shape)
