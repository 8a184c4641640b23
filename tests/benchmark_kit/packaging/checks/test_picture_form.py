"""Format, channels and JPEG quality from the header."""

import io

import numpy as np
import pytest
from PIL import Image

from benchmark_kit.packaging.checks.picture_form import picture_form


def file_of(pixels, form, mode=None, **options):
    picture = Image.fromarray(pixels)
    file = io.BytesIO()
    (picture.convert(mode) if mode else picture).save(file, format=form, **options)
    return file.getvalue()


PIXELS = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64).astype(np.uint8)


@pytest.mark.parametrize("quality", [30, 50, 75, 89, 90, 95, 100])
def test_jpeg_quality_is_the_number_that_was_asked_for(quality):
    form = picture_form("a.jpg", file_of(PIXELS, "JPEG", quality=quality))
    assert abs(form.quality - quality) <= 1
    assert (form.format, form.disguised) == ("jpeg", False)


@pytest.mark.parametrize(
    ("mode", "channels"),
    [
        ("L", ""),
        ("RGB", "three equal channels"),
        ("P", "a palette"),
        ("RGBA", "an alpha channel"),
        ("LA", "an alpha channel"),
    ],
)
def test_channels(mode, channels):
    form = picture_form("a.png", file_of(PIXELS, "PNG", mode))
    assert form.channels == channels
    assert form.quality is None


def test_a_palette_with_transparency_has_an_alpha_channel():
    data = file_of(PIXELS, "PNG", "P", transparency=3)
    assert picture_form("a.png", data).channels == "an alpha channel"


@pytest.mark.parametrize(
    ("name", "form", "disguised"),
    [
        ("a.png", "JPEG", True),
        ("a.jpeg", "JPEG", False),
        ("a.JPG", "JPEG", False),
        ("a.jpg", "PNG", True),
        ("a.tiff", "TIFF", False),
        ("a.bmp", "BMP", False),
    ],
)
def test_content_and_extension(name, form, disguised):
    assert picture_form(name, file_of(PIXELS, form)).disguised == disguised
