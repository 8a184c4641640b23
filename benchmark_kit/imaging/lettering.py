"""Words in pictures: a font that has all their letters, and long words cut in the middle."""

from __future__ import annotations

from functools import cache
from typing import Any

from benchmark_kit.escaping import visible

# What Pillow brings along has Western European letters; of these the first that is installed and
# has all letters of a text is taken
OTHER_FONTS = (
    *("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Arial Unicode.ttf"),
    *("NotoSansCJK-Regular.ttc", "wqy-microhei.ttc", "DroidSansFallbackFull.ttf"),
)
CUT = "…"
NEVER_A_LETTER = "\uffff"


def font_of(text: str, size: float) -> Any:
    """The font for a text, of those at hand the one that has the most of its letters.

    Args:
        text: one line.
        size: height of the letters in pixels.
    """
    letters = frozenset(text) - {" "}
    fonts = [font for name in ("", *OTHER_FONTS) if (font := _font(name, size)) is not None]
    return min(fonts, key=lambda font: sum(_is_missing(font, letter) for letter in letters))


def missing_letters(text: str) -> str:
    """Letters of a text that no font at hand has: a box is drawn in their place."""
    font = font_of(text, 12.0)
    return "".join(dict.fromkeys(c for c in visible(text) if c != " " and _is_missing(font, c)))


def text_width(text: str, size: float) -> float:
    """Width of a line of text in pixels."""
    return float(font_of(text, size).getlength(text))


def fitted(text: str, size: float, width: float) -> str:
    """A line of text in at most so many pixels: the middle is left out of what is longer.

    Args:
        text: any; characters that are not seen are written out.
        size: height of the letters in pixels.
        width: room in pixels.
    """
    text = visible(text)
    if text_width(text, size) <= width:
        return text
    shortest, longest = 0, len(text) - 1
    while shortest < longest:  # letters that are kept
        kept = (shortest + longest + 1) // 2
        shortest, longest = (
            (kept, longest) if text_width(_cut(text, kept), size) <= width else (shortest, kept - 1)
        )
    return _cut(text, shortest)


def _cut(text: str, kept: int) -> str:
    tail = kept // 2
    return text[: kept - tail].rstrip() + CUT + text[len(text) - tail :].lstrip()


@cache
def _font(name: str, size: float) -> Any:
    """A font by the name of its file, "" for Pillow's own; None where it is not installed."""
    from PIL import ImageFont

    if not name:
        return ImageFont.load_default(size=size)
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None


@cache
def _is_missing(font: Any, letter: str) -> bool:
    mask, box = font.getmask(letter), font.getmask(NEVER_A_LETTER)
    return mask.size == box.size and bytes(mask) == bytes(box)
