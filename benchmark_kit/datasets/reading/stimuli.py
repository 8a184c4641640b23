"""The pictures of a data set: their names and sizes, read from the headers only.

EXIF orientation is not applied: fixations refer to the stored pixels (a test picture of CAT2000
carries a wrong tag). Nothing is decoded, so a picture with absurd dimensions costs nothing; it is
refused all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmark_kit.datasets.reading.files import files_below, natural_key
from benchmark_kit.datasets.reading.reader import Defects

EXTENSIONS = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp"})
MOST_PIXELS = 2**26  # 8192 x 8192


@dataclass(frozen=True)
class Stimulus:
    """One picture: `name` is its path below the stimuli folder without extension."""

    name: str
    path: Path
    size: tuple[int, int]

    @property
    def category(self) -> str | None:
        """Name of the first folder on its way, or None if it lies at the top."""
        return self.name.split("/")[0] if "/" in self.name else None


class PictureError(ValueError):
    """A file that is no usable picture."""


def picture_size(path: Path) -> tuple[int, int]:
    """(height, width) of a picture as stored, from its header.

    Raises:
        PictureError: not a picture, or one so large that decoding it could exhaust the memory.
    """
    from benchmark_kit.imaging.images import DecodeError, TooManyPixels, image_size

    try:
        return image_size(path, most_pixels=MOST_PIXELS)
    except TooManyPixels as error:
        raise PictureError("more pixels than any stimulus has") from error
    except DecodeError as error:
        raise PictureError("not a readable picture") from error


def check_recorded(
    picture: Stimulus, recorded: tuple[int, int], defects: Defects, where: str = ""
) -> bool:
    """Whether a picture has the size in whose pixels its points were recorded; if not, it is noted.

    Args:
        picture: as it lies on the disk.
        recorded: (height, width) that the recording used.
        defects: gets the picture if the sizes differ.
        where: what the defect names, the picture's file if empty.
    """
    if picture.size == tuple(recorded):
        return True
    defects.add(
        "E703",
        where or picture.path.name,
        f"recorded on {recorded[1]:g}x{recorded[0]:g}, "
        f"the picture has {picture.size[1]}x{picture.size[0]}",
        fix="use the pictures of the data set, not resized ones",
    )
    return False


def read_stimuli(
    folder: Path,
    defects: Defects,
    *,
    natural: bool = True,
    wanted: Callable[[str], bool] = lambda path: True,
) -> dict[str, Stimulus]:
    """All pictures below a folder by name, in natural (`i2` before `i10`) or plain order.

    Args:
        folder: the stimuli folder.
        defects: gets the pictures that cannot be opened and names that occur twice.
        natural: order of the result.
        wanted: tells by the path below the folder which files count.
    """
    found: dict[str, Stimulus] = {}
    for relative, entry in files_below(folder):
        stem, dot, extension = relative.rpartition(".")
        if f"{dot}{extension.lower()}" not in EXTENSIONS or not wanted(relative):
            continue
        if stem in found:
            defects.add(
                "E104", f"{found[stem].path.name} and {entry.name}", "two pictures of one name"
            )
            continue
        try:
            found[stem] = Stimulus(stem, Path(entry.path), picture_size(Path(entry.path)))
        except PictureError as error:
            defects.add("E301", relative, f"a stimulus that cannot be used: {error}")
    return {name: found[name] for name in sorted(found, key=natural_key if natural else None)}
