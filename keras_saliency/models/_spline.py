"""Spline resizing with aligned corners, as `scipy.ndimage.zoom` does it, and a geometry of it.

The first and the last pixel of a line stay the first and the last. Splines are linear in the
values, so one matrix for the rows and one for the columns do the work of a whole picture.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from keras_saliency.base.geometry import Geometry, Plan
from keras_saliency.base.resample import Size


def spline_resize(values: np.ndarray, size: Size, order: int = 3) -> np.ndarray:
    """Scale an array as `scipy.ndimage.zoom(..., mode="nearest")` with the factors size / shape.

    Args:
        values: (height, width[, channels]).
        size: wanted (height, width).
        order: of the spline; 3 overshoots, 1 is linear interpolation.

    Returns:
        float64 of that size.
    """
    rows, columns = (_weights(n, m, order) for n, m in zip(values.shape[:2], size, strict=True))
    return np.einsum("ai,bj,ij...->ab...", rows, columns, values, optimize=True)


@lru_cache(maxsize=4)  # what pictures of one size need
def _weights(n: int, m: int, order: int) -> np.ndarray:
    """Weights (m, n) of n pixels in m."""
    from scipy.ndimage import zoom

    # the identity's columns are resized, its rows kept
    return zoom(np.eye(n), (m / n, 1), order=order, mode="nearest")


class SplineGeometry(Geometry):
    """Pictures and maps squeezed by cubic splines with aligned corners, which may overshoot."""

    def plan(self, image: Size, frame: Size) -> Plan:
        """The plan for one picture, see `Geometry.plan`."""
        return _SplinePlan(self, image, frame, frame, (0, 0))


class _SplinePlan(Plan):
    def into_frame(self, picture: np.ndarray) -> np.ndarray:
        """The picture in the frame, not clipped to 0..255."""
        return spline_resize(picture, self.frame).astype(np.float32)

    def onto_image(self, values: np.ndarray) -> np.ndarray:
        """A map of the frame on the picture."""
        return spline_resize(values, self.image).astype(np.float32)
