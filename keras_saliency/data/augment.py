"""Random changes of a training picture under which people still look at the same things.

No rotation and no change of hue: people look at upright pictures, and at colours as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark_kit.errors import ConfigError
from benchmark_kit.types import Fixations
from keras_saliency.base.geometry import Plan
from keras_saliency.data.view import View

TRIES = 10  # parts drawn until one holds a fixation
GRAY = (0.299, 0.587, 0.114)  # BT.601 luma


@dataclass(frozen=True)
class Augmentation:
    """What is done to training pictures, and to all that belongs to them.

    Args:
        mirror: share of the pictures that are mirrored left to right, 0..1.
        crop: smallest share of each side that is shown, 0 < crop <= 1: a part with the picture's
            aspect, enlarged to where the whole would lie. 1 shows all of it.
        brightness: largest change of all values, as a share of 255.
        contrast: largest change of the distances from the picture's mean, as a share of them.
        saturation: largest change of the distances from gray, as a share of them.

    Raises:
        ConfigError: a number out of its range.
    """

    mirror: float = 0.5
    crop: float = 1.0
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0

    def __post_init__(self) -> None:
        wrong = [
            f"{name} must be in {range_}, got {getattr(self, name)}"
            for name, range_ in RANGES.items()
            if not self._fits(name)
        ]
        if wrong:
            raise ConfigError(f"Augmentation: {'; '.join(wrong)}")

    def _fits(self, name: str) -> bool:
        value = getattr(self, name)
        return 0 < value <= 1 if name == "crop" else 0 <= value <= 1

    def view(
        self,
        plan: Plan,
        base: tuple[int, int],
        fixations: Fixations | None,
        rng: np.random.Generator,
    ) -> View:
        """A random part, mirrored or not.

        Args:
            plan: of the whole picture.
            base: (height, width) of the pixels that the part will be cut from: its borders lie
                between them.
            fixations: of the picture; the part holds at least one, where ten tries find it.
            rng: decides.
        """
        mirrored = bool(rng.random() < self.mirror)
        whole = View.whole(plan, mirrored)
        if self.crop == 1:
            return whole
        for _ in range(TRIES):
            share = rng.uniform(self.crop, 1)
            sides = [max(1, round(share * side)) for side in base]
            first = [
                int(rng.integers(0, n - side + 1)) for n, side in zip(base, sides, strict=True)
            ]
            scale = [n / m for n, m in zip(plan.image, base, strict=True)]
            found = View(
                plan,
                first[0] * scale[0],
                first[1] * scale[1],
                sides[0] * scale[0],
                sides[1] * scale[1],
                mirrored,
            )
            if fixations is None or not len(fixations) or found.holds(fixations).any():
                return found
        return whole

    def colours(self, picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The picture in other light.

        Args:
            picture: float32 (height, width, 3), RGB in 0..255.
            rng: decides.

        Returns:
            float32 of the same shape, in 0..255.
        """
        lighter, stronger, more = rng.uniform(-1, 1, 3).astype(np.float32)
        if not (self.brightness or self.contrast or self.saturation):
            return picture
        if self.saturation:
            gray = luma(picture)[..., None]
            picture = gray + (picture - gray) * (1 + np.float32(self.saturation) * more)
        if self.contrast:
            mean = picture.mean()
            picture = mean + (picture - mean) * (1 + np.float32(self.contrast) * stronger)
        return np.clip(picture + np.float32(255 * self.brightness) * lighter, 0, 255)


RANGES = {
    "mirror": "0..1",
    "crop": "above 0, at most 1",
    "brightness": "0..1",
    "contrast": "0..1",
    "saturation": "0..1",
}


def luma(picture: np.ndarray) -> np.ndarray:
    """Gray of RGB, (height, width) float32."""
    red, green, blue = (
        np.float32(weight) * picture[..., k].astype(np.float32) for k, weight in enumerate(GRAY)
    )
    return red + green + blue
