"""One table of pictures that come out as they are stored; all others are refused by name."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from benchmark_kit.imaging.images import (
    DecodeError,
    as_stored,
    image_orientation,
    image_size,
    inspect_map,
    read_map,
    read_stimulus,
)

RNG = np.random.default_rng(0)
GRAY = RNG.integers(0, 256, (24, 40)).astype(np.uint8)
RGB = np.stack([GRAY] * 3, axis=2)
UNSIGNED, SIGNED, FLOAT = 1, 2, 3
WHITE_IS_ZERO, BLACK_IS_ZERO, COLOURS, CMYK, LAB = 0, 1, 2, 5, 8


def tiff(path, array, numbers=UNSIGNED, photometric=BLACK_IS_ZERO, *, order="<", **more):
    """An uncompressed TIFF of one strip, tile by tile, or plane by plane."""
    samples = array.shape[2] if array.ndim == 3 else 1
    height, width = array.shape[:2]
    tags = {
        256: width,
        257: height,
        258: [array.dtype.itemsize * 8] * samples,
        259: 1,
        262: photometric,
        277: samples,
        339: [numbers] * samples,
        **more.get("tags", {}),
    }
    if more.get("tile"):
        side = more["tile"]
        parts = []
        for y in range(0, height, side):
            for x in range(0, width, side):
                tile = np.zeros((side, side, *array.shape[2:]), array.dtype)
                part = array[y : y + side, x : x + side]
                tile[: part.shape[0], : part.shape[1]] = part
                parts.append(tile.tobytes())
        tags |= {322: side, 323: side}
        places, lengths = 324, 325
    else:
        planes = np.moveaxis(array, 2, 0) if more.get("planar") else [array]
        parts = [np.ascontiguousarray(plane).tobytes() for plane in planes]
        tags |= {278: height} | ({284: 2} if more.get("planar") else {})
        places, lengths = 273, 279
    starts = np.cumsum([8, *map(len, parts)])
    tags |= {places: [int(start) for start in starts[:-1]], lengths: [len(p) for p in parts]}
    table, extra = b"", b""
    after = int(starts[-1]) + 2 + 12 * len(tags) + 4
    for tag, values in sorted(tags.items()):
        values = values if isinstance(values, list) else [values]
        letter, kind = ("I", 4) if tag in (places, lengths) else ("H", 3)
        raw = struct.pack(f"{order}{len(values)}{letter}", *values)
        if len(raw) > 4:
            table += struct.pack(f"{order}HHII", tag, kind, len(values), after + len(extra))
            extra += raw
        else:
            table += struct.pack(f"{order}HHI", tag, kind, len(values)) + raw.ljust(4, b"\0")
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(f"{order}I", int(starts[-1]))
    count = struct.pack(f"{order}H", len(tags))
    path.write_bytes(head + b"".join(parts) + count + table + bytes(4) + extra)


def png(path, rows, size, depth, colour):
    def chunk(kind, content):
        end = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + end

    height, width = size
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    parts = [(b"IHDR", head), (b"gAMA", struct.pack(">I", 20000)), (b"IDAT", body), (b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("tile", [0, 16])
@pytest.mark.parametrize(
    ("dtype", "numbers", "stored_as"),
    [
        ("u1", UNSIGNED, "uint8"),
        ("u2", UNSIGNED, "uint16"),
        ("i2", SIGNED, "int16"),
        ("i4", SIGNED, "int32"),
        ("f4", FLOAT, "float32"),
    ],
)
def test_tiffs_that_come_out_as_they_are_stored(tmp_path, order, tile, dtype, numbers, stored_as):
    low = -100 if numbers == SIGNED else 0
    values = (RNG.random((24, 40)) * 200 + low).astype(order + dtype)
    tiff(tmp_path / "m.tif", values, numbers, order=order, tile=tile)
    read = read_map(tmp_path / "m.tif")
    np.testing.assert_array_equal(read, values)
    assert read.dtype.isnative
    assert inspect_map(tmp_path / "m.tif").stored_as == f"{stored_as} tiff"


def test_white_is_zero_is_turned_around_in_8_bits_and_refused_beyond(tmp_path):
    tiff(tmp_path / "m.tif", 255 - GRAY, UNSIGNED, WHITE_IS_ZERO)
    np.testing.assert_array_equal(read_map(tmp_path / "m.tif"), GRAY)
    np.testing.assert_array_equal(read_stimulus(tmp_path / "m.tif"), RGB)
    tiff(tmp_path / "m.tif", GRAY.astype("<u2"), UNSIGNED, WHITE_IS_ZERO)
    for read in (inspect_map, read_map, read_stimulus):
        with pytest.raises(DecodeError, match=r"E302 TIFF of 16-bit .* white is zero"):
            read(tmp_path / "m.tif")


@pytest.mark.parametrize(
    ("values", "numbers", "photometric", "more", "said"),
    [
        (GRAY.astype("<f8"), FLOAT, 1, {}, "TIFF of 64-bit floats"),
        (GRAY.astype("<f2"), FLOAT, 1, {}, "TIFF of 16-bit floats"),
        (GRAY.astype("<f4"), FLOAT, WHITE_IS_ZERO, {}, "TIFF of 32-bit floats"),
        (GRAY.astype("<u4"), UNSIGNED, 1, {}, "TIFF of 32-bit unsigned integers"),
        (GRAY.astype("i1"), SIGNED, 1, {}, "TIFF of 8-bit signed integers"),
        (GRAY.astype("<i2"), SIGNED, WHITE_IS_ZERO, {}, "TIFF of 16-bit signed integers"),
        (RGB.astype("<u2"), UNSIGNED, COLOURS, {}, "TIFF of 16-bit unsigned integers .RGB"),
        (RGB, UNSIGNED, LAB, {}, "Lab"),
        (GRAY, UNSIGNED, 1, {"tags": {266: 2}}, "reversed bits"),
        (np.dstack([RGB, GRAY]), UNSIGNED, COLOURS, {"tags": {338: 1}}, "its transparency"),
    ],
)
def test_tiffs_that_pillow_reads_otherwise_are_refused_by_name(
    tmp_path, values, numbers, photometric, more, said
):
    tiff(tmp_path / "m.tif", values, numbers, photometric, **more)
    for read in (inspect_map, read_map, read_stimulus):
        with pytest.raises(DecodeError, match=f"E302 .*{said}"):
            read(tmp_path / "m.tif")


@pytest.mark.parametrize("more", [{}, {"planar": True}, {"tile": 16}])
def test_colour_tiffs_of_three_equal_channels(tmp_path, more):
    tiff(tmp_path / "m.tif", RGB, UNSIGNED, COLOURS, **more)
    np.testing.assert_array_equal(read_map(tmp_path / "m.tif"), GRAY)
    np.testing.assert_array_equal(read_stimulus(tmp_path / "m.tif"), RGB)


def test_pages_beyond_the_first(tmp_path):
    page = Image.fromarray(GRAY)
    page.save(tmp_path / "m.tif", save_all=True, append_images=[page])
    with pytest.raises(DecodeError, match="TIFF of several pages"):
        read_map(tmp_path / "m.tif")


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_gray_pngs_of_few_bits_are_scaled_to_255_and_gamma_is_left_out(tmp_path, depth):
    levels = RNG.integers(0, 2**depth, (24, 40)).astype(np.uint8)
    bits = np.unpackbits(levels[..., None], axis=2)[..., 8 - depth :].reshape(24, -1)
    png(tmp_path / "m.png", np.packbits(bits, axis=1), (24, 40), depth, 0)
    if depth == 1:
        with pytest.raises(DecodeError, match="two levels"):
            read_map(tmp_path / "m.png")
        np.testing.assert_array_equal(read_map(tmp_path / "m.png", two_levels=True), levels)
        return
    np.testing.assert_array_equal(read_map(tmp_path / "m.png"), levels * (255 // (2**depth - 1)))


@pytest.mark.parametrize(("channels", "colour"), [(3, 2), (2, 4), (4, 6)])
def test_pngs_of_16_bits_in_colour_or_with_alpha_are_refused(tmp_path, channels, colour):
    values = np.repeat(GRAY.astype(">u2")[..., None] * 257, channels, axis=2)
    png(tmp_path / "m.png", values, (24, 40), 16, colour)
    for read in (inspect_map, read_map, read_stimulus):
        with pytest.raises(DecodeError, match="E302 PNG of 16 bits a channel"):
            read(tmp_path / "m.png")


@pytest.mark.parametrize("suffix", [".png", ".gif", ".webp"])
def test_pictures_of_several_frames_are_refused(tmp_path, suffix):
    frames = [Image.fromarray(RGB), Image.fromarray(255 - RGB)]
    frames[0].save(tmp_path / f"m{suffix}", save_all=True, append_images=frames[1:])
    with pytest.raises(DecodeError, match="of several frames"):
        read_map(tmp_path / f"m{suffix}")


def test_jpegs_of_12_bits_and_cmyk_are_told_from_damaged_ones(tmp_path):
    Image.fromarray(RGB).convert("CMYK").save(tmp_path / "m.jpg")
    with pytest.raises(DecodeError, match="E302 CMYK"):
        read_stimulus(tmp_path / "m.jpg")
    content = bytearray((tmp_path / "m.jpg").read_bytes())
    content[content.index(b"\xff\xc0") + 4] = 12
    (tmp_path / "m.jpg").write_bytes(content)
    with pytest.raises(DecodeError, match="E302 JPEG of 12 bits"):
        read_stimulus(tmp_path / "m.jpg")


def test_a_stimulus_of_16_bits_or_floats_is_scaled_to_8_never_clipped(tmp_path):
    Image.fromarray(GRAY.astype(np.uint16) * 257).save(tmp_path / "deep.png")
    Image.fromarray(GRAY.astype(np.uint16) * 257).save(tmp_path / "deep.tif")
    Image.fromarray(GRAY.astype(np.float32) / 255).save(tmp_path / "shares.tif")
    Image.fromarray(GRAY.astype(np.float32)).save(tmp_path / "levels.tif")
    for name in ("deep.png", "deep.tif", "shares.tif", "levels.tif"):
        np.testing.assert_array_equal(read_stimulus(tmp_path / name), RGB, err_msg=name)
    for values in (GRAY.astype(np.float32) * 257, GRAY.astype(np.int32) * 257):
        Image.fromarray(values).save(tmp_path / "unknown.tif")
        with pytest.raises(DecodeError, match="E302"):
            read_stimulus(tmp_path / "unknown.tif")


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_stored_grid_comes_out_whatever_exif_says_unless_it_is_asked_for(
    tmp_path, suffix, orientation
):
    from PIL import ImageOps

    grid = RNG.integers(0, 256, (6, 4, 3)).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a{suffix}"
    Image.fromarray(grid).save(path, exif=exif, **({"lossless": True} if suffix == ".webp" else {}))
    assert image_size(path) == (6, 4)
    assert image_orientation(path) == orientation
    np.testing.assert_array_equal(read_stimulus(path), grid)
    Image.fromarray(grid).save(tmp_path / "b.png", exif=exif)
    with Image.open(tmp_path / "b.png") as picture:
        seen = np.asarray(ImageOps.exif_transpose(picture))
    np.testing.assert_array_equal(read_stimulus(path, turned=True), seen)
    given = as_stored(path)
    assert given is path if orientation == 1 else np.array_equal(given, grid)


def test_a_tile_of_gigabytes_is_refused_before_it_is_reserved(tmp_path):
    tiff(tmp_path / "m.tif", GRAY, tile=16)
    content = bytearray((tmp_path / "m.tif").read_bytes())
    for tag in (322, 323):
        place = content.index(struct.pack("<HHI", tag, 3, 1)) + 8
        content[place : place + 2] = struct.pack("<H", 65520)
    (tmp_path / "m.tif").write_bytes(content)
    with pytest.raises(DecodeError, match="tiles of 4292870400 bytes"):
        read_map(tmp_path / "m.tif", most_pixels=2**22)
