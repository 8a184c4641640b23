"""Itti and Koch's model as Harel's GBVS toolbox has it: centre against surround in a pyramid.

Differences from the paper of 1998 are the toolbox': intensity is the largest channel, one surround
a centre, squared differences, and a normalisation N that counts plateaus and the highest maximum.
`itti1998` is the form of the paper.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.min_max import min_max
from benchmark_kit.imaging.resize import resize
from keras_saliency.base.array_model import ArrayModel, one_colour
from keras_saliency.classical._dkl import find_dkl_table
from keras_saliency.classical._filters import local_maxima
from keras_saliency.classical._harel_features import (
    KERNEL,
    channel_maps,
    check_channels,
    map_size,
    master_map,
    to_picture,
)

CENTRES = (2, 3)
BLUR = 0.03
PEAK = 10.0  # maps are scaled to 0..10 before their maxima are looked for


class Itti(ArrayModel):
    """Colour, intensity and orientation contrast; maps in 0..1, zeros for a picture of one colour.

    Args:
        channels: letters of the channels: C colour, D DKL colour, I intensity, O orientation.
        deltas: how many levels coarser than its centre each surround is.
        dkl: path of the DKL table, for channel D.

    Raises:
        ConfigError: unknown channels or deltas; channel D and no table.

    Reference: Itti, Koch and Niebur, PAMI 1998, as in `ittikochmap` of Harel's GBVS toolbox.
    """

    def __init__(
        self,
        channels: str = "CIO",
        deltas: Sequence[int] = (2,),
        dkl: str | os.PathLike[str] | None = None,
    ):
        self.channels = check_channels(channels)
        if not deltas or any(type(delta) is not int or not 1 <= delta <= 4 for delta in deltas):
            raise ConfigError(f"deltas must be whole numbers of 1 to 4, got {deltas!r}")
        self.deltas = tuple(deltas)
        self.table = (
            find_dkl_table(dkl, "channel D of itti", "channel C") if "D" in channels else None
        )

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        size = image.shape[:2]
        if one_colour(image):
            return np.zeros(size)
        return to_picture(self.master(image), size)

    def master(self, image: np.ndarray) -> np.ndarray:
        """The map of 1/8 of the picture's size, in 0..1."""
        return master_map(np.sum(list(self.conspicuity(image).values()), axis=0), BLUR)

    def conspicuity(self, image: np.ndarray) -> dict[str, np.ndarray]:
        """Map of each channel, 1/8 of the picture's size, normalised."""
        return {
            channel: normalise_peaks(np.sum(list(maps.values()), axis=0))
            for channel, maps in self.contrasts(image).items()
        }

    def contrasts(self, image: np.ndarray) -> dict[str, dict[tuple[int, int, int], np.ndarray]]:
        """Normalised centre-surround maps: channel -> (type from 1, centre, surround) -> map."""
        height, width = image.shape[:2]
        size = map_size(height, width, max(1, int(max(height, width) / 8 + 0.5)))
        levels = {centre + delta for centre in CENTRES for delta in (0, *self.deltas)}
        found: dict[str, dict[tuple[int, int, int], np.ndarray]] = {}
        features = channel_maps(image, self.channels, tuple(sorted(levels)), self.table)
        for channel, at in features.items():
            found[channel] = {
                (kind + 1, centre, centre + delta): _contrast(
                    at[centre][kind], at[centre + delta][kind], size
                )
                for kind in range(len(at[CENTRES[0]]))
                for centre in CENTRES
                for delta in self.deltas
            }
        return found


def _contrast(centre: np.ndarray, surround: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    squared = (centre - resize(surround, centre.shape, KERNEL)) ** 2
    return normalise_peaks(min_max(resize(squared, size, KERNEL)))


def normalise_peaks(values: np.ndarray) -> np.ndarray:
    """N of the toolbox: promotes maps with few peaks far above the rest.

    The map is scaled to 0..10 and multiplied by the square of 10 minus the mean of its local
    maxima; by 100 if there is one, by 1 if there is none.
    """
    scaled = PEAK * min_max(values)
    peaks = local_maxima(scaled, 1.0)
    if len(peaks) == 0:
        return scaled
    return scaled * ((PEAK - peaks.mean()) ** 2 if len(peaks) > 1 else PEAK**2)
