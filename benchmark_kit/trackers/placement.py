"""Where pictures stood on the screen, and so what a tracker's coordinates are in their pixels.

canvas   the screen; without one the picture as it was shown
X, Y     pixels of the canvas from its upper left corner: what the tracker gives, times the
         canvas' sides if normalised, or from its middle if in degrees
pixel    (X - left) / scale, with left the picture's corner: given, or so that the picture stands
         in the middle; likewise for Y
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from benchmark_kit.errors import ConfigError

UNITS = ("pixels", "normalised", "degrees")
SCALES = ("fit", "fill")
SHOWN = ("left", "top", "width", "height")  # roles: the picture's rectangle on the screen, pixels
DIGITS = 9  # to which places are rounded, of pixels: below what arithmetic loses


@dataclass(frozen=True)
class Placement:
    """How pictures were shown.

    Args:
        units: of x and y: `"pixels"`, `"normalised"` (shares of the screen's sides) or `"degrees"`
            (of visual angle from its middle).
        screen: (width, height) in pixels, or None: coordinates count on the picture as shown.
        place: (left, top) of the picture's corner on the screen in pixels, or None: in the middle.
        scale: screen pixels a pixel of the picture; `"fit"`: as large as the screen allows, in the
            picture's shape; `"fill"`: stretched to the screen.
        y_up: y counts from the lower edge upwards (in degrees: upwards from the middle).
        pixels_per_degree: screen pixels of one degree in the middle, or None if unknown.
        screen_cm: (width, height) of the screen in centimetres, or None.
        distance: of the eyes from the screen in centimetres, or None.

    Raises:
        ConfigError: values that are impossible, or that need others.
    """

    units: str = "pixels"
    screen: tuple[float, float] | None = None
    place: tuple[float, float] | None = None
    scale: float | str = 1.0
    y_up: bool = False
    pixels_per_degree: float | None = None
    screen_cm: tuple[float, float] | None = None
    distance: float | None = None

    def __post_init__(self) -> None:
        if self.units not in UNITS:
            raise ConfigError(f"unknown units {self.units!r}. Fix: one of {', '.join(UNITS)}")
        if self.scale not in SCALES and not (
            isinstance(self.scale, int | float) and 0 < self.scale < math.inf
        ):
            raise ConfigError(
                f"--scale {self.scale}: a number above 0, {' or '.join(SCALES)} is expected"
            )
        for name in ("screen", "screen_cm", "distance", "pixels_per_degree"):
            value = getattr(self, name)
            sides = value if isinstance(value, tuple) else () if value is None else (value,)
            if not all(0 < side < math.inf for side in sides):
                raise ConfigError(f"--{name.replace('_', '-')} must be above 0")
        if isinstance(self.scale, str) and self.screen is None:
            raise ConfigError(f"--scale {self.scale} needs the screen. Fix: --screen WIDTHxHEIGHT")
        if self.place is not None and self.screen is None and (self.units != "pixels" or self.y_up):
            raise ConfigError("--place needs the screen here. Fix: --screen WIDTHxHEIGHT")
        if self.units == "degrees" and self.per_degree is None:
            raise ConfigError(
                "degrees become pixels by the size of the screen and its distance. Fix: --screen "
                "WxH with --screen-cm WxH and --distance CM, or --pixels-per-degree N"
            )

    @property
    def per_degree(self) -> float | None:
        """Screen pixels of one degree of visual angle in the middle, where they are known."""
        if self.pixels_per_degree is not None:
            return self.pixels_per_degree
        if self.screen is None or self.screen_cm is None or self.distance is None:
            return None
        return self.distance * math.tan(math.radians(1)) * self.screen[0] / self.screen_cm[0]

    @property
    def moves(self) -> bool:
        """Whether coordinates are other than pixels of the picture."""
        return self != Placement(
            pixels_per_degree=self.pixels_per_degree,
            screen_cm=self.screen_cm,
            distance=self.distance,
        )

    def detected(self) -> Placement:
        """The same of fixations that were detected: they are in pixels of the screen, y down."""
        return replace(self, units="pixels", y_up=False)

    def on_screen(self, x: float, y: float) -> tuple[float, float]:
        """A place in pixels of the screen; the screen must be known."""
        assert self.screen is not None
        return (
            self._on_canvas(x, 0, self.screen[0], upwards=False),
            self._on_canvas(y, 1, self.screen[1], upwards=self.y_up),
        )

    def on_picture(
        self,
        x: float,
        y: float,
        size: tuple[int, int],
        shown: Mapping[str, float | None] | None = None,
    ) -> tuple[float, float]:
        """A place in pixels of the picture.

        Args:
            x: as the tracker gives it.
            y: likewise.
            size: (height, width) of the picture in pixels.
            shown: the picture's rectangle on the screen, as far as its row tells it.
        """
        shown = shown or {}
        sides = float(size[1]), float(size[0])
        scales = self._scales(sides, (shown.get("width"), shown.get("height")))
        drawn = sides[0] * scales[0], sides[1] * scales[1]
        canvas = drawn if self.screen is None else self.screen
        corner = self.place or tuple((c - d) / 2 for c, d in zip(canvas, drawn, strict=True))
        left, top = shown.get("left"), shown.get("top")
        corner = (corner[0] if left is None else left, corner[1] if top is None else top)
        on_canvas = (
            self._on_canvas(x, 0, canvas[0], upwards=False),
            self._on_canvas(y, 1, canvas[1], upwards=self.y_up),
        )
        across, down = (
            round((place - start) / scale, DIGITS)
            for place, start, scale in zip(on_canvas, corner, scales, strict=True)
        )
        return across, down

    def _scales(
        self, sides: tuple[float, float], drawn: tuple[float | None, float | None]
    ) -> tuple[float, float]:
        if isinstance(self.scale, str):
            assert self.screen is not None
            across, down = self.screen[0] / sides[0], self.screen[1] / sides[1]
            both = (across, down) if self.scale == "fill" else (min(across, down),) * 2
        else:
            both = (self.scale, self.scale)
        if drawn[0] and drawn[1]:
            return drawn[0] / sides[0], drawn[1] / sides[1]
        one = (drawn[0] or 0) / sides[0] or (drawn[1] or 0) / sides[1]
        return (one, one) if one else both

    def _on_canvas(self, value: float, axis: int, side: float, *, upwards: bool) -> float:
        if self.units == "degrees":
            value = -value if upwards else value
            if self.screen is None or self.screen_cm is None or self.distance is None:
                return side / 2 + value * (self.per_degree or 0.0)
            # exact on a flat screen: pixels a degree grow away from the middle
            cm = self.distance * math.tan(math.radians(value))
            return side / 2 + cm * self.screen[axis] / self.screen_cm[axis]
        if self.units == "normalised":
            value = value * side
        return side - value if upwards else value
