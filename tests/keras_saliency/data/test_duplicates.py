"""The leak check: pictures that are all but the same are found, others are not."""

import numpy as np
import pytest
from PIL import Image

from benchmark_kit.errors import InputError
from benchmark_kit.types import GroundTruth, Truths
from keras_saliency.data import near_duplicates
from keras_saliency.data.duplicates import groups_of, thumbnails
from keras_saliency.demo.displays import draw_display, make_displays


def truths_of(folder, pictures):
    images = []
    for name, picture in pictures.items():
        path = folder / f"{name}.png"
        picture.save(path)
        images.append(GroundTruth(name, picture.size[::-1], stimulus=path))
    return Truths("drawn", tuple(images))


@pytest.fixture
def drawn(tmp_path):
    displays = make_displays(0)[:24:3]
    pictures = {f"p{k}": Image.fromarray(draw_display(d)) for k, d in enumerate(displays)}
    return truths_of(tmp_path, pictures), pictures


def test_a_scaled_compressed_or_mirrored_copy_is_found(drawn, tmp_path):
    truths, pictures = drawn
    folder = tmp_path / "other"
    folder.mkdir()
    Image.fromarray(np.asarray(pictures["p2"])[:, ::-1]).save(folder / "x.png")
    pictures["p1"].resize((333, 250)).save(folder / "y.jpg", quality=40)
    others = Truths(
        "others",
        (
            GroundTruth("mirrored", (480, 640), stimulus=folder / "x.png"),
            GroundTruth("small", (250, 333), stimulus=folder / "y.jpg"),
        ),
    )
    found = near_duplicates(others, truths)
    assert {(pair.one, pair.other) for pair in found} == {("mirrored", "p2"), ("small", "p1")}
    assert all(pair.correlation > 0.985 for pair in found)


def test_different_pictures_are_not_taken_for_each_other(drawn):
    truths, _ = drawn
    assert near_duplicates(truths) == []
    assert len(near_duplicates(truths, truths)) == len(truths)


def test_thumbnails_are_correlations_and_flat_pictures_are_like_none(tmp_path):
    pictures = {
        "flat": Image.new("RGB", (50, 40), (80, 80, 80)),
        "flat2": Image.new("RGB", (60, 40), (80, 80, 80)),
        "noise": Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)),
    }
    truths = truths_of(tmp_path, pictures)
    names, rows = thumbnails(truths)
    assert names == ["flat", "flat2", "noise"]
    np.testing.assert_allclose((rows**2).sum(axis=1), [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(rows.sum(axis=1), 0, atol=1e-9)
    assert near_duplicates(truths) == []


def test_pictures_that_cannot_be_read_are_all_named(drawn):
    truths, _ = drawn
    for name in ("p1", "p3"):
        truths[name].stimulus.write_bytes(b"no picture")
    truths["p2"].stimulus.unlink()  # not there: passed over
    with pytest.raises(InputError, match=r"(?s)p1\.png.*p3\.png"):
        near_duplicates(truths)


def test_groups_hold_what_is_alike_by_way_of_others():
    pairs = [("a", "c", 0.99), ("c", "d", 0.99)]
    assert groups_of("abcd", pairs) == [("a", "c", "d"), ("b",)]


@pytest.mark.shared
@pytest.mark.slow
def test_no_test_picture_of_mit1003_is_a_training_picture(shared):
    from benchmark_kit.datasets import get_dataset

    data = shared / "data"
    test = get_dataset("folder", data / "mit1003_test")
    assert near_duplicates(test, get_dataset("folder", data / "pascal_s")) == []


def test_many_pictures_are_compared_in_blocks_with_the_same_answer(drawn, tmp_path, monkeypatch):
    truths, pictures = drawn
    folder = tmp_path / "twice"
    folder.mkdir()
    again = truths_of(folder, {f"{name}b": picture for name, picture in pictures.items()})
    both = Truths("both", (*truths, *again))
    whole = near_duplicates(both)
    assert {(pair.one, pair.other) for pair in whole} == {(f"p{k}", f"p{k}b") for k in range(8)}
    monkeypatch.setattr("keras_saliency.data.duplicates.BLOCK", 3)
    found = near_duplicates(both)
    assert [pair[:2] for pair in found] == [pair[:2] for pair in whole]
    np.testing.assert_allclose([p.correlation for p in found], [p.correlation for p in whole])
