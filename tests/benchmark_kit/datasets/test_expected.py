"""Every set of the shared sample files against the independent reading that lies beside them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat

from benchmark_kit.datasets import get_dataset

pytestmark = pytest.mark.shared
LONG_STEM = "istatic_submitted_saxena_chung_ng_nips2005_learningdepth_img_math14_p_313t0"


def copy(source: Path, target: Path) -> Path:
    shutil.copytree(source, target, dirs_exist_ok=True, copy_function=shutil.copyfile)
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return target


def salicon_json(samples, root, write):
    copy(samples / "salicon_json", root)
    for name in ("COCO_train2014_000000123855.jpg", "COCO_train2014_000000123749.jpg"):
        write.picture(root / "images/train2014examples" / name, (480, 640))
    yield get_dataset("salicon", root, edition="2015", split="train")


def salicon_mat(edition, points):
    def read(samples, root, write):
        for split in ("train", "val"):
            yield get_dataset(
                "salicon", samples / "salicon_mat", edition=edition, points=points, split=split
            )

    return read


def osie(samples, root, write):
    copy(samples / "osie", root)
    write.pictures(root / "data/stimuli", ["1001.jpg", "1002.jpg"], (600, 800))
    yield get_dataset("osie", root)


def figrim(samples, root, write):
    copy(samples / "figrim", root)
    for kind, table in (
        ("Targets", "targetData/allImages_release"),
        ("Fillers", "fillerData/allImages_fillers"),
    ):
        for entry in loadmat(root / f"{table}.mat")["allImages"].reshape(-1):
            write.picture(root / entry["impath"].item(), (1000, 1000))
        yield get_dataset("figrim", root, stimuli=kind.lower())


def mit_struct(samples, root, write):
    copy(samples / "mit/struct", root / "struct")
    copy(samples / "mit/ALLSTIMULI", root / "ALLSTIMULI")
    write.picture(root / f"ALLSTIMULI/{LONG_STEM}.jpeg", (768, 1024))
    yield get_dataset("mit1003", root)


def mit_extracted(samples, root, write):
    copy(samples / "mit/extracted", root / "extracted")
    copy(samples / "mit/ALLSTIMULI", root / "ALLSTIMULI")
    yield get_dataset("mit1003", root)


def mit_locations(samples, root, write):
    copy(samples / "mit/FIXATIONLOCS", root / "FIXATIONLOCS")
    write.picture(root / "ALLSTIMULI/i210.jpeg", (675, 1024))
    yield get_dataset("mit1003", root)


def cat2000(samples, root, write):
    yield get_dataset("cat2000", samples / "cat2000")


def isun(samples, root, write):
    copy(samples / "isun", root)
    write.pictures(
        root / "images", ["sun_tra000.jpg", "sun_tra001.jpg", "sun_val000.jpg"], (768, 1024)
    )
    yield get_dataset("isun", root, split="train")
    yield get_dataset("isun", root, split="val")


def toronto(samples, root, write):
    copy(samples / "toronto", root)
    folder = root / "eyetrackingdata/fixdens/Original Image Set"
    write.pictures(folder, ["1.jpg", "2.jpg", "3.jpg"], (511, 681))
    yield get_dataset("toronto", root)


def pascal_s(samples, root, write):
    import h5py

    copy(samples / "pascal_s", root)
    with h5py.File(root / "datasets/fixations/pascalSize.mat") as file:
        sizes = file["sizeData"][()].T.astype(int)
    for number, (height, width) in enumerate(sizes, 1):
        write.picture(root / f"datasets/imgs/pascal/{number}.jpg", (height, width))
    yield get_dataset("pascal_s", root)


def dut_omron(samples, root, write):
    copy(samples / "dut_omron", root)
    write.picture(root / "DUT-OMRON-image/im005.jpg", (300, 400))
    yield get_dataset("dut_omron", root)


def freeview(split):
    def read(samples, root, write):
        copy(samples / "coco_freeview", root)
        for name in ("000000000285.jpg", "000000000632.jpg"):
            write.picture(root / "images/bottle" / name, (1050, 1680))
        yield get_dataset("coco_freeview", root, split=split)

    return read


READ = {
    "salicon 2015, JSON, points=mouse": salicon_json,
    "salicon 2017, mat, points=fixations": salicon_mat("2017", "fixations"),
    "salicon 2015, mat, points=mouse (not clipped)": salicon_mat("2015", "mouse"),
    "salicon 2017, mat, points=mouse (clipped to [0, size-0.01])": salicon_mat("2017", "mouse"),
    "osie, unshifted": osie,
    "figrim, enc only, unshifted": figrim,
    "mit1003, struct database (1-based)": mit_struct,
    "mit1003, extracted (first dropped, outside dropped)": mit_extracted,
    "binary map, variable fixations": mit_locations,
    "cat2000, fixLocs": cat2000,
    "isun, unshifted": isun,
    "toronto": toronto,
    "pascal_s": pascal_s,
    "dut_omron": dut_omron,
    "coco_freeview train (first dropped, outside dropped)": freeview("train"),
    "coco_freeview valid (first dropped, outside dropped)": freeview("val"),
}


def truth_of(image, sets):
    stem = image.removesuffix(".jpg").removesuffix(".jpeg")
    found = [
        truth
        for truths in sets
        for truth in truths
        if truth.name == stem or truth.name.endswith("/" + stem) or truth.name[:63] == stem
    ]
    assert len(found) == 1, (image, [truths.names for truths in sets])
    return found[0].fixations


def test_every_set_of_the_file_is_compared(shared):
    sets = json.loads((shared / "data/format_samples/expected.json").read_text())["sets"]
    assert set(sets) == set(READ)


@pytest.mark.parametrize("key", READ)
def test_sample_equals_the_independent_reading(key, shared, tmp_path, write):
    samples = shared / "data/format_samples"
    expected = json.loads((samples / "expected.json").read_text())["sets"][key]
    sets = list(READ[key](samples, tmp_path / "root", write))
    strays = 0
    for image, want in expected.items():
        got = truth_of(image, sets)
        lost = OUTSIDE.get(key, lambda samples, image: np.empty((0, 2)))(samples, image)
        strays += len(lost)
        assert len(got) + len(lost) == want["points"]
        # sums are rounded to four decimals in the file
        assert got.x.sum() + lost[:, 0].sum() == pytest.approx(want["sum_x"], abs=1e-3)
        assert got.y.sum() + lost[:, 1].sum() == pytest.approx(want["sum_y"], abs=1e-3)
        first = np.column_stack([got.x, got.y])[: len(want["first"])]
        np.testing.assert_allclose(first, want["first"], rtol=0, atol=1e-9)
        subjects = 1 if got.subject is None else len(np.unique(got.subject))
        assert subjects == want["subjects"]
    if "outside dropped" not in key:
        assert sum(truths.dropped.get("outside", 0) for truths in sets) == strays


def _mouse_outside(samples, image):
    """What runs out of a picture of 640x480 in SALICON's `location`, read anew."""
    split = image.split("_")[1].removesuffix("2014")
    path = samples / f"salicon_mat/fixations/{split}/{image}.mat"
    tables = [worker["location"].astype(float) - 1 for worker in loadmat(path)["gaze"].reshape(-1)]
    points = np.concatenate([table for table in tables if table.size])
    return points[(points[:, 0] >= 640) | (points[:, 1] >= 480)]


def _pascal_outside(samples, image):
    """The sample's third picture is upright, one of its random points is not inside."""
    points = np.array([[455.0, 373.0]])
    return points if image == "3.jpg" else points[:0]


OUTSIDE = {
    "salicon 2015, mat, points=mouse (not clipped)": _mouse_outside,
    "pascal_s": _pascal_outside,
}


def test_real_osie_is_complete(shared):
    truths = get_dataset("osie", shared / "data/osie")
    assert len(truths) == 700
    assert {truth.size for truth in truths} == {(600, 800)}
    assert sum(len(truth.fixations) for truth in truths) == 98321
    paths = sum(len(np.unique(truth.fixations.subject)) for truth in truths)
    assert paths == 10500
    assert truths.dropped == {}
    x = np.concatenate([truth.fixations.x for truth in truths])
    y = np.concatenate([truth.fixations.y for truth in truths])
    assert (x.min(), x.max(), y.min(), y.max()) == (1.2, 799.2, 1.2, 599.2)
    first = np.concatenate([truth.fixations.order for truth in truths]) == 0
    assert x[first].mean() == pytest.approx(367, abs=0.5)
    assert y[first].mean() == pytest.approx(267, abs=0.5)


def test_real_struct_database_is_complete(shared):
    truths = get_dataset("mit1003", shared / "data/mit1003_100")
    assert len(truths) == 100
    assert sum(len(truth.fixations) for truth in truths) == 9196
    assert truths.dropped == {}


def test_real_csv_reads_as_folder(shared, tmp_path):
    source = shared / "data/mit1003_100"
    (tmp_path / "stimuli").symlink_to(source / "ALLSTIMULI")
    (tmp_path / "fixations.csv").symlink_to(source / "fixations.csv")
    whole = get_dataset("folder", tmp_path)
    assert sum(len(truth.fixations) for truth in whole) == 10757 - 62
    assert sum(whole.dropped.values()) == 62
    (tmp_path / "dataset.toml").write_text("drop_first = true")
    later = get_dataset("folder", tmp_path)
    assert sum(len(truth.fixations) for truth in later) == 9196


def test_csv_and_struct_database_agree(shared, tmp_path):
    """The database holds the floor of the same fixations, first ones left out."""
    source = shared / "data/mit1003_100"
    (tmp_path / "stimuli").symlink_to(source / "ALLSTIMULI")
    (tmp_path / "fixations.csv").symlink_to(source / "fixations.csv")
    (tmp_path / "dataset.toml").write_text("drop_first = true")
    fractional = get_dataset("folder", tmp_path)
    for truth in get_dataset("mit1003", source):
        other = fractional[truth.name].fixations
        np.testing.assert_array_equal(
            np.sort(truth.fixations.flat_index), np.sort(other.flat_index)
        )


def test_figrim_counts_of_all_showings(shared, tmp_path, write):
    samples = shared / "data/format_samples"
    list(figrim(samples, tmp_path / "root", write))
    for kind, count in (("targets", 642), ("fillers", 274)):
        truths = get_dataset("figrim", tmp_path / "root", stimuli=kind, memory="all")
        assert sum(len(truth.fixations) for truth in truths) == count


def test_search18_is_not_freeview(shared, tmp_path, write):
    source = (
        shared / "data/format_samples/coco_search18/coco_search18_fixations_TP_train_split1.json"
    )
    shutil.copyfile(source, tmp_path / "COCOFreeView_fixations_trainval.json")
    write.picture(tmp_path / "images/bottle/000000478726.jpg", (1050, 1680))
    with pytest.raises(Exception, match="COCO-Search18"):
        get_dataset("coco_freeview", tmp_path, split="train")


def test_fixpts_pictures_with_jpeg_noise(shared, tmp_path):
    samples = shared / "data/format_samples/mit"
    copy(samples / "ALLSTIMULI", tmp_path / "ALLSTIMULI")
    copy(samples / "ALLFIXATIONMAPS", tmp_path / "ALLFIXATIONMAPS")
    truths = get_dataset("mit1003", tmp_path)
    assert truths.points == "binary maps"
    assert 0 < len(truths["i1000274881"].fixations) < 1000
    assert truths["i1000274881"].density_file.name == "i1000274881_fixMap.jpg"


def test_raw_samples_alone_are_refused(shared, tmp_path):
    samples = shared / "data/format_samples/mit"
    copy(samples / "ALLSTIMULI", tmp_path / "ALLSTIMULI")
    copy(samples / "DATA", tmp_path / "DATA")
    with pytest.raises(Exception, match=r"raw gaze samples(.|\n)*fixations\.hdf5(.|\n)*_fixPts"):
        get_dataset("mit1003", tmp_path)
