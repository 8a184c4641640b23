"""Where maps come from: what is listed, ignored and refused, and that all forms read alike."""

import tarfile
import zipfile

import h5py
import numpy as np
import pytest

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.images import DecodeError, write_npy, write_png
from benchmark_kit.maps.sources import (
    ArrayReference,
    DatasetReference,
    FileReference,
    is_junk,
    open_maps,
)

MANY = 10**6


def pixels(k):
    return np.random.default_rng(k).integers(0, 256, (6, 8)).astype(np.uint8)


@pytest.fixture
def folder(tmp_path):
    """Three maps in two folders, beside things that are none."""
    root = tmp_path / "maps"
    for k, name in enumerate(("b.png", "in/a.PNG", "in/deep/c.png")):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        write_png(root / name, pixels(k))
    (root / "in" / "notes.txt").write_text("x")
    (root / "model.ckpt").write_text("x")
    return root


NAMES = ["b.png", "in/a.PNG", "in/deep/c.png"]
IGNORED = ("in/notes.txt", "model.ckpt")


def packed(folder, kind):
    path = folder.parent / f"maps{kind}"
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    if kind == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for file in files:
                archive.write(file, file.relative_to(folder).as_posix())
        return path
    with tarfile.open(path, "w" if kind == ".tar" else "w:gz") as archive:
        for file in files:
            archive.add(file, file.relative_to(folder).as_posix())
    return path


@pytest.mark.parametrize("kind", ["folder", ".zip", ".tar", ".tgz", ".tar.gz"])
def test_every_form_lists_and_reads_the_same(folder, kind):
    source = open_maps(folder if kind == "folder" else packed(folder, kind))
    assert [path for path, _ in source.entries] == NAMES
    assert sorted(source.ignored) == sorted(IGNORED)
    assert source.problems == ()
    assert source.describe() == ("folder maps" if kind == "folder" else f"archive maps{kind}")
    for k, (_, reference) in enumerate(source.entries):
        assert np.array_equal(reference.read(MANY), pixels(k))
        info = reference.inspect(MANY)
        assert (info.size, info.stored_as) == ((6, 8), "uint8 png")


def test_upper_case_endings_are_known_too(folder):
    path = packed(folder, ".zip")
    assert len(open_maps(path.rename(path.with_name("MAPS.ZIP"))).entries) == 3


def test_hdf5_lists_datasets_at_every_depth(tmp_path):
    for suffix in (".h5", ".hdf5", ".hdf"):
        path = tmp_path / f"maps{suffix}"
        with h5py.File(path, "w") as file:
            file["in/deep/c"] = pixels(2)
            file["b"] = pixels(0)
        source = open_maps(path)
        assert [name for name, _ in source.entries] == ["b", "in/deep/c"]
        assert source.describe() == f"hdf5 maps{suffix}"
        assert np.array_equal(source.entries[1][1].read(MANY), pixels(2))
        assert source.entries[1][1].inspect(MANY).stored_as == "uint8 hdf5"


@pytest.mark.parametrize("link", ["soft", "external", "outside data"])
def test_hdf5_links_are_named_and_never_followed(tmp_path, link):
    path = tmp_path / "maps.h5"
    with h5py.File(path, "w") as file:
        file["good"] = pixels(0)
        if link == "soft":
            file["bad"] = h5py.SoftLink("/good")
        elif link == "external":
            file["bad"] = h5py.ExternalLink("elsewhere.h5", "/x")
        else:
            (tmp_path / "secret").write_bytes(bytes(48))
            file.create_dataset("bad", (6, 8), "u1", external=[(str(tmp_path / "secret"), 0, 48)])
    source = open_maps(path)
    assert [name for name, _ in source.entries] == ["good"]
    assert [(p.code, p.where) for p in source.problems] == [("E406", ("bad",))]


def test_a_group_that_holds_itself_is_listed_once(tmp_path):
    with h5py.File(tmp_path / "maps.h5", "w") as file:
        file["group/map"] = pixels(0)
        file["group/again"] = file["group"]
        file["root"] = file["/"]
    names = [name for name, _ in open_maps(tmp_path / "maps.h5").entries]
    assert names == ["group/map"]


@pytest.mark.parametrize("kind", ["u1", "u2", "f4", "f8", ">f4", ">u2", "f2", "i4", "bool"])
def test_arrays_and_hdf5_become_the_same_types(tmp_path, kind):
    values = pixels(3).astype(kind)
    with h5py.File(tmp_path / "maps.h5", "w") as file:
        file["map"] = values
    stored = DatasetReference(tmp_path / "maps.h5", "map").read(MANY)
    given = ArrayReference(values).read(MANY)
    write_npy(tmp_path / "map.npy", values)
    saved = FileReference(tmp_path / "map.npy").read(MANY)
    for found in (stored, given, saved):
        assert found.dtype == given.dtype
        assert found.dtype.name in ("uint8", "uint16", "float32", "float64")
        assert found.dtype.isnative
        assert np.array_equal(found, values.astype(float))


@pytest.mark.parametrize("shape", [(48,), (2, 6, 8), ()])
def test_hdf5_datasets_that_are_no_maps(tmp_path, shape):
    with h5py.File(tmp_path / "maps.h5", "w") as file:
        file["map"] = np.zeros(shape)
        file["words"] = "text"
    for key in ("map", "words"):
        reference = DatasetReference(tmp_path / "maps.h5", key)
        for look in (reference.inspect, reference.read):
            with pytest.raises(DecodeError, match="E303"):
                look(MANY)


@pytest.mark.parametrize("form", ["hdf5", "npy", "png", "zip"])
def test_too_many_pixels_are_refused_before_they_are_read(tmp_path, form):
    if form == "hdf5":
        with h5py.File(tmp_path / "maps.h5", "w") as file:
            file.create_dataset("map", (10**6, 10**6), "u1", chunks=(10, 10))  # nothing is stored
        reference = DatasetReference(tmp_path / "maps.h5", "map")
    else:
        write = write_npy if form == "npy" else write_png
        path = tmp_path / "maps" / f"map.{'npy' if form == 'npy' else 'png'}"
        path.parent.mkdir()
        write(path, np.zeros((100, 100), np.uint8))
        source = open_maps(packed(path.parent, ".zip") if form == "zip" else path.parent)
        reference = source.entries[0][1]
    for look in (reference.inspect, reference.read):
        with pytest.raises(DecodeError, match="E301"):
            look(9999)


def test_mappings_are_sorted_and_described():
    source = open_maps({"b": pixels(1), "a": pixels(0).tolist()})
    assert [name for name, _ in source.entries] == ["a", "b"]
    assert source.describe() == "arrays"
    assert np.array_equal(source.entries[0][1].read(MANY), pixels(0))


def test_an_identity_changes_with_the_file_and_the_pixels(folder):
    first = folder / "b.png"
    before = FileReference(first).identity()
    assert FileReference(first).identity() == before
    write_png(first, np.zeros((60, 80), np.uint8))
    assert FileReference(first).identity() != before
    one, two = ArrayReference(pixels(0)), ArrayReference(pixels(1))
    assert one.identity() == ArrayReference(pixels(0).copy()).identity() != two.identity()
    assert one.identity() == ArrayReference(np.asfortranarray(pixels(0))).identity()


@pytest.mark.parametrize(
    ("path", "junk"),
    [
        ("__MACOSX/a.png", True),
        ("in/__macosx/a.png", True),
        ("._a.png", True),
        ("in/._a.png", True),
        (".hidden.png", True),
        ("Thumbs.db", True),
        ("in/.DS_Store", True),
        (".git/x.png", True),
        ("a.png", False),
        (".hidden/a.png", False),
        ("in/a..png", False),
    ],
)
def test_leftovers_of_systems(path, junk):
    assert is_junk(path) == junk


def test_paths_that_hold_no_maps_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="no such file or folder"):
        open_maps(tmp_path / "none")
    (tmp_path / "one.png").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"neither a folder nor one of \.zip"):
        open_maps(tmp_path / "one.png")


def test_a_masked_array_is_no_map_unless_nothing_is_masked():
    values = np.random.default_rng(0).random((4, 5))
    masked = np.ma.masked_array(values, mask=values > 0.5)
    ((_, reference),) = open_maps({"a": masked}).entries
    with pytest.raises(DecodeError, match=r"masked array.*filled"):
        reference.read(100)
    ((_, reference),) = open_maps({"a": np.ma.masked_array(values)}).entries
    np.testing.assert_array_equal(reference.read(100), values)
