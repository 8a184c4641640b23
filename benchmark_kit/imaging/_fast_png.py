"""Gray PNGs by imagecodecs (extra `fast`) where it is installed: the same pixels in less time.

Pillow has looked at the header before and stands behind: a file that imagecodecs does not take, or
gives in another form, is Pillow's, with its pixels or its error.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import count
from typing import Any

import numpy as np

from benchmark_kit.imaging.decoder import Opened

KINDS = {("L", 8): np.uint8, ("I;16", 16): np.uint16}
WORTH_IT = 100  # pictures of a process, whose gain is what the import costs

_asked = count()


def fast_pixels(opened: Opened) -> np.ndarray | None:
    """Pixels (height, width), uint8 or uint16; None where Pillow is to decode."""
    kind = KINDS.get((opened.picture.mode, opened.bits))
    if opened.picture.format != "PNG" or kind is None or next(_asked) < WORTH_IT:
        return None
    decode = _decoder()
    if decode is None:
        return None
    place = opened.file.tell()
    opened.file.seek(0)
    try:
        pixels = decode(opened.file.read())
    except Exception:  # whatever is wrong with the file, Pillow says it
        return None
    finally:
        opened.file.seek(place)
    fits = pixels.dtype == kind and pixels.shape == opened.size
    return pixels if fits else None


@cache
def _decoder() -> Callable[[bytes], Any] | None:
    try:
        from imagecodecs import png_decode
    except ImportError:
        return None
    return png_decode
