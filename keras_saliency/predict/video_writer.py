"""A video in the making: H.264 in MP4, every frame shown when its source shows it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.containers.damage import one_line
from benchmark_kit.errors import InputError, MissingExtra, RunFailed

TICKS, MOST_TICKS = 10_000, 1_000_000  # a second
LONGEST = 3600  # seconds between two frames; what says more is damaged


class Clock:
    """When frames are shown, in ticks from the first.

    Some files round times to milliseconds: what is within one unit of its place in a constant rate
    is set there, so that such a rate is kept to the digit.

    Args:
        rate: frames a second.
        unit: of the source's times, in seconds; None: it has none.
    """

    def __init__(self, rate: Fraction, unit: Fraction | None):
        ticks = rate.numerator * -(-TICKS // rate.numerator)
        self.tick = Fraction(1, ticks if ticks <= MOST_TICKS else MOST_TICKS)
        self.rate, self.unit = rate, unit
        self.step = max(1, round(1 / (rate * self.tick)))
        self.first: int | None = None
        self.last = -self.step

    def of(self, time: int | None) -> int:
        """The ticks of a time of the source; a step after the last where it does not follow."""
        ticks = self.last + self.step
        if time is not None and self.unit is not None:
            self.first = time if self.first is None else self.first
            seconds = (time - self.first) * self.unit
            place = round(seconds * self.rate)
            regular = abs(place / self.rate - seconds) <= self.unit
            found = place * self.step if regular else round(seconds / self.tick)
            goes_on = self.last < found <= self.last + LONGEST / self.tick
            ticks = found if goes_on else ticks
        self.last = ticks
        return ticks


class VideoWriter:
    """An H.264 video in the making; sides are made even, which the codec asks for.

    Args:
        path: to write.
        size: (height, width) of the first frame.
        rate: frames a second, where frames do not say when they are shown.
        unit: of the times of frames, in seconds.
    """

    def __init__(self, path: Path, size: tuple[int, ...], rate: Fraction, unit: Fraction | None):
        av = pyav()
        self.size = tuple(side + side % 2 for side in size)
        try:
            self.container = av.open(str(path), "w", format="mp4")
        except (av.error.FFmpegError, OSError) as error:
            raise RunFailed(f"{path} cannot be written: {one_line(error)}") from None
        self.stream = self.container.add_stream("libx264", rate=rate)
        self.stream.height, self.stream.width = self.size
        self.stream.pix_fmt = "yuv420p"
        self.stream.options = {"crf": "18"}
        self.clock = Clock(rate, unit)
        self.stream.codec_context.time_base = self.clock.tick

    def write(self, pixels: np.ndarray, time: int | None) -> None:
        """Append a frame.

        Args:
            pixels: uint8 (height, width, 3).
            time: when the source shows it; None or none that follows: a step after the last.

        Raises:
            InputError: a frame larger than the first one.
            RunFailed: the disk is full.
        """
        if any(side > full for side, full in zip(pixels.shape, self.size, strict=False)):
            raise InputError(
                f"a frame of {pixels.shape[1]}x{pixels.shape[0]} after smaller ones: its frames "
                "change their size. Fix: convert it to one size"
            )
        more = [(0, full - side) for full, side in zip(self.size, pixels.shape, strict=False)]
        even = np.pad(pixels, (*more, (0, 0)), mode="edge")
        frame = pyav().VideoFrame.from_ndarray(np.ascontiguousarray(even), format="rgb24")
        frame.pts, frame.duration = self.clock.of(time), self.clock.step
        self._put(frame)

    def close(self) -> None:
        """Finish the file.

        Raises:
            RunFailed: the disk is full.
        """
        try:
            self._put(None)
        finally:
            self.container.close()

    def _put(self, frame: Any) -> None:
        try:
            for packet in self.stream.encode(frame):
                self.container.mux(packet)
        except (pyav().error.FFmpegError, OSError) as error:
            raise RunFailed(f"the video cannot be written: {one_line(error)}") from None


def pyav() -> Any:
    """PyAV, which the extra `video` brings.

    Raises:
        MissingExtra: it is not installed.
    """
    try:
        import av
    except ImportError:
        raise MissingExtra("video", "reading and writing videos") from None
    return av
