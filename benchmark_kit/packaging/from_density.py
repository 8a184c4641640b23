"""The maps that the MIT/Tuebingen board scores when it is sent a log density.

    auc       ranks of the density
    sauc      ranks of the density over the mean density of all other images
    nss       the density
    cc, kl    the density blurred as the board blurs fixations
    sim       the same (see below)
    ig        the log density itself

The board breaks ties of ranks by position, which depends on its machine; here equal pixels keep
equal ranks. For SIM the board climbs a gradient over randomly drawn fixations; that search cannot
be repeated to the digit, so SIM is given the blurred density, which is where the search begins.
"""

from __future__ import annotations

import numpy as np

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.density import blur
from benchmark_kit.imaging.resize import resize
from benchmark_kit.packaging.to_density import normalised

METRICS = ("auc", "sauc", "nss", "cc", "kl", "sim", "ig")
BLURRED = ("cc", "kl", "sim")
COMMON = (500, 500)  # size at which densities of different images are averaged


def map_for(
    metric: str,
    logs: np.ndarray,
    *,
    sigma_px: float | None = None,
    others: np.ndarray | None = None,
) -> np.ndarray:
    """The map that one metric is computed on.

    Args:
        metric: one of `METRICS`.
        logs: natural-log density (height, width), logsumexp 0.
        sigma_px: the board's blur in pixels, for cc, kl and sim.
        others: log of the mean density of the other images (`MeanDensity.without`), for sauc.

    Returns:
        float64 (height, width).

    Raises:
        ConfigError: an unknown metric, or one that lacks what it needs.
    """
    logs = np.asarray(logs, dtype=np.float64)
    if metric == "auc":
        return ranks(logs)
    if metric == "ig":
        return logs
    if metric == "nss":
        return np.exp(logs)
    if metric == "sauc" and others is not None:
        return ranks(logs - others)
    if metric in BLURRED and sigma_px is not None:
        return blur(np.exp(logs), sigma_px, "constant")
    if metric in METRICS:
        need = "sigma_px" if metric in BLURRED else "others"
        raise ConfigError(f"the map for {metric} needs {need}")
    raise ConfigError(f"unknown metric {metric!r}: known are {', '.join(METRICS)}")


def ranks(values: np.ndarray) -> np.ndarray:
    """Mean rank of every pixel over the number of pixels, in [0, 1); equal pixels share a rank."""
    from scipy.stats import rankdata

    return (rankdata(values).reshape(values.shape) - 1) / values.size


class MeanDensity:
    """Mean of all images' densities, brought to 500x500 pixels, from which one can be taken off."""

    def __init__(self) -> None:
        self.total = np.zeros(COMMON)
        self.images = 0

    def add(self, logs: np.ndarray) -> None:
        """Count an image's log density (height, width) in."""
        self.total += np.exp(_common(logs))
        self.images += 1

    def without(self, logs: np.ndarray) -> np.ndarray:
        """Log of the mean density of all images but this one, at this one's size.

        Args:
            logs: log density of an image that was added.

        Raises:
            ConfigError: no other image.
        """
        if self.images < 2:
            raise ConfigError("a mean over the other images needs at least two images")
        # rounding may miss zero where only this image has mass
        left = np.maximum(self.total - np.exp(_common(logs)), np.finfo(float).tiny)
        return normalised(resize(normalised(np.log(left)), logs.shape, "bilinear"))


def _common(logs: np.ndarray) -> np.ndarray:
    return normalised(resize(logs, COMMON, "bilinear"))
