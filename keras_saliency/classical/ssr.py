"""Saliency by self-resemblance (Seo and Milanfar, Journal of Vision 2009).

A place is salient if the local regression kernels around it resemble few others: those near by, or
those of the whole picture. Constants are those of the authors' program, which works on 64 x 64
pixels and swaps two axes in its kernels; that is kept.
"""

from __future__ import annotations

import numpy as np

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.min_max import min_max
from keras_saliency.base.array_model import ArrayModel, one_colour
from keras_saliency.classical._matlab_bilinear import resize_bilinear

FORMS = ("global", "local")
SIDE = 64
SMOOTHING = 0.2
SENSITIVITY, REGULAR = 0.42, 1e-7
EDGE = np.sqrt(3) / 4 + np.pi / 6 - 0.5  # of a pixel beside the middle, inside a disc of radius 1
CORNER = (np.pi - 1 - 4 * EDGE) / 4
DISC = np.array([[CORNER, EDGE, CORNER], [EDGE, 1, EDGE], [CORNER, EDGE, CORNER]])
XYZ_TO_RGB = np.array(
    [
        [3.240479, -1.53715, -0.498535],
        [-0.969256, 1.875992, 0.041556],
        [0.055648, -0.204043, 1.057311],
    ]
)
WHITE = (0.950456, 1.0, 1.088754)


class SSR(ArrayModel):
    """Unlikeness of local structure, in 0..1; zeros for a picture of one colour.

    A picture whose channels are equal is taken as one channel (our choice: the program's global
    form fails on it).

    Args:
        form: `"global"` compares a place with all others, `"local"` with those around it.
        window: side of the neighbourhood that describes a place (L of the paper); None: 7, or 9
            in the local form.
        surround: side of the neighbourhood that it is compared with in the local form (N).
        sigma: of the comparison.

    Raises:
        ConfigError: an unknown form, sides that are not odd and above 0 or exceed 63, or no sigma
            above 0.

    Reference: Seo and Milanfar, "Static and space-time visual saliency detection by
    self-resemblance", Journal of Vision 9(12):15, 2009; authors' MATLAB program.
    """

    def __init__(
        self,
        form: str = "global",
        window: int | None = None,
        surround: int = 7,
        sigma: float = 0.07,
    ):
        window = window if window is not None else 9 if form == "local" else 7
        wrong = [
            f"{name} must be odd, 1 to {SIDE - 1}, got {value}"
            for name, value in (("window", window), ("surround", surround))
            if not 0 < value < SIDE or value % 2 == 0
        ]
        if form not in FORMS:
            wrong.append(f"form must be one of {', '.join(FORMS)}, got {form!r}")
        if not sigma > 0:
            wrong.append(f"sigma must be above 0, got {sigma}")
        if wrong:
            raise ConfigError("ssr: " + "; ".join(wrong))
        self.form, self.window, self.surround, self.sigma = form, window, surround, sigma

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        if one_colour(image):
            return np.zeros(image.shape[:2])
        planes = [min_max(plane) for plane in np.moveaxis(small_planes(image), -1, 0)]
        found = np.stack([kernels(plane) for plane in planes])
        if self.form == "local":
            described = descriptors(found, self.window, self.surround // 2)
            resemblance = local_resemblance(described, self.surround, self.sigma)
        else:
            resemblance = global_resemblance(found, self.window, self.sigma)
        return resize_bilinear(min_max(1 / resemblance), image.shape[:2])


def small_planes(image: np.ndarray) -> np.ndarray:
    """Lab of a colour picture, gray levels of a gray one, at 64 x 64.

    Args:
        image: uint8 (height, width, 3).

    Returns:
        float64 (64, 64, 3 or 1).
    """
    rgb = image / 255.0
    gray = (image == image[..., :1]).all()
    return resize_bilinear(rgb[..., :1] if gray else lab_rec709(rgb), (SIDE, SIDE))


def lab_rec709(rgb: np.ndarray) -> np.ndarray:
    """CIE Lab under D65 of colours with Rec. 709 gamma, as Getreuer's `colorspace`.

    Args:
        rgb: float64 (..., 3) in 0..1.
    """
    linear = ((rgb + 0.099) / 1.099) ** (1 / 0.45)
    dark = rgb / 4.5138
    linear = np.where(linear < 0.018, dark, linear)
    x, y, z = np.moveaxis(linear @ np.linalg.inv(XYZ_TO_RGB).T / WHITE, -1, 0)
    fx, fy, fz = (np.where(t < 0.008856, 841 / 108 * t + 4 / 29, np.cbrt(t)) for t in (x, y, z))
    return np.stack([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)], axis=-1)


def kernels(plane: np.ndarray) -> np.ndarray:
    """Local adaptive regression kernels of 3 x 3.

    Args:
        plane: float64 (height, width).

    Returns:
        float64 (height, width, 9): values at the neighbours, row fastest.
    """
    down, across = (np.pad(g, 1, mode="reflect") for g in np.gradient(plane))
    gradients = np.stack(
        [_neighbours(across) * DISC.ravel(), _neighbours(down) * DISC.ravel()], axis=-1
    )
    _, sizes, axes = np.linalg.svd(gradients, full_matrices=False)
    first, second = sizes[..., 0], sizes[..., 1]
    ratio = (first + 1) / (second + 1)
    strength = ((first * second + REGULAR) / DISC.sum()) ** SENSITIVITY
    scaled = np.stack([ratio * strength, strength / ratio], axis=-1)
    covariance = np.swapaxes(axes, -1, -2) @ (scaled[..., None] * axes)
    c11, c12, c22 = (
        _neighbours(np.pad(covariance[..., i, j], 1, mode="reflect"))
        for i, j in ((0, 0), (0, 1), (1, 1))
    )
    rows, columns = (offset.ravel() - 1 for offset in np.indices((3, 3)))
    # c11 is of the column gradient and meets the row offset, as in the program
    form = c11 * rows**2 + 2 * c12 * rows * columns + c22 * columns**2
    values = np.exp(-0.5 * form / SMOOTHING**2)
    return values.reshape(*plane.shape, 3, 3).swapaxes(-1, -2).reshape(*plane.shape, 9)


def _neighbours(padded: np.ndarray) -> np.ndarray:
    """3 x 3 neighbourhoods, (height, width, 9), of a plane padded by one."""
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
    return windows.reshape(*windows.shape[:2], 9)


def descriptors(found: np.ndarray, window: int, margin: int = 0) -> np.ndarray:
    """Kernels of all channels around each place, of unit length.

    Args:
        found: (channels, height, width, 9).
        window: side of the neighbourhood, odd; borders mirrored.
        margin: places beyond the border that are described too. As in the program the plane with
            its mirrored border is mirrored once more for them.

    Returns:
        float64 (height + 2 margin, width + 2 margin, 9 channels window^2).
    """
    for width in (window // 2, margin):
        found = np.pad(found, ((0, 0), (width, width), (width, width), (0, 0)), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(found, (window, window), axis=(1, 2))
    described = windows.transpose(1, 2, 0, 3, 4, 5).reshape(*windows.shape[1:3], -1)
    return described / np.linalg.norm(described, axis=2, keepdims=True)


def local_resemblance(described: np.ndarray, surround: int, sigma: float) -> np.ndarray:
    """Summed exp((cosine - 1) / sigma^2) of each place with those around it.

    Args:
        described: descriptors with a margin of half the surround.
        surround: side of the neighbourhood, odd.
        sigma: of the comparison.

    Returns:
        float64 (height, width), without the margin.
    """
    half = surround // 2
    height, width = (n - 2 * half for n in described.shape[:2])
    here = described[half : half + height, half : half + width]
    total = np.zeros((height, width))
    for down in range(surround):
        for across in range(surround):
            other = described[down : down + height, across : across + width]
            cosines = np.einsum("ijk,ijk->ij", here, other)
            total += np.exp((cosines - 1) / sigma**2)
    return total


def global_resemblance(found: np.ndarray, window: int, sigma: float) -> np.ndarray:
    """The same with all places of the picture, from the kernels themselves.

    Neighbourhoods share most of their products: those of single places are made once and summed,
    along rows and then along columns.

    Args:
        found: (channels, height, width, 9).
        window: side of the neighbourhood, odd; borders mirrored.
        sigma: of the comparison.

    Returns:
        float64 (height, width).
    """
    height, width = found.shape[1:3]
    half = window // 2
    padded = np.pad(found, ((0, 0), (half, half), (half, half), (0, 0)), mode="reflect")
    rows = np.concatenate(list(padded), axis=2)
    total = np.zeros((height, width))
    for down in range(height):  # rows that far apart
        # in double precision: single would move maps by 4e-4, as what is flat errs alike
        products = rows[: len(rows) - down] @ rows[down:].swapaxes(1, 2)
        across = _summed([products[:, k : k + width, k : k + width] for k in range(window)])
        likeness = _summed([across[k : k + height - down] for k in range(window)])
        if down == 0:
            lengths = np.sqrt(np.diagonal(likeness, axis1=1, axis2=2))
        likeness /= lengths[: height - down, :, None]
        likeness /= lengths[down:, None, :]
        likeness -= 1
        likeness /= sigma**2
        np.exp(likeness, out=likeness)
        total[: height - down] += likeness.sum(axis=2)
        if down:  # what one is to the other holds the other way round
            total[down:] += likeness.sum(axis=1)
    return total


def _summed(parts: list[np.ndarray]) -> np.ndarray:
    total = parts[0].copy()
    for part in parts[1:]:
        total += part
    return total
