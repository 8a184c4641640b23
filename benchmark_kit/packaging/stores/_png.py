"""Gray PNG whose bytes follow from the pixels by the simplest rules there are.

Every row is told by its differences from the row above, and deflate joins runs of one byte alone
(`Z_RLE`). No search for repeats runs and no filter is chosen, which is where libraries differ and
where the time goes: on smooth maps of 640 x 480 a tenth of level 6's time, at about a sixth more
bytes (`benchmarks/package_speed.py`). Only signature, IHDR, one IDAT and IEND are written.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np

from benchmark_kit.imaging.decoder import PNG_SIGNATURE

UP = 2  # the filter's number
LEVEL, WINDOW, MEMORY = 6, 15, 8  # zlib's defaults; runs do not ask for the level


def gray_png(pixels: np.ndarray) -> bytes:
    """The bytes of a PNG.

    Args:
        pixels: uint8 or uint16 (height, width), neither side 0.
    """
    height, width = pixels.shape
    big_endian = np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder(">"))
    samples = big_endian.view(np.uint8)
    rows = np.empty((height, 1 + samples.shape[1]), np.uint8)
    rows[:, 0] = UP
    rows[0, 1:] = samples[0]
    np.subtract(samples[1:], samples[:-1], out=rows[1:, 1:])  # modulo 256, as the format has it
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, WINDOW, MEMORY, zlib.Z_RLE)
    data = deflate.compress(rows.data) + deflate.flush()
    # gray without alpha, deflate, the five basic filters, not interlaced
    head = struct.pack(">IIBBBBB", width, height, 8 * pixels.dtype.itemsize, 0, 0, 0, 0)
    chunks = (_chunk(b"IHDR", head), _chunk(b"IDAT", data), _chunk(b"IEND", b""))
    return PNG_SIGNATURE + b"".join(chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
