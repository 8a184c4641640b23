"""MIT1003: four kinds of input, the forced first fixation, names cut at 63 characters."""

import h5py
import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from benchmark_kit.datasets import get_dataset
from benchmark_kit.errors import ConfigError, InputError

pytestmark = pytest.mark.usefixtures("small_recordings")

SIZE = (60, 80)


def read(root, **options):
    return get_dataset("mit1003", root, cache=False, **options)


def xy(truth):
    return np.column_stack([truth.fixations.x, truth.fixations.y]).tolist()


def stimuli(root, write, *names):
    write.pictures(root / "ALLSTIMULI", [f"{name}.jpeg" for name in names], SIZE)


def extracted(root, write, name, subject, points, milliseconds=None):
    points = np.array(points, dtype=float).reshape(-1, 2)
    write.mat(
        root / f"extracted/{name}.jpeg_{subject}.mat",
        fixations=points,
        starts=np.arange(len(points))[None] * 50.0,
        durations=np.array([milliseconds or [250] * len(points)], dtype=np.uint16),
    )


def pysaliency(root, *, starts=(0.0, 0.3), names=("b", "a")):
    """Two scanpaths on stimulus 0: (40, 30) to (50, 20), and one that begins later."""
    nan = np.nan
    with h5py.File(root / "fixations.hdf5", "w") as file:
        file.attrs["type"] = np.bytes_(b"FixationTrains")
        file["train_xs"] = np.array([[40.0, 50.5, nan], [10.0, 20.0, 30.0]])
        file["train_ys"] = np.array([[30.0, 20.25, nan], [11.0, 21.0, 31.0]])
        file["train_ts"] = np.array([[starts[0], 0.4, nan], [starts[1], 0.5, 0.9]])
        file["train_ns"] = np.array([0, 0])
        file["train_subjects"] = np.array([3, 5])
    with h5py.File(root / "stimuli.hdf5", "w") as file:
        file.attrs["type"] = np.bytes_(b"FileStimuli")
        file["filenames"] = [f"stimuli/{name}.jpeg".encode() for name in names]


def struct(root, write, images):
    """The struct database: by picture a dictionary of observer to 1-based points."""
    entries = [
        {
            "fixationData": write.structs(
                [
                    {"user": user, "appropFix": np.array(points, dtype=np.uint16)}
                    for user, points in viewers.items()
                ]
            )
        }
        for viewers in images.values()
    ]
    write.mat(root / "FixationDBCleaned.mat", FixationDBCleaned=write.structs(entries))
    places = {name[:63]: float(place) for place, name in enumerate(images, 1)}
    savemat(root / "hash.mat", {"hash": places}, long_field_names=True)


def test_extracted_files_are_unshifted_and_lose_their_first_fixation(tmp_path, write):
    stimuli(tmp_path, write, "a")
    extracted(tmp_path, write, "a", "tu", [(40, 30), (10.5, 20.25), (79.5, 59.5)], [100, 200, 300])
    extracted(tmp_path, write, "a", "CNG", [(40, 30), (7, 8)])
    truths = read(tmp_path)
    fixations = truths["a"].fixations
    assert xy(truths["a"]) == [[7, 8], [10.5, 20.25], [79.5, 59.5]]
    assert fixations.subject.tolist() == [0, 1, 1]
    assert fixations.order.tolist() == [1, 1, 2]
    assert fixations.duration.tolist() == [0.25, 0.2, 0.3]
    assert truths.dropped == {"first fixation": 2}


def test_no_voluntary_fixation_goes_when_the_forced_one_is_outside(tmp_path, write):
    stimuli(tmp_path, write, "a")
    extracted(tmp_path, write, "a", "tu", [(-5, 30), (10, 20), (30, 40)])
    truths = read(tmp_path)
    assert xy(truths["a"]) == [[10, 20], [30, 40]]
    assert truths.dropped == {"first fixation": 1}


def test_keep_first_keeps_the_forced_fixation(tmp_path, write):
    stimuli(tmp_path, write, "a")
    extracted(tmp_path, write, "a", "tu", [(40, 30), (10, 20)])
    truths = read(tmp_path, keep_first=True)
    assert xy(truths["a"]) == [[40, 30], [10, 20]]
    assert truths.dropped == {}


def test_extracted_fixations_lie_strictly_inside(tmp_path, write):
    stimuli(tmp_path, write, "a")
    strays = [(0, 5), (5, 0), (-0.4, 5), (80, 5), (5, 60), (np.nan, 5)]
    extracted(tmp_path, write, "a", "tu", [(40, 30), *strays, (0.4, 0.4)])
    truths = read(tmp_path)
    assert xy(truths["a"]) == [[0.4, 0.4]]
    assert truths.dropped == {
        "first fixation": 1,
        "on the border": 2,
        "negative": 1,
        "outside": 2,
        "not finite": 1,
    }


def test_pysaliency_numbers_follow_its_list_of_stimuli(tmp_path, write):
    stimuli(tmp_path, write, "a", "b")
    pysaliency(tmp_path)
    truths = read(tmp_path)
    assert len(truths["a"].fixations) == 0
    # the scanpath that begins at 0.3 s has been stored without its forced fixation
    assert xy(truths["b"]) == [[50.5, 20.25], [10, 11], [20, 21], [30, 31]]
    assert truths["b"].fixations.subject.tolist() == [3, 5, 5, 5]
    assert truths["b"].fixations.order.tolist() == [1, 0, 1, 2]
    assert truths.dropped == {"first fixation": 1}
    assert len(read(tmp_path, keep_first=True)["b"].fixations) == 5


def test_pysaliency_without_its_list_takes_natural_order(tmp_path, write):
    stimuli(tmp_path, write, "i10", "i2")
    pysaliency(tmp_path)
    (tmp_path / "stimuli.hdf5").unlink()
    truths = read(tmp_path)
    assert truths.names == ("i2", "i10")
    assert [len(truth.fixations) for truth in truths] == [4, 0]


def test_struct_database_is_counted_from_1_and_found_one_folder_below(tmp_path, write):
    stimuli(tmp_path, write, "b", "a")
    database = tmp_path / "code_forOptimization"
    struct(
        database,
        write,
        {"b": {"tu": [(1, 1), (80, 60)], "CNG": [(5, 6)]}, "a": {"tu": [(7, 8)]}},
    )
    truths = read(tmp_path)
    assert xy(truths["b"]) == [[0, 0], [79, 59], [4, 5]]
    assert xy(truths["a"]) == [[6, 7]]
    assert truths["b"].fixations.subject.tolist() == [1, 1, 0]
    assert truths.dropped == {}


def test_stems_are_compared_by_63_characters_in_the_struct_database(tmp_path, write):
    long = "istatic_" + "x" * 60
    stimuli(tmp_path, write, long)
    struct(tmp_path, write, {long: {"tu": [(5, 6)]}})
    assert xy(read(tmp_path)[long]) == [[4, 5]]
    stimuli(tmp_path, write, f"{long}y")
    with pytest.raises(InputError, match=r"hash\.mat does not lead to one entry"):
        read(tmp_path)


def test_a_point_of_a_jpeg_map_is_above_127(tmp_path, write):
    stimuli(tmp_path, write, "a")
    values = np.zeros(SIZE, dtype=np.uint8)
    values[20, 10] = values[50, 70] = 255
    (tmp_path / "ALLFIXATIONMAPS").mkdir()
    path = tmp_path / "ALLFIXATIONMAPS/a_fixPts.jpg"
    Image.fromarray(values).save(path, quality=95)
    noisy = np.asarray(Image.open(path))
    assert len(np.unique(noisy)) > 2
    truths = read(tmp_path)
    assert xy(truths["a"]) == [[10, 20], [70, 50]]
    assert truths["a"].fixations.subject is None
    assert truths.points == "binary maps"


def test_binary_maps_of_the_struct_database_are_read(tmp_path, write):
    stimuli(tmp_path, write, "a")
    values = write.binary(SIZE, [(3, 2), (79, 59)])
    write.mat(tmp_path / "FIXATIONLOCS/a.mat", fixations=values)
    assert xy(read(tmp_path)["a"]) == [[3, 2], [79, 59]]
    write.mat(tmp_path / "FIXATIONLOCS/a.mat", fixations=values.T)
    with pytest.raises(InputError, match="transposed"):
        read(tmp_path)


def test_the_better_input_is_taken_and_the_others_are_named(tmp_path, write):
    stimuli(tmp_path, write, "a")
    write.mat(tmp_path / "FIXATIONLOCS/a.mat", fixations=write.binary(SIZE, [(3, 2)]))
    struct(tmp_path, write, {"a": {"tu": [(7, 8)]}})
    extracted(tmp_path, write, "a", "tu", [(40, 30), (10, 20)])
    truths = read(tmp_path)
    assert xy(truths["a"]) == [[10, 20]]
    assert "fixations from: extracted files" in truths.notes
    assert "also there, not used: struct database, binary maps" in truths.notes


def test_keep_first_is_refused_where_first_fixations_are_lost(tmp_path, write):
    stimuli(tmp_path, write, "a")
    struct(tmp_path, write, {"a": {"tu": [(7, 8)]}})
    with pytest.raises(ConfigError, match="stored without them"):
        read(tmp_path, keep_first=True)


def test_raw_samples_alone_are_refused_with_the_other_inputs(tmp_path, write):
    stimuli(tmp_path, write, "a")
    write.mat(tmp_path / "DATA/tu/a.mat", a=np.zeros((5, 2)))
    with pytest.raises(InputError) as caught:
        read(tmp_path)
    for other in ("extracted/", "fixations.hdf5", "FixationDB*.mat", "_fixPts.jpg"):
        assert other in str(caught.value)


def test_every_bad_extracted_file_is_listed(tmp_path, write):
    stimuli(tmp_path, write, "a")
    extracted(tmp_path, write, "zz", "tu", [(1, 2)])
    extracted(tmp_path, write, "a", "tu", [(1, 2)], [100, 200])
    write.mat(tmp_path / "extracted/a.jpeg_po.mat", durations=np.zeros((1, 1)))
    (tmp_path / "extracted/a.jpeg_ya.mat").write_bytes(b"nothing of MATLAB's")
    with pytest.raises(InputError) as caught:
        read(tmp_path)
    assert {(problem.code, *problem.where) for problem in caught.value.problems} == {
        ("E703", "zz.jpeg_tu.mat"),
        ("E702", "a.jpeg_tu.mat"),
        ("E702", "a.jpeg_po.mat"),
        ("E702", "a.jpeg_ya.mat"),
    }


def test_other_files_of_pysaliency_are_refused_by_their_type(tmp_path, write):
    stimuli(tmp_path, write, "a", "b")
    pysaliency(tmp_path)
    with h5py.File(tmp_path / "fixations.hdf5", "a") as file:
        file.attrs["type"] = np.bytes_(b"ScanpathFixations")
    with pytest.raises(InputError, match="'ScanpathFixations', expected FixationTrains or Fixati"):
        read(tmp_path)
    pysaliency(tmp_path, names=("b",))
    with h5py.File(tmp_path / "fixations.hdf5", "a") as file:
        del file["train_ns"]
        file["train_ns"] = np.array([0, 1])
    with pytest.raises(InputError, match="E703 fixations on 2 pictures, 1 are there"):
        read(tmp_path)


@pytest.mark.parametrize("place", [float("inf"), float("nan"), [1.0, 2.0], "a"])
def test_a_hash_that_is_no_place_is_named(tmp_path, write, place):
    stimuli(tmp_path, write, "a")
    struct(tmp_path, write, {"a": {"tu": [(7, 8)]}})
    savemat(tmp_path / "hash.mat", {"hash": {"a": place}})
    with pytest.raises(InputError, match=r"E702 a struct database that cannot be used.*hash\.mat"):
        read(tmp_path)


def test_the_damaged_one_of_two_files_is_named(tmp_path, write):
    stimuli(tmp_path, write, "a")
    struct(tmp_path, write, {"a": {"tu": [(7, 8)]}})
    (tmp_path / "hash.mat").write_bytes(b"damaged")
    with pytest.raises(InputError, match=r"not a readable MATLAB file .*: hash\.mat"):
        read(tmp_path)
