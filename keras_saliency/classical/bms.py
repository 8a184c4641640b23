"""Boolean map saliency: what stays enclosed while a threshold runs through the colours.

Zhang and Sclaroff published two programs: `bms` is that of PAMI 2016, `bms_iccv` that of ICCV
2013. Both hand blue, green, red to a conversion that takes red, green, blue, which is kept. The
random seeds of the option handle_border are not built, and Luv is not.
"""

from __future__ import annotations

import numpy as np

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.imaging.min_max import min_max
from keras_saliency.base.array_model import ArrayModel, one_colour
from keras_saliency.classical._boolean_maps import attention_sum, attention_sum_closed
from keras_saliency.classical._filters import gaussian_blur
from keras_saliency.classical._opencv_pixels import lab8, resize_area, resize_linear, smooth3

STEP = 8  # gray levels between thresholds
GROW = 3  # pixels by which an enclosed place grows: 7 x 7
TALLEST = 16  # heights per width, in which the memory of the form of fixed width is bounded
GAP = 2  # the earlier program closes maps by 5 x 5
COLOURS = ("Lab", "RGB")
RIDGE = 50.0  # added to the variances before whitening
JACOBI_TOLERANCE = 2.4e-7


class BMS(ArrayModel):
    """Enclosed places at all thresholds of whitened colours; maps in 0..255.

    A picture of one colour gives zeros.

    Args:
        longest: the longer side is brought to this before all else, up or down.
        colour: `"Lab"` or `"RGB"`.
        whitening: decorrelate the three channels first.
        quantize: round to 8 bits after each of the last steps, as the program does; without it
            maps have no steps (our choice).

    Raises:
        ConfigError: a side below 1, or an unknown colour.

    Reference: Zhang and Sclaroff, "Exploiting Surroundedness for Saliency Detection: A Boolean Map
    Approach", PAMI 2016.
    """

    def __init__(
        self,
        longest: int = 400,
        colour: str = "Lab",
        whitening: bool = True,
        quantize: bool = False,
    ):
        if colour not in COLOURS:
            raise ConfigError(f"colour must be one of {', '.join(COLOURS)}, got {colour!r}")
        self.longest = check_side("longest", longest)
        self.colour = colour
        self.whitening = whitening
        self.quantize = quantize

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        size = image.shape[:2]
        if one_colour(image):
            return np.zeros(size)
        total = attention_sum(self.features(self.shrink(image)), STEP, GROW)
        return finish(total, size, grow=4, sigma=9.0, reach=18, quantize=self.quantize)

    def shrink(self, image: np.ndarray) -> np.ndarray:
        """The picture at the size that is worked at: uint8, blue, green, red."""
        height, width = image.shape[:2]
        scale = self.longest / max(height, width)
        size = max(1, int(height * scale)), max(1, int(width * scale))
        return resize_area(np.ascontiguousarray(image[..., ::-1]), size)

    def features(self, image: np.ndarray) -> np.ndarray:
        """The three maps whose thresholds are taken, uint8 (3, height, width)."""
        colours = lab8(image) if self.colour == "Lab" else image
        channels = colours.reshape(-1, 3).astype(np.float64)
        if self.whitening:
            channels = whiten(channels)
        planes = channels.T.reshape(3, *image.shape[:2])
        return np.stack([median3(to_levels(plane)) for plane in planes])


class BMSICCV(ArrayModel):
    """The earlier program: raw Lab channels, each boolean map closed; maps in 0..255.

    A picture of one colour gives zeros.

    Args:
        width: the picture is brought to this width first.
        quantize: as in `BMS`.

    Raises:
        ConfigError: a width below 1.

    Reference: Zhang and Sclaroff, "Saliency Detection: A Boolean Map Approach", ICCV 2013.
    """

    def __init__(self, width: int = 600, quantize: bool = False):
        self.width = check_side("width", width)
        self.quantize = quantize

    def _saliency(self, image: np.ndarray) -> np.ndarray:
        size = image.shape[:2]
        if one_colour(image):
            return np.zeros(size)
        total = attention_sum_closed(self.features(image), STEP, GROW, GAP)
        return finish(total, size, grow=11, sigma=20.0, reach=25, quantize=self.quantize)

    def features(self, image: np.ndarray) -> np.ndarray:
        """The three maps whose thresholds are taken, uint8 (3, height, width)."""
        height = max(1, int(image.shape[0] * self.width / image.shape[1]))
        if height > TALLEST * self.width:
            raise InputError(
                f"a picture of {image.shape[1]} x {image.shape[0]} pixels; bms_iccv brings every "
                f"picture to width {self.width}, and expects none above {TALLEST} times as high as "
                "wide. Fix: turn or crop the picture, or use bms"
            )
        small = resize_area(np.ascontiguousarray(image[..., ::-1]), (height, self.width))
        return np.ascontiguousarray(np.moveaxis(lab8(smooth3(small)), 2, 0))


def check_side(name: str, value: int) -> int:
    """A number of pixels.

    Raises:
        ConfigError: not a whole number of at least 1.
    """
    if type(value) is not int or value < 1:
        raise ConfigError(f"{name} must be a whole number of pixels, got {value!r}")
    return value


def whiten(channels: np.ndarray) -> np.ndarray:
    """Pixels (n, 3) turned to the axes of their covariance and scaled; the mean stays."""
    axes, variances = jacobi_axes(np.cov(channels, rowvar=False, bias=True) + RIDGE * np.eye(3))
    return channels @ (axes / np.sqrt(variances))


def jacobi_axes(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Singular vectors (3, 3) as columns and values, largest first, with OpenCV's signs.

    A sign decides whether a channel or its negative is cut by thresholds from its least value up,
    so that it shows in the maps; LAPACK's differ. One-sided Jacobi rotations of the rows.
    """
    rows = matrix.copy()
    changed = True
    while changed:
        changed = False
        for i, j in ((0, 1), (0, 2), (1, 2)):
            a, b, p = rows[i] @ rows[i], rows[j] @ rows[j], rows[i] @ rows[j]
            if abs(p) <= JACOBI_TOLERANCE * np.sqrt(a * b):
                continue
            changed = True
            difference = a - b
            gamma = np.hypot(2 * p, difference)
            if difference < 0:
                s = np.sqrt((gamma - difference) / (2 * gamma))
                c = p / (gamma * s)
            else:
                c = np.sqrt((gamma + difference) / (2 * gamma))
                s = p / (gamma * c)
            rows[i], rows[j] = c * rows[i] + s * rows[j], c * rows[j] - s * rows[i]
    values = np.sqrt((rows**2).sum(axis=1))
    order = np.argsort(-values, kind="stable")
    return (rows[order] / values[order, None]).T, values[order]


def to_levels(values: np.ndarray) -> np.ndarray:
    """Values stretched over 0..255 and rounded to uint8."""
    return np.rint(255 * min_max(values).astype(np.float32)).astype(np.uint8)


def median3(levels: np.ndarray) -> np.ndarray:
    """Median of 3 x 3 pixels, edges replicated; uint8 (height, width)."""
    padded = np.pad(levels, 1, mode="edge")
    low, middle, high = _sorted(padded[:-2], padded[1:-1], padded[2:])
    lows, middles, highs = (_beside(x) for x in (low, middle, high))
    return _sorted(np.maximum.reduce(lows), _sorted(*middles)[1], np.minimum.reduce(highs))[1]


def _beside(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return x[:, :-2], x[:, 1:-1], x[:, 2:]


def _sorted(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, ...]:
    small, large = np.minimum(a, b), np.maximum(a, b)
    return np.minimum(small, c), np.maximum(small, np.minimum(large, c)), np.maximum(large, c)


def finish(
    total: np.ndarray,
    size: tuple[int, int],
    *,
    grow: int,
    sigma: float,
    reach: int,
    quantize: bool,
) -> np.ndarray:
    """A sum of attention maps, spread out, at the picture's size, in 0..255.

    Args:
        total: (height, width).
        size: wanted (height, width).
        grow: pixels by which maxima grow either side.
        sigma: standard deviation of the blur in pixels.
        reach: pixels either side at which it is cut.
        quantize: round to 8 bits after every step.
    """
    from scipy.ndimage import maximum_filter

    level = _levels if quantize else np.asarray
    grown = maximum_filter(level(255 * min_max(total)), 2 * grow + 1)
    spread = level(gaussian_blur(grown, sigma, reach, "mirror"))
    return np.asarray(level(resize_linear(spread.astype(np.float64), size)), dtype=np.float64)


def _levels(values: np.ndarray) -> np.ndarray:
    return np.rint(values).astype(np.uint8)
