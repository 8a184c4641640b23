"""Archives of one file a map: PNG of 8 or 16 bits, `.npy`, and JPEG below the model's folder.

png8    ceiling of the min-max scaled map: small values stay apart from true zeros
png16   at least 1 where the map is above 0, else round(65535 m / maximum): exact in every score
npy     float32
jpeg    quality 95, from the 8-bit ceiling
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial

import numpy as np

from benchmark_kit.packaging.checks.stimulus_facts import StimulusFacts
from benchmark_kit.packaging.stores._archive import write_archive
from benchmark_kit.packaging.stores._png import gray_png
from benchmark_kit.packaging.stores.store import FLOAT_STEP, ONE_STEP, Store

JPEG_QUALITY = 95
JPEG_STEPS = 64.0  # sharp maps lose much; another image's map is off by nearly the full range


def _npy(stored: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, stored, allow_pickle=False)
    return buffer.getvalue()


def encode_exact(
    file: Callable[[np.ndarray], bytes], stored: np.ndarray
) -> tuple[bytes, tuple[int, int], np.ndarray]:
    """A map as the bytes of a file that holds it exactly, as reading back has to show."""
    return file(stored), (stored.shape[0], stored.shape[1]), stored


def encode_file(
    file: Callable[[np.ndarray], bytes], suffix: str, stored: np.ndarray
) -> tuple[bytes, tuple[int, int], np.ndarray]:
    """A map as a file's bytes, and what the kit's only decoder makes of them."""
    from benchmark_kit.imaging.images import read_map

    data = file(stored)
    return data, (stored.shape[0], stored.shape[1]), read_map((f"map{suffix}", data))


def _jpeg(stored: np.ndarray) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(stored).save(buffer, format="JPEG", quality=JPEG_QUALITY)
    return buffer.getvalue()


def _flat(suffix: str, image: StimulusFacts, place: int, model: str) -> str:
    return image.name + suffix


def _in_folder(suffix: str, image: StimulusFacts, place: int, model: str) -> str:
    return f"{model}/{image.name}{suffix}"


STORES = (
    Store(
        name="png8",
        dtype=np.uint8,
        extensions=(".zip",),
        encode=partial(encode_exact, gray_png),
        member=partial(_flat, ".png"),
        write=write_archive,
        allowed=ONE_STEP,  # the ceiling is off by less, and so is a small value lifted to 1
        depth=8,
        deeper="png16",
    ),
    Store(
        name="png16",
        dtype=np.uint16,
        extensions=(".zip",),
        encode=partial(encode_exact, gray_png),
        member=partial(_flat, ".png"),
        write=write_archive,
        allowed=ONE_STEP,
        bytes_a_pixel=0.8,
        depth=16,
    ),
    Store(
        name="npy",
        dtype=np.float32,
        extensions=(".zip",),
        encode=partial(encode_exact, _npy),
        member=partial(_flat, ".npy"),
        write=write_archive,
        allowed=FLOAT_STEP,
        bytes_a_pixel=4.0,
    ),
    Store(
        name="jpeg",
        dtype=np.uint8,
        extensions=(".zip",),
        encode=partial(encode_file, _jpeg, ".jpg"),
        member=partial(_in_folder, ".jpg"),
        write=write_archive,
        allowed=JPEG_STEPS,
        named_inside=True,
        top_folder=True,
    ),
)
