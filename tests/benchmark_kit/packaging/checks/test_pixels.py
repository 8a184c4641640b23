"""Equal pictures are found whatever their files say besides, and only those."""

import numpy as np
import pytest
from PIL import Image

from benchmark_kit.packaging.checks.pixels import equal_pictures, picture_sketch, pixel_sha1


@pytest.fixture
def scene():
    rng = np.random.default_rng(3)
    coarse = rng.integers(0, 256, (7, 9, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((72, 56), Image.Resampling.BICUBIC)


def groups(folder):
    paths = {path.name: path for path in sorted(folder.iterdir())}
    return equal_pictures({name: picture_sketch(path) for name, path in paths.items()}, paths)


def test_comments_and_progressive_order_do_not_hide_equality(scene, tmp_path):
    scene.save(tmp_path / "a.jpg", quality=90)
    scene.save(tmp_path / "b.jpg", quality=90, comment=b"taken elsewhere")
    scene.save(tmp_path / "c.jpg", quality=90, progressive=True)
    scene.save(tmp_path / "d.jpg", quality=60)
    assert groups(tmp_path) == [["a.jpg", "b.jpg", "c.jpg"]]


def test_what_an_eighth_does_not_show_is_not_called_equal(scene, tmp_path):
    scene.save(tmp_path / "a.jpg", quality=100, subsampling=0)
    pixels = np.asarray(scene).copy()
    # two pixels of one block that a mean over it does not tell apart
    pixels[10, 10], pixels[10, 13] = pixels[10, 13] + 9, pixels[10, 10] - 9
    Image.fromarray(pixels).save(tmp_path / "b.jpg", quality=100, subsampling=0)
    assert picture_sketch(tmp_path / "a.jpg") == picture_sketch(tmp_path / "b.jpg")
    assert pixel_sha1(tmp_path / "a.jpg") != pixel_sha1(tmp_path / "b.jpg")
    assert groups(tmp_path) == []


def test_a_png_and_a_jpeg_can_be_equal(scene, tmp_path):
    scene.save(tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as picture:
        picture.save(tmp_path / "b.jpg", format="PNG")
    assert groups(tmp_path) == [["a.jpg", "b.jpg"]]


def test_a_broken_picture_has_no_digest(scene, tmp_path):
    scene.save(tmp_path / "a.jpg", quality=95)
    data = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").write_bytes(data[: len(data) * 2 // 3])
    (tmp_path / "b.jpg").write_bytes(b"no picture")
    assert [picture_sketch(tmp_path / name) for name in ("a.jpg", "b.jpg")] == ["", ""]
    assert groups(tmp_path) == []
