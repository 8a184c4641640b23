"""Parsed ground truth is kept, found again, and never believed when anything has changed."""

import os

import numpy as np
import pytest

from benchmark_kit.datasets import folder as reader
from benchmark_kit.datasets import get_dataset
from benchmark_kit.datasets.reading import cache as _cache
from benchmark_kit.datasets.reading.cache import cache_directory, cache_file

pytestmark = pytest.mark.usefixtures("small_recordings")

ROWS = (
    "image,x,y,subject,order,duration\n"
    "a.png,10.1,20.7,s1,0,0.123456789\n"
    "a.png,300,2,s2,70000,nan\n"
    "in/b.png,1,2,s3,1,0.25\n"
)
SIZES = {"a.png": (400, 500), "in/b.png": (40, 50), "c.png": (30, 20)}


@pytest.fixture
def root(tmp_path, write):
    root = write.folder(tmp_path / "root", ROWS, sizes=SIZES, settings="pixels_per_degree = 32.0")
    for name, size in SIZES.items():
        write.picture(root / "densities" / name, size)
    return root


@pytest.fixture
def readings(monkeypatch):
    """How often the reader itself was asked."""
    calls = []
    read = reader.read
    monkeypatch.setattr(reader, "read", lambda root: calls.append(root) or read(root))
    return calls


def kept():
    return sorted(cache_directory().glob("*")) if cache_directory().exists() else []


def plain(truths):
    """Everything in a `Truths`, arrays as bytes of their type."""
    facts = {name: value for name, value in vars(truths).items() if name[0] != "_"}
    facts["dropped"] = dict(facts["dropped"])
    del facts["images"]
    facts.pop("fingerprint", None)
    images = []
    for truth in truths:
        values = vars(truth) | {"fixations": None}
        if truth.fixations is not None:
            values["fixations"] = [
                None if column is None else (column.dtype, column.tobytes())
                for name in ("x", "y", "subject", "duration", "order")
                for column in [getattr(truth.fixations, name)]
            ]
        images.append(values)
    return facts, images


def test_the_second_time_the_reader_is_not_asked_and_nothing_is_lost(root, readings):
    first, second = get_dataset("folder", root), get_dataset("folder", root)
    assert len(readings) == 1
    assert plain(second) == plain(first)
    assert plain(second) == plain(get_dataset("folder", root, cache=False))
    assert second["a"].fixations.x.tolist() == [10.1, 300]  # 10.1 is no float32
    assert second["in/b"].density_file == root / "densities/in/b.png"


def test_pictures_without_ground_truth_stay_without(tmp_path, write):
    write.pictures(tmp_path / "BenchmarkIMAGES", ["i1.jpg"], (30, 40))
    for _ in range(2):
        assert get_dataset("mit300", tmp_path)["i1"].fixations is None


def test_without_cache_nothing_is_kept_or_looked_up(root, readings):
    for _ in range(2):
        get_dataset("folder", root, cache=False)
    assert len(readings) == 2
    assert kept() == []


def touch(path):
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))


CHANGES = {
    "table edited": lambda root: touch(root / "fixations.csv"),
    "picture edited": lambda root: touch(root / "stimuli/in/b.png"),
    "picture renamed": lambda root: (root / "stimuli/c.png").rename(root / "stimuli/a2.png"),
    "densities gone": lambda root: (root / "densities").rename(root / "elsewhere"),
    "settings edited": lambda root: (root / "dataset.toml").write_text("pixels_per_degree = 40.0"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_of_the_files_is_seen(root, readings, change):
    get_dataset("folder", root)
    if change == "picture renamed":  # densities must be complete
        CHANGES["densities gone"](root)
    CHANGES[change](root)
    after = get_dataset("folder", root)
    assert len(readings) == 2
    assert plain(after) == plain(get_dataset("folder", root, cache=False))


@pytest.mark.parametrize("settled", [0.0, 3600.0], ids=["by its times", "by its content"])
@pytest.mark.parametrize("name", ["fixations.csv", "dataset.toml"])
def test_a_change_that_keeps_size_and_time_is_seen(root, readings, monkeypatch, name, settled):
    monkeypatch.setattr(_cache, "SETTLED", settled)
    get_dataset("folder", root)
    path = root / name
    before = path.stat()
    path.write_text(path.read_text().replace("2", "3"), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    after = get_dataset("folder", root)
    assert len(readings) == 2
    assert plain(after) == plain(get_dataset("folder", root, cache=False))


def test_within_one_tick_of_the_clock_the_content_counts(root, readings, monkeypatch):
    monkeypatch.setattr(_cache, "state_of", lambda status: f"{status.st_size}")
    get_dataset("folder", root)
    get_dataset("folder", root)
    assert len(readings) == 1
    (root / "fixations.csv").write_text(ROWS.replace("20.7", "20.8"))
    assert get_dataset("folder", root)["a"].fixations.y[0] == 20.8


def test_files_that_no_reader_looks_at_do_not_matter(root, readings):
    get_dataset("folder", root)
    (root / "README.txt").write_text("hello")
    get_dataset("folder", root)
    assert len(readings) == 1


def test_a_new_version_of_the_reader_reads_anew(root, readings, monkeypatch):
    get_dataset("folder", root)
    monkeypatch.setattr(reader, "VERSION", reader.VERSION + 1)
    get_dataset("folder", root)
    assert len(readings) == 2


def test_roots_and_options_are_kept_apart(tmp_path, write):
    write.osie(tmp_path / "one", {"1001.jpg": [([5.5], [6.5], [1])]})
    write.osie(tmp_path / "two", {"1001.jpg": [([9.5], [6.5], [1])]})
    for _ in range(2):
        for folder, base, x in (("one", 0, 5.5), ("one", 1, 4.5), ("two", 0, 9.5)):
            truths = get_dataset("osie", tmp_path / folder, index_base=base)
            assert truths["1001"].fixations.x.tolist() == [x]
    assert len(kept()) == 3


@pytest.mark.parametrize("damage", [b"", b"PK\x05\x06", b"no archive at all", None])
def test_a_damaged_file_is_read_anew_and_mended(root, readings, damage):
    get_dataset("folder", root)
    (path,) = kept()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    for _ in range(2):
        assert len(get_dataset("folder", root)) == 3
    assert len(readings) == 2


def test_every_flipped_byte_is_survived(root):
    whole = plain(get_dataset("folder", root))
    (path,) = kept()
    content = path.read_bytes()
    for place in range(0, len(content), 97):
        path.write_bytes(content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :])
        assert plain(get_dataset("folder", root)) == whole


def test_a_pickled_file_in_its_place_is_never_unpickled(root, tmp_path):
    class Bomb:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "exploded"),))

    get_dataset("folder", root)
    (path,) = kept()
    with open(path, "wb") as file:
        np.savez(file, head=np.array([Bomb()], dtype=object))
    assert len(get_dataset("folder", root)) == 3
    assert not (tmp_path / "exploded").exists()


def test_a_directory_that_cannot_be_written_never_fails_a_run(root, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("KERAS_SALIENCY_CACHE", str(tmp_path / "file"))
    assert len(get_dataset("folder", root)) == 3


def test_a_write_that_breaks_off_leaves_nothing_behind(root, monkeypatch):
    def full(*arguments, **columns):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    assert len(get_dataset("folder", root)) == 3
    assert kept() == []


def test_without_the_variable_it_lies_in_the_users_cache_directory(monkeypatch, tmp_path):
    monkeypatch.delenv("KERAS_SALIENCY_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    path = cache_file("osie", tmp_path, {"index_base": 0})
    assert path.is_relative_to(cache_directory())
    assert "keras-saliency" in cache_directory().parts
    assert path.name.startswith("osie-")
