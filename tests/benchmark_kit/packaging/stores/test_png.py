"""The PNG of packages: exact, plain, and small for smooth maps."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from benchmark_kit.imaging.images import read_map
from benchmark_kit.packaging.stores._png import gray_png


def chunks(data):
    """(kind, payload) of every chunk, their checksums verified."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    place, found = 8, []
    while place < len(data):
        (length,) = struct.unpack_from(">I", data, place)
        body = data[place + 4 : place + 8 + length]
        assert struct.unpack_from(">I", data, place + 8 + length) == (zlib.crc32(body),)
        found.append((body[:4], body[4:]))
        place += 12 + length
    return found


def maps(dtype):
    rng = np.random.default_rng(5)
    top = np.iinfo(dtype).max
    rows, columns = np.ogrid[:97, :131]
    hill = np.exp(-((rows - 40) ** 2 + (columns - 60) ** 2) / 900)
    return {
        "noise": rng.integers(0, top, (31, 47), endpoint=True, dtype=dtype),
        "hill": (hill * top).astype(dtype),
        "constant": np.full((8, 5), top, dtype),
        "one pixel": np.array([[top // 3]], dtype),
        "one row": np.arange(300).astype(dtype)[None],
        "a view": np.asfortranarray((hill * top).astype(dtype))[::-2, 3::3],
    }


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_reader_gives_the_pixels_back(dtype):
    for name, pixels in maps(dtype).items():
        data = gray_png(pixels)
        read = read_map(("map.png", data))
        assert read.dtype == dtype, name
        assert np.array_equal(read, pixels), name
        with Image.open(io.BytesIO(data)) as picture:
            assert picture.info == {}, name


@pytest.mark.parametrize(("dtype", "depth"), [(np.uint8, 8), (np.uint16, 16)])
def test_nothing_stands_in_it_that_a_board_could_misread(dtype, depth):
    pixels = maps(dtype)["hill"]
    found = chunks(gray_png(pixels))
    assert [kind for kind, _ in found] == [b"IHDR", b"IDAT", b"IEND"]
    # gray, deflate, basic filters, not interlaced
    assert struct.unpack(">IIBBBBB", found[0][1]) == (131, 97, depth, 0, 0, 0, 0)
    stream = zlib.decompressobj()
    assert len(stream.decompress(found[1][1])) == 97 * (1 + 131 * depth // 8)
    assert stream.eof
    assert not stream.unused_data


def test_smooth_maps_are_packed():
    pixels = maps(np.uint8)["hill"]
    assert len(gray_png(pixels)) < pixels.size / 3
