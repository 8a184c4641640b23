"""`salbench crop`."""

import click
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from keras_saliency.commands.crop import command

MODEL = ("--model", "spectral_residual")


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    (tmp_path / "photos").mkdir()
    for name in ("photo.jpg", "photos/a.png", "photos/b.bmp"):
        picture = rng.integers(0, 60, (30, 50, 3)).astype(np.uint8)
        picture[10:16, 38:44] = 250
        Image.fromarray(picture).save(tmp_path / name)
    return lambda *arguments: CliRunner().invoke(
        command, [*map(str, arguments), *MODEL], standalone_mode=False
    )


def test_one_photograph(run, tmp_path):
    done = run("photo.jpg", "--aspect", "1:1")
    assert done.exit_code == 0, done.output
    assert "crops/photo.jpg: 30x30, of x " in done.stdout
    with Image.open(tmp_path / "crops" / "photo.jpg") as picture:
        assert picture.size == (30, 30)
        assert np.asarray(picture).max() > 200  # what stands out is inside


def test_the_default_model(tmp_path, run):
    done = CliRunner().invoke(command, ["photo.jpg", "--size", "20x10", "--out", "thumbnail.webp"])
    assert done.exit_code == 0, done.output
    with Image.open(tmp_path / "thumbnail.webp") as picture:
        assert picture.size == (20, 10)
        assert picture.format == "WEBP"


def test_a_folder(run, tmp_path):
    done = run("photos", "--size", "60x60", "--out", "thumbs")
    assert done.exit_code == 0, done.output
    assert sorted(p.name for p in (tmp_path / "thumbs").iterdir()) == ["a.png", "b.png"]
    assert "60x60, enlarged" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "--aspect 1:1 or --size"),
        (("--aspect", "0:1"), "is no shape"),
        (("--aspect", "a:b"), "is no shape"),
        (("--aspect", "1:0"), "is no shape"),
        (("--size", "400"), "is no size"),
        (("--size", "0x9"), "is no size"),
        (("--size", "99999999x9"), "is no size"),
    ],
)
def test_what_is_no_shape(run, tmp_path, arguments, says):
    done = run("photo.jpg", *arguments)
    assert isinstance(done.exception, click.UsageError)
    assert says in str(done.exception)
    assert not (tmp_path / "crops").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("photo.jpg", "--aspect", "1:1", "--size", "20x10"), "--size 10x10"),
        (("photos", "--aspect", "1:1", "--out", "one.png"), "2 pictures into one file"),
        (("photo.jpg", "--aspect", "1:1", "--out", "one.gif"), ".gif is not written"),
        (("photo.jpg", "--aspect", "1:1", "--out", "photo.jpg"), "exists"),
        (("photo.jpg", "--aspect", "1:1", "--out", "photo.jpg", "--force"), "that is read"),
        (("gone.jpg", "--aspect", "1:1"), "no picture or folder"),
    ],
)
def test_refused(run, tmp_path, arguments, says):
    before = (tmp_path / "photo.jpg").read_bytes()
    done = run(*arguments)
    assert done.exception is not None
    assert says in str(done.exception)
    assert (tmp_path / "photo.jpg").read_bytes() == before
    assert not (tmp_path / "crops").exists()


def test_crops_that_are_there_are_kept(run, tmp_path):
    assert run("photo.jpg", "--aspect", "1:1").exit_code == 0
    assert "exists" in str(run("photo.jpg", "--aspect", "2:1").exception)
    assert run("photo.jpg", "--aspect", "2:1", "--force").exit_code == 0
    with Image.open(tmp_path / "crops" / "photo.jpg") as picture:
        assert picture.size == (50, 25)


def test_what_cannot_be_read_fails_where_it_was_named(run, tmp_path):
    (tmp_path / "photos" / "c.png").write_bytes(b"no picture")
    done = run("photos", "--aspect", "1:1")
    assert done.exit_code == 0
    assert "photos/c.png" in done.stderr
    done = run("photos/c.png", "--aspect", "1:1")
    assert done.return_value == 1
