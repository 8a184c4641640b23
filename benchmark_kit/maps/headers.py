"""What the headers of maps say: size, type, axes; no pixel is decoded."""

from __future__ import annotations

from collections import Counter

from benchmark_kit.errors import Problem
from benchmark_kit.imaging.images import DecodeError, image_orientation, image_size
from benchmark_kit.imaging.orientation import BACK, TRANSPOSED
from benchmark_kit.maps.pixels import most_pixels
from benchmark_kit.maps.sources import Reference
from benchmark_kit.types import GroundTruth


class Headers:
    """What the headers say, image by image."""

    def __init__(self, transpose: bool, kernel: str | None, command: str = ""):
        self.command = command  # which has the options of the fixes, where another one runs
        self.transpose, self.resize = transpose, kernel
        self.transposed: list[str] = []
        self.other_size: list[str] = []
        self.kinds: Counter[str] = Counter()
        self.wrong_axes: list[str] = []
        self.wrong_size: list[tuple[str, tuple[int, int], tuple[int, int]]] = []
        self.refused: dict[tuple[str, str, str], list[str]] = {}

    def look(self, truth: GroundTruth, reference: Reference) -> None:
        """Take in what one map's header says."""
        try:
            info = reference.inspect(most_pixels(truth.size))
        except DecodeError as error:
            self.refused.setdefault((error.code, error.found, error.fix), []).append(truth.name)
            return
        self.kinds[info.stored_as] += 1
        size = info.size
        if size == truth.size:
            return
        if turned := self._made_upright(truth, size):
            self.refused.setdefault(turned, []).append(truth.name)
        elif size == truth.size[::-1]:
            (self.transposed if self.transpose else self.wrong_axes).append(truth.name)
        elif self.resize is not None:
            self.other_size.append(truth.name)
        else:
            self.wrong_size.append((truth.name, size, truth.size))

    def _made_upright(
        self, truth: GroundTruth, size: tuple[int, int]
    ) -> tuple[str, str, str] | None:
        """E204 of a map that was made of the picture as EXIF turns it where the stored grid is
        meant, or the other way round.
        """
        height, width = truth.size
        if size[0] * height != size[1] * width or truth.stimulus is None:
            return None  # not of the turned picture's proportions
        try:
            orientation = image_orientation(truth.stimulus)
        except DecodeError:
            return None
        if orientation not in BACK or height == width:
            return None
        if self.transpose and BACK[orientation] == TRANSPOSED:
            return None
        if image_size(truth.stimulus) != truth.size:
            found = (
                f"maps of the stored grid of pictures that EXIF turns (orientation {orientation})"
            )
            return "E204", found, "save every map upright, as the pictures are shown here"
        found = f"maps made upright of pictures that EXIF turns (orientation {orientation})"
        fix = (
            f"turn every map back by {BACK[orientation]}, since fixations refer to the stored "
            "picture; or take the tag off the pictures and predict again"
        )
        return "E204", found, fix

    def problems(self) -> list[Problem]:
        """What the headers have against their maps."""
        found = [
            Problem(code, tuple(names), text, fix=fix)
            for (code, text, fix), names in sorted(self.refused.items())
        ]
        if self.wrong_axes:
            text = f"{len(self.wrong_axes)} maps are transposed: width and height are swapped"
            fix = f"{self.command}--transpose, or save maps as rows x columns"
            found.append(Problem("E201", tuple(self.wrong_axes), text, fix=fix))
        if self.wrong_size:
            found.append(self._sizes())
        return found

    def _sizes(self) -> Problem:
        shown = tuple(
            f"{name} {map_size[1]}x{map_size[0]} (image {size[1]}x{size[0]})"
            for name, map_size, size in self.wrong_size
        )
        ratios = {
            (round(map_size[0] / size[0], 3), round(map_size[1] / size[1], 3))
            for _, map_size, size in self.wrong_size
        }
        fix = (
            f"{self.command}--resize KERNEL (bilinear is what the MIT/Tuebingen board does), "
            "or predict at full size"
        )
        if len(ratios) == 1:
            down, across = ratios.pop()
            text = f"{len(shown)} maps have {across:g} x {down:g} times the size of their images"
            return Problem("E202", shown, text, fix=fix)
        one = {map_size for _, map_size, _ in self.wrong_size}
        text = f"{len(shown)} maps have another size than their images"
        if len(one) == 1:
            text += ", all the same: the network's output size, perhaps"
        return Problem("E203", shown, text, fix=fix)
