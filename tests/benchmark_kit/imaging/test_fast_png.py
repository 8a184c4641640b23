"""Gray PNGs come out the same with imagecodecs and without, whole or damaged."""

import io
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from benchmark_kit.errors import KitError
from benchmark_kit.imaging import _fast_png
from benchmark_kit.imaging.images import read_map


def png(pixels, **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", **options)
    return file.getvalue()


def pixels_of(kind, seed=0, size=(20, 23)):
    top = np.iinfo(kind).max
    return np.random.default_rng(seed).integers(top, size=size, endpoint=True, dtype=kind)


def read(data):
    try:
        return read_map(("x.png", data))
    except KitError as error:
        return str(error)


@pytest.fixture
def answers(monkeypatch):
    """(what imagecodecs is to answer, or an exception to raise; what it was given)."""
    given, found = [], []

    def decode(data):
        found.append(data)
        if isinstance(given[0], Exception):
            raise given[0]
        return given[0]

    monkeypatch.setattr(_fast_png, "WORTH_IT", 0)
    monkeypatch.setattr(_fast_png, "_decoder", lambda: decode)
    return given, found


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_what_it_decodes_is_taken(answers, kind):
    given, found = answers
    stored, other = png(pixels_of(kind)), pixels_of(kind, seed=1)
    given.append(other)
    assert np.array_equal(read(stored), other)
    assert found == [stored]


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_what_it_refuses_or_gives_in_another_form_is_pillows(answers, kind):
    given, _ = answers
    pixels = pixels_of(kind)
    pair = np.stack([pixels, pixels], axis=2)  # gray with transparency
    for answer in (ValueError("damaged"), pair, pixels.astype(np.float32), pixels[1:]):
        given[:] = [answer]
        found = read(png(pixels))
        assert found.dtype == kind
        assert np.array_equal(found, pixels)


def test_other_pictures_do_not_reach_it(answers):
    _, found = answers
    gray = pixels_of(np.uint8)
    file = io.BytesIO()
    Image.fromarray(gray).save(file, "BMP")
    assert np.array_equal(read(file.getvalue()), gray)
    assert np.array_equal(read(png(np.stack([gray] * 3, axis=2))), gray)
    levels = Image.fromarray(gray // 64 * 85)
    file = io.BytesIO()
    levels.quantize(4).save(file, "PNG", bits=2)
    read(file.getvalue())
    assert found == []


def test_few_pictures_do_not_pay_for_the_import(monkeypatch):
    asked = []
    monkeypatch.setattr(_fast_png, "_asked", iter(range(1000)))
    monkeypatch.setattr(_fast_png, "WORTH_IT", 3)
    monkeypatch.setattr(_fast_png, "_decoder", lambda: asked.append(0))
    for _ in range(5):
        read(png(pixels_of(np.uint8)))
    assert len(asked) == 2


@st.composite
def files(draw):
    """A gray PNG, perhaps cut, with other bits, or with other data under a right checksum."""
    kind = draw(st.sampled_from([np.uint8, np.uint16]))
    pixels = pixels_of(kind, draw(st.integers(0, 99)), draw(st.sampled_from([(1, 1), (20, 23)])))
    options = draw(st.sampled_from([{}, {"transparency": 7}, {"compress_level": 0}]))
    data = bytearray(png(pixels, **options))
    damage = draw(st.sampled_from(["none", "cut", "bit", "rows"]))
    if damage == "cut":
        del data[draw(st.integers(9, len(data) - 1)) :]
    if damage == "bit":
        data[draw(st.integers(8, len(data) - 1))] ^= 1 << draw(st.integers(0, 7))
    if damage == "rows":
        place = data.index(b"IDAT")
        length = int.from_bytes(data[place - 4 : place], "big")
        rows = bytearray(zlib.decompress(data[place + 4 : place + 4 + length]))
        rows[draw(st.integers(0, len(rows) - 1))] ^= draw(st.integers(1, 255))
        rows = rows[: draw(st.integers(1, len(rows)))] + draw(st.binary(max_size=30))
        chunk = b"IDAT" + zlib.compress(rows)
        data[place - 4 : place + 8 + length] = b"".join(
            [(len(chunk) - 4).to_bytes(4, "big"), chunk, zlib.crc32(chunk).to_bytes(4, "big")]
        )
    return bytes(data)


@settings(max_examples=300, deadline=None)
@given(files())
def test_the_real_one_changes_no_pixel_and_no_refusal(data):
    pytest.importorskip("imagecodecs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_fast_png, "WORTH_IT", 0)
        found = read(data)
        patch.setattr(_fast_png, "_decoder", lambda: None)
        plain = read(data)
    if isinstance(plain, str):
        assert found == plain
    else:
        assert found.dtype == plain.dtype
        assert np.array_equal(found, plain)
