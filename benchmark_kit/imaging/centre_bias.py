"""The centre bias of a data set as a density, leaving out the image that is judged.

Fixations of other images are taken at the same relative place, blurred by a Gaussian whose border
mirrors (untruncated, our choice) and mixed with a uniform share. Such a blur is diagonal in the
cosine basis, so a data set is a small table of coefficients from which one image's own are taken
off again: no map is blurred to know the density at some fixations.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.counting import count_pixels
from benchmark_kit.types import Fixations, GroundTruth

SMALLEST_WEIGHT = 1e-17  # terms below it change no digit of a float64 density


class CentreBias:
    """Leave-one-image-out centre bias.

    Args:
        images: ground truths; those without fixations add nothing.
        sigma_px: standard deviation of the blur, in pixels of the image that is judged.
        uniform: share of a uniform density, 0 <= uniform < 1.

    Raises:
        ConfigError: sigma or share out of range.
    """

    def __init__(
        self, images: Iterable[GroundTruth], sigma_px: float = 35.0, uniform: float = 0.01
    ):
        if not sigma_px > 0 or not 0 <= uniform < 1:
            raise ConfigError(
                "centre bias: sigma must be > 0 and the uniform share in [0, 1), "
                f"got {sigma_px}, {uniform}"
            )
        self.sigma_px, self.uniform = float(sigma_px), float(uniform)
        fixated: dict[tuple[int, int], list[np.ndarray]] = {}
        sizes = set()
        self.points = 0
        for truth in images:
            sizes.add(truth.size)
            if truth.fixations is None or not len(truth.fixations):
                continue
            fixated.setdefault(truth.size, []).append(truth.fixations.flat_index)
            self.points += len(truth.fixations)
        self.terms = (
            max((len(_weights(size[0], self.sigma_px)) for size in sizes), default=1),
            max((len(_weights(size[1], self.sigma_px)) for size in sizes), default=1),
        )
        self.coefficients = np.zeros(self.terms)
        for size, indices in sorted(fixated.items()):
            rows, columns = self._bases(size)
            count = count_pixels(indices, size[0] * size[1])
            self.coefficients += rows.T @ (count.reshape(size).astype(np.float64) @ columns)

    def _bases(self, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        return _basis(size[0], self.terms[0]), _basis(size[1], self.terms[1])

    def _blurred(self, coefficients: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        down, across = _weights(size[0], self.sigma_px), _weights(size[1], self.sigma_px)
        if len(down) > self.terms[0] or len(across) > self.terms[1]:
            raise ValueError(
                f"a centre bias of sigma {self.sigma_px:g} px at {size[1]}x{size[0]} is finer than "
                "at the data set's own sizes; make it with a larger sigma"
            )
        kept = coefficients[: len(down), : len(across)]
        return down[:, None] * kept * across

    def at_fixations(self, fixations: Fixations, index: np.ndarray | None = None) -> np.ndarray:
        """Density at an image's own fixations, without their contribution.

        Args:
            fixations: of one of the images that the bias was made from.
            index: row-major pixels to judge at; default the fixations themselves.

        Returns:
            float64 (n,), a density over pixels: sums to one over the image.
        """
        height, width = size = fixations.size
        rows, columns = self._bases(size)
        own = fixations.flat_index
        y = own // width
        at_rows, at_columns = rows[y], columns[own - y * width]
        others = self.points - len(own)
        if others == 0:
            return np.full(len(own) if index is None else len(index), 1.0 / (height * width))
        weighted = self._blurred(self.coefficients - at_rows.T @ at_columns, size)
        if index is not None and index is not own:
            at_rows, at_columns = rows[index // width], columns[index % width]
        down, across = weighted.shape
        density = (
            np.einsum("ij,ij->i", at_rows[:, :down] @ weighted, at_columns[:, :across]) / others
        )
        return self._mix(density, size)

    def density(self, size: tuple[int, int], without: Fixations | None = None) -> np.ndarray:
        """Density map (height, width), sum one; `without` takes one image's fixations off.

        Raises:
            ValueError: a size larger than any of the images' (its sigma would be relatively finer).
        """
        rows, columns = self._bases(size)
        coefficients, others = self.coefficients, self.points
        if without is not None and len(without):
            own_rows, own_columns = self._bases(without.size)
            index, width = without.flat_index, without.size[1]
            coefficients = coefficients - own_rows[index // width].T @ own_columns[index % width]
            others -= len(without)
        if others == 0:
            return np.full(size, 1.0 / (size[0] * size[1]))
        weighted = self._blurred(coefficients, size)
        down, across = weighted.shape
        return self._mix(rows[:, :down] @ weighted @ columns[:, :across].T / others, size)

    def _mix(self, density: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        # the truncated series may miss zero by 1e-17 where no fixation is near
        positive = np.maximum(density, 0.0)
        return (1 - self.uniform) * positive + self.uniform / (size[0] * size[1])

    def describe(self) -> str:
        """The baseline in words, as results state it."""
        return (
            f"leave-one-image-out centre bias, Gaussian sigma {self.sigma_px:g} px (mirrored "
            f"border, untruncated), uniform share {self.uniform:g}"
        )


@lru_cache(maxsize=32)
def _weights(n: int, sigma_px: float) -> np.ndarray:
    k = np.arange(2 * n)
    weight = np.exp(-0.5 * (sigma_px * np.pi * k / n) ** 2)
    weight = weight[weight > SMALLEST_WEIGHT]
    weight[1:] *= 2
    return weight / n


@lru_cache(maxsize=32)
def _basis(n: int, terms: int) -> np.ndarray:
    return np.cos(np.pi * np.outer((np.arange(n) + 0.5) / n, np.arange(terms)))
