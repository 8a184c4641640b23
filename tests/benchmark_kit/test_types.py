"""The records: points that are inside, pixels by truncation, names and fingerprints."""

import sys

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, MissingExtra
from benchmark_kit.types import Density, Fixations, GroundTruth, Truths, dropped_text

SIZE = (3, 5)


def some(**more):
    return Fixations(
        [0.0, 4.999, 2.5, 0.2],
        [0.0, 2.999, 1.0, 0.9],
        SIZE,
        subject=[2, 0, 1, 2],
        duration=[0.1, 0.2, 0.3, 0.4],
        order=[0, 1, 2, 3],
        **more,
    )


def truths(*images, **facts):
    return Truths(
        "made", images or (GroundTruth("b", SIZE, some()), GroundTruth("a", SIZE)), **facts
    )


def test_the_pixel_of_a_point_is_its_truncation():
    assert some().flat_index.tolist() == [0, 14, 7, 0]
    assert some().unique_index.tolist() == [0, 7, 14]
    assert some().flat_index.dtype == np.int64
    assert len(some()) == 4


def test_arrays_are_plain_and_of_one_type():
    fixations = Fixations(np.array([[1], [2]], ">f4"), [1, 2], np.array(SIZE))
    assert fixations.x.dtype == fixations.y.dtype == np.float64
    assert fixations.x.tolist() == [1.0, 2.0]
    assert fixations.size == SIZE
    assert all(type(side) is int for side in fixations.size)
    assert some().subject.dtype == some().order.dtype == np.int32


@pytest.mark.parametrize(
    ("x", "y"),
    [(-1e-9, 0), (0, -1e-9), (5.0, 0), (0, 3.0), (np.nan, 0), (0, np.nan), (np.inf, 0)],
)
def test_points_outside_are_refused(x, y):
    with pytest.raises(ValueError, match="inside the image of 5x3 pixels"):
        Fixations([1.0, x], [1.0, y], SIZE)


@pytest.mark.parametrize("part", ["subject", "duration", "order"])
def test_parts_of_another_length_are_refused(part):
    with pytest.raises(ValueError, match=f"{part} has 3 values, x has 2"):
        Fixations([1.0, 2.0], [1.0, 2.0], SIZE, **{part: [1, 2, 3]})
    with pytest.raises(ValueError, match="y has 1 values, x has 2"):
        Fixations([1.0, 2.0], [1.0], SIZE)


@pytest.mark.parametrize("chosen", [np.array([True, False, False, True]), np.array([0, 3])])
def test_a_selection_keeps_all_parts_together(chosen):
    part = some().select(chosen)
    assert part.x.tolist() == [0.0, 0.2]
    assert part.y.tolist() == [0.0, 0.9]
    assert part.subject.tolist() == [2, 2]
    assert part.duration.tolist() == [0.1, 0.4]
    assert part.order.tolist() == [0, 3]
    assert part.size == SIZE
    assert Fixations([1.0], [1.0], SIZE).select(np.array([True])).subject is None


def test_no_fixations_are_allowed():
    empty = Fixations([], [], SIZE)
    assert len(empty) == 0
    assert empty.flat_index.dtype == np.int64
    assert empty.unique_index.tolist() == []


def test_a_density_has_two_axes():
    assert Density(np.zeros(SIZE)).values.shape == SIZE
    with pytest.raises(ValueError, match="two axes"):
        Density(np.zeros((1, *SIZE)))


def test_a_data_set_is_ordered_and_found_by_name():
    data = truths()
    assert len(data) == 2
    assert data.names == ("b", "a") == tuple(truth.name for truth in data)
    assert data["a"] is data.images[1]
    assert "a" in data
    assert "c" not in data
    with pytest.raises(KeyError):
        data["c"]


def test_a_subset_keeps_order_and_facts():
    data = truths(*(GroundTruth(n, SIZE) for n in "cab"), sigma_px=3.0, notes=("n",))
    part = data.subset(["b", "c"])
    assert part.names == ("c", "b")
    assert (part.sigma_px, part.notes, part.name) == (3.0, ("n",), "made")
    with pytest.raises(ConfigError, match="no image 'x'"):
        data.subset(["a", "y", "x"])


def test_the_fingerprint_is_of_names_sizes_and_points_in_any_order():
    data = truths()
    base = data.fingerprint
    assert base.startswith("sha256:")
    assert len(base) == 7 + 64
    assert truths(*reversed(data.images), dialect="mit", notes=("x",)).fingerprint == base
    moved = Fixations(some().x + 1e-13, some().y, SIZE)
    reordered = some().select(np.array([1, 0, 2, 3]))
    for other in (
        truths(data.images[0]),
        truths(GroundTruth("b", (3, 6), some()), data.images[1]),
        truths(GroundTruth("c", SIZE, some()), data.images[1]),
        truths(GroundTruth("b", SIZE, moved), data.images[1]),
        truths(GroundTruth("b", SIZE, reordered), data.images[1]),
        truths(GroundTruth("b", SIZE), data.images[1]),
    ):
        assert other.fingerprint != base


def test_the_block_of_the_results():
    data = truths(edition="2017", split="val", points="mouse", dropped={"outside": 3})
    assert data.describe() == {
        "name": "made",
        "edition": "2017",
        "split": "val",
        "points": "mouse",
        "images": 2,
        "fingerprint": data.fingerprint,
        "dropped": {"outside": 3},
        "notes": [],
    }


def test_what_was_left_out_is_told_by_number_share_and_reason():
    assert dropped_text({"outside": 4, "not finite": 12, "negative": 0}, 1584) == (
        "16 of 1,600 (1.0 %): 12 not finite, 4 outside"
    )
    assert truths().points_kept == 4


def test_a_data_frame_holds_every_fixation(folder_set):
    pandas = pytest.importorskip("pandas", reason="needs the extra gaze (pandas)")
    truths = folder_set.truths()
    frame = truths.to_dataframe()
    assert list(frame.columns) == [
        *("image", "subject", "x", "y", "order", "duration", "category", "width", "height")
    ]
    assert len(frame) == truths.points_kept
    truth = truths.images[2]
    mine = frame[frame.image == truth.name]
    assert mine.x.tolist() == truth.fixations.x.tolist()
    assert mine.order.tolist() == truth.fixations.order.tolist()
    assert mine.subject.tolist() == [str(number) for number in truth.fixations.subject]
    assert set(zip(mine.height, mine.width, strict=True)) == {truth.size}
    bare = Fixations(np.array([1.0]), np.array([2.0]), (9, 9))
    images = (GroundTruth("a", (9, 9), bare), GroundTruth("b", (9, 9)))
    frame = Truths("made", images).to_dataframe()
    assert len(frame) == 1
    assert frame[["subject", "order", "duration", "category"]].isna().all(axis=None)
    assert Truths("made", images[1:]).to_dataframe().empty
    assert isinstance(frame, pandas.DataFrame)


def test_a_data_frame_names_the_extra_it_needs(folder_set, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtra, match=r"keras-saliency\[notebook\]"):
        folder_set.truths().to_dataframe()
