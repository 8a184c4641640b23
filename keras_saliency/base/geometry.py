"""Pictures of any size into a network's frame, and its maps back onto the picture.

A `Geometry` says how a paper does it; a `Plan` is that for one picture: the size it is scaled to,
where it lies in the frame, and the exact way back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from keras_saliency.base.resample import Kernel, Size, resample

Fit = Literal["squeeze", "pad", "shrink", "area"]
LONGEST = 3  # with "area", the longest side over the frame's: a strip is squeezed beyond it


@dataclass(frozen=True)
class Geometry:
    """How pictures of any size become pictures that a network takes.

    Args:
        fit: `"squeeze"` scales both sides to the frame, aspect lost; `"pad"` keeps the aspect and
            fills what is left of the frame; `"shrink"` keeps the aspect, never enlarges, and
            leaves the frame as large as the scaled picture (a network for any size); `"area"`
            keeps the aspect too, and scales every picture, small ones as well, to about as many
            pixels as the frame has.
        kernel: of the picture, see `base.resample`.
        back: kernel of maps on their way back.
        fill: value of the padding, in the picture's 0..255.
        multiple: with `"shrink"` and `"area"`, both sides are rounded to a multiple of it (at
            least one).
        least: with `"shrink"`, a shorter side is stretched to this many pixels, which the network
            needs.
        rounding: with `"pad"`, the scaled picture's shorter side: `"floor"` or `"round"`.
        turn: with `"shrink"`, an upright picture is fitted into the frame turned by 90 degrees.
    """

    fit: Fit = "squeeze"
    kernel: Kernel = "bilinear"
    back: Kernel = "bilinear"
    fill: float = 0.0
    multiple: int = 1
    least: int = 1
    rounding: Literal["floor", "round"] = "floor"
    turn: bool = False

    def plan(self, image: Size, frame: Size) -> Plan:
        """The plan for one picture.

        Args:
            image: (height, width) of the picture.
            frame: (height, width) that the network works at; with `"shrink"` the largest one, with
            `"area"` one of its number of pixels.
        """
        if self.fit == "squeeze":
            return Plan(self, image, frame, frame, (0, 0))
        if self.fit == "area":
            scale = (frame[0] * frame[1] / (image[0] * image[1])) ** 0.5
            inner = tuple(self._side(min(side * scale, LONGEST * max(frame))) for side in image)
            return Plan(self, image, inner, inner, (0, 0))  # type: ignore[arg-type]
        if self.fit == "shrink":
            if self.turn and (image[0] > image[1]) != (frame[0] > frame[1]):
                frame = (frame[1], frame[0])
            scale = min(1.0, frame[0] / image[0], frame[1] / image[1])
            inner = tuple(self._side(side * scale) for side in image)
            return Plan(self, image, inner, inner, (0, 0))  # type: ignore[arg-type]
        upright = image[0] * frame[1] > image[1] * frame[0]
        along, across = (0, 1) if upright else (1, 0)
        # in whole numbers, so that a picture of the frame's aspect fills it
        product = image[across] * frame[along]
        half = image[along] // 2 if self.rounding == "round" else 0
        sides = [0, 0]
        sides[along], sides[across] = frame[along], max(1, (product + half) // image[along])
        inner = (sides[0], min(sides[1], frame[1]))
        offset = ((frame[0] - inner[0]) // 2, (frame[1] - inner[1]) // 2)
        return Plan(self, image, frame, inner, offset)

    def _side(self, pixels: float) -> int:
        return max(self.multiple, self.least, round(pixels / self.multiple) * self.multiple)


@dataclass(frozen=True)
class Plan:
    """One picture's way into the frame and back.

    Args:
        geometry: what it follows.
        image: (height, width) of the picture.
        frame: (height, width) of what the network gets.
        inner: (height, width) that the picture is scaled to.
        offset: (rows, columns) of its upper left corner inside the frame.
    """

    geometry: Geometry
    image: Size
    frame: Size
    inner: Size
    offset: tuple[int, int]

    def into_frame(self, picture: np.ndarray) -> np.ndarray:
        """The picture in the frame.

        Args:
            picture: (height, width, channels) in 0..255.

        Returns:
            float32 (frame height, frame width, channels) in 0..255.
        """
        scaled = resample(picture.astype(np.float32), self.inner, self.geometry.kernel)
        scaled = np.clip(scaled, 0, 255)  # cubics overshoot
        if self.inner == self.frame:
            return scaled
        framed = np.full((*self.frame, picture.shape[2]), self.geometry.fill, np.float32)
        (top, left), (height, width) = self.offset, self.inner
        framed[top : top + height, left : left + width] = scaled
        return framed

    def onto_image(self, values: np.ndarray) -> np.ndarray:
        """A map of the frame, at whatever resolution, on the picture.

        Args:
            values: (height, width[, channels]).

        Returns:
            float32 (image height, image width[, channels]); padding is cut away.
        """
        whole = tuple(
            max(side, round(frame * side / inner))
            for side, frame, inner in zip(self.image, self.frame, self.inner, strict=True)
        )
        large = resample(values.astype(np.float32), whole, self.geometry.back)  # type: ignore[arg-type]
        top, left = (
            min(round(offset * side / inner), size - side)
            for offset, side, inner, size in zip(
                self.offset, self.image, self.inner, whole, strict=True
            )
        )
        return large[top : top + self.image[0], left : left + self.image[1]]
