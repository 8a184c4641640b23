"""Files of other programs and data sets become the same fixations."""

import json

import numpy as np
import pytest

from benchmark_kit.calls.write_pysaliency import write_pysaliency
from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.trackers.dataset import import_tables


def by_hand(session, out):
    """The session's data set, from a plain table."""
    header = ("image", "subject", "order", "x", "y", "duration")
    rows = [(n, s, k, x, y, d / 1000) for n, s, k, _, d, x, y in session.rows]
    table = session.write("plain.csv", header, rows, separator=",")
    return import_tables([table], session.stimuli, out, form="columns").truths


def check(made, session, duration=True):
    for name, places in session.expected().items():
        found = made.truths[name].fixations
        np.testing.assert_allclose(np.stack([found.x, found.y], axis=1), places, atol=1e-9)
        assert found.order.tolist() == [0, 1, 2, 3, 4, 5] * 2
        if duration:
            np.testing.assert_allclose(found.duration, [0.2 + k / 1000 for k in range(6)] * 2)


@pytest.mark.parametrize("given", ["fixations", "both", "elsewhere"])
def test_what_goes_to_pysaliency_comes_back(session, tmp_path, given):
    write_pysaliency(by_hand(session, tmp_path / "mine"), tmp_path / "ps")
    fixations, stimuli = tmp_path / "ps" / "fixations.hdf5", tmp_path / "ps" / "stimuli.hdf5"
    files = [fixations]
    if given != "fixations":
        stimuli = stimuli.rename(tmp_path / "ps" / "names.hdf5")
        files = [fixations, stimuli] if given == "both" else [stimuli, fixations]
    made = import_tables(files, session.stimuli, tmp_path / "back")
    assert made.preset.name == "pysaliency"
    check(made, session)
    with pytest.raises(ConfigError, match="exists and is not empty"):
        write_pysaliency(made.truths, tmp_path / "ps")


def test_points_without_observers_go_and_come_back(folder_set, tmp_path):
    import dataclasses

    from benchmark_kit.types import Fixations

    truths = folder_set.truths()
    images = tuple(
        dataclasses.replace(
            each, fixations=Fixations(each.fixations.x, each.fixations.y, each.size)
        )
        for each in truths
    )
    write_pysaliency(dataclasses.replace(truths, images=images), tmp_path / "ps")
    made = import_tables(
        [tmp_path / "ps" / "fixations.hdf5"], folder_set.root / "stimuli", tmp_path / "back"
    )
    for truth in truths:
        found = made.truths[truth.name].fixations
        assert sorted(found.x) == sorted(truth.fixations.x)


def test_files_of_pysaliency_that_cannot_be_used_are_told(session, tmp_path):
    write_pysaliency(by_hand(session, tmp_path / "mine"), tmp_path / "ps")
    fixations, stimuli = tmp_path / "ps" / "fixations.hdf5", tmp_path / "ps" / "stimuli.hdf5"

    def refused(error, said, files, **options):
        with pytest.raises(error, match=said):
            import_tables(files, session.stimuli, tmp_path / "out", **options)
        assert not (tmp_path / "out").exists()

    refused(InputError, "give the file of fixations as well", [stimuli])
    refused(ConfigError, "have no columns", [fixations], columns={"x": "x"})
    (tmp_path / "broken.hdf5").write_bytes(fixations.read_bytes()[:600])
    refused(InputError, "is no file of fixations", [tmp_path / "broken.hdf5"])
    stimuli.unlink()
    refused(InputError, "numbers its pictures", [fixations])


def test_a_data_set_without_pictures_or_fixations_is_not_written(folder_set, tmp_path):
    import dataclasses

    truths = folder_set.truths()
    images = tuple(dataclasses.replace(each, stimulus=None) for each in truths)
    with pytest.raises(ConfigError, match="is not at hand"):
        write_pysaliency(dataclasses.replace(truths, images=images), tmp_path / "ps")
    images = tuple(dataclasses.replace(each, fixations=None) for each in truths)
    with pytest.raises(ConfigError, match="no fixations"):
        write_pysaliency(dataclasses.replace(truths, images=images), tmp_path / "ps")
    assert not (tmp_path / "ps").exists()


def scanpaths(session, *, task=None):
    entries = {}
    for name, s, _, _, d, x, y in session.rows:
        entry = entries.setdefault(
            (name, s), {"name": f"{name.split('/')[-1]}.png", "subject": "ab".index(s[0]) + 1,
                        "X": [], "Y": [], "T": [], "split": "train"}
        )  # fmt: skip
        if task is not None:
            entry |= {"task": task, "condition": "present", "bbox": [1, 2, 3, 4]}
        for key, value in (("X", x), ("Y", y), ("T", d)):
            entry[key].append(value)
    return [{**entry, "length": len(entry["X"])} for entry in entries.values()]


def test_scanpaths_as_json(session, tmp_path):
    path = tmp_path / "fixations.json"
    path.write_text(json.dumps(scanpaths(session)), encoding="utf-8")
    made = import_tables([path], session.stimuli, tmp_path / "out")
    assert made.preset.name == "scanpath-json"
    assert made.truths.subjects == ("1", "2")
    assert "--drop-first" in str(made)
    assert "search" not in str(made).partition("scanpaths as JSON")[2].partition(")")[2]
    check(made, session)


def test_a_search_for_two_targets_is_two_viewings(session, tmp_path):
    path = tmp_path / "search.json"
    both = scanpaths(session, task="bottle") + scanpaths(session, task="cup")
    path.write_text(json.dumps(both), encoding="utf-8")
    made = import_tables([path], session.stimuli, tmp_path / "out")
    assert made.truths.subjects == ("1", "1 (viewing 2)", "2", "2 (viewing 2)")
    assert "12 scanpaths are of a search for a target" in str(made)
    assert made.truths.points_kept == 72


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"Y": [1]}, "X, Y, T and length do not agree"),
        ({"X": "none"}, "'X' is missing or of another type"),
        ({"X": ["left", 2, 3, 4, 5, 6]}, "x is no number"),
    ],
)
def test_entries_that_are_no_scanpaths_are_told(session, tmp_path, entry, said):
    entries = scanpaths(session)
    entries[1] |= entry
    path = tmp_path / "fixations.json"
    path.write_text(json.dumps(entries), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        import_tables([path], session.stimuli, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.shared
def test_the_published_layouts(shared, tmp_path):
    from benchmark_kit.imaging.images import write_png

    samples = shared / "data" / "format_samples"
    files = {
        "coco_search18/coco_search18_fixations_TP_train_split1.json": 2,
        "coco_freeview/COCOFreeView_fixations_trainval.json": 5,
    }
    for number, (file, count) in enumerate(files.items()):
        entries = json.loads((samples / file).read_text(encoding="utf-8"))
        assert len(entries) == count
        for entry in entries:
            place = tmp_path / f"s{number}" / entry.get("task", "") / entry["name"]
            place.parent.mkdir(parents=True, exist_ok=True)
            write_png(place, np.zeros((1050, 1680, 3), np.uint8))
        made = import_tables([samples / file], tmp_path / f"s{number}", tmp_path / f"o{number}")
        lost = sum(made.truths.dropped.values())
        assert made.truths.points_kept + lost == sum(len(entry["X"]) for entry in entries)
