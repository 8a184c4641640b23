"""Writers of the documented data-set structures: what a reader meets on disk, made in
`tmp_path`.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

MAT73_HEADER = b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM"


def picture(path: Path, size: tuple[int, int], *, orientation: int | None = None) -> Path:
    """A gray picture of (height, width), with an EXIF orientation if asked for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("L", (size[1], size[0]), 90)
    exif = Image.Exif()
    if orientation:
        exif[0x0112] = orientation
    image.save(path, exif=exif) if orientation else image.save(path)
    return path


def pictures(folder: Path, names: list[str], size: tuple[int, int]) -> None:
    for name in names:
        picture(folder / name, size)


def mat(path: Path, **variables: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, variables, do_compression=True)
    return path


def cell(values: list[Any], *, row: bool = False) -> np.ndarray:
    """A MATLAB cell, a column unless `row`."""
    array = np.empty((1, len(values)) if row else (len(values), 1), dtype=object)
    for place, value in enumerate(values):
        array.reshape(-1)[place] = value
    return array


def structs(values: list[dict[str, Any]], *, row: bool = False) -> np.ndarray:
    """A MATLAB struct array, a column unless `row`."""
    shape = (1, len(values)) if row else (len(values), 1)
    array = np.empty(shape, dtype=[(name, object) for name in values[0]])
    for place, value in enumerate(values):
        for name, content in value.items():
            array[name].reshape(-1)[place] = content
    return array


def mat73_cell(path: Path, name: str, values: list[np.ndarray]) -> Path:
    """A MATLAB 7.3 file with one column cell of arrays, stored transposed as MATLAB does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w", userblock_size=512) as file:
        references = np.empty((1, len(values)), dtype=h5py.ref_dtype)
        for place, value in enumerate(values):
            node = file.create_dataset(f"#refs#/{place}", data=value.T)
            node.attrs["MATLAB_class"] = np.bytes_(b"double")
            references[0, place] = node.ref
        node = file.create_dataset(name, data=references, dtype=h5py.ref_dtype)
        node.attrs["MATLAB_class"] = np.bytes_(b"cell")
    return mat73_header(path)


def mat73_array(path: Path, name: str, value: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w", userblock_size=512) as file:
        file.create_dataset(name, data=value.T)
    return mat73_header(path)


def mat73_header(path: Path) -> Path:
    with open(path, "r+b") as file:
        file.write(MAT73_HEADER)
    return path


def binary(size: tuple[int, int], points: list[tuple[int, int]]) -> np.ndarray:
    """A uint8 map with ones at (x, y)."""
    values = np.zeros(size, dtype=np.uint8)
    for x, y in points:
        values[y, x] = 1
    return values


def salicon(
    root: Path,
    workers: list[dict[str, np.ndarray]],
    *,
    stem: str = "COCO_val2014_000000000133",
    split: str = "val",
    fields: tuple[str, ...] = ("location", "timestamp", "fixations"),
    with_map: bool = True,
) -> None:
    """One SALICON image; a worker gives 1-based `fixations` and optionally `location`."""
    picture(root / f"images/{split}/{stem}.jpg", (480, 640))
    blank = {
        "location": np.empty((0, 2)),
        "timestamp": np.empty((0, 1)),
        "fixations": np.empty((0, 2)),
    }
    gaze = structs([{name: (blank | worker)[name] for name in fields} for worker in workers])
    mat(
        root / f"fixations/{split}/{stem}.mat",
        image=stem,
        resolution=np.array([[480, 640]], dtype=np.uint16),
        gaze=gaze,
    )
    if with_map:
        picture(root / f"maps/{split}/{stem}.png", (480, 640))


def osie(root: Path, images: dict[str, list[tuple[list, list, list]]], size=(60, 80)) -> None:
    """OSIE's tree: for every image a list of observers as (x, y, ms)."""
    entries = []
    for name, observers in images.items():
        picture(root / "data/stimuli" / name, size)
        cells = [
            structs(
                [
                    {
                        "fix_x": np.array([x], dtype=float),
                        "fix_y": np.array([y], dtype=float),
                        "fix_duration": np.array([ms], dtype=np.uint16),
                    }
                ]
            )
            for x, y, ms in observers
        ]
        entries.append(structs([{"img": name, "subjects": cell(cells)}]))
    mat(root / "data/eye/fixations.mat", fixations=cell(entries))


def freeview(root: Path, entries: list[dict[str, Any]]) -> None:
    root.mkdir(parents=True, exist_ok=True)
    table = root / "COCOFreeView_fixations_trainval.json"
    table.write_text(json.dumps(entries), encoding="utf-8")


def folder(root: Path, rows: str, *, sizes: dict[str, tuple[int, int]], settings: str = "") -> Path:
    """A `folder` data set with a CSV."""
    for name, size in sizes.items():
        picture(root / "stimuli" / name, size)
    (root / "fixations.csv").write_text(rows, encoding="utf-8")
    if settings:
        (root / "dataset.toml").write_text(settings, encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def write() -> SimpleNamespace:
    """The writers of this file by name."""
    return SimpleNamespace(
        picture=picture,
        pictures=pictures,
        mat=mat,
        cell=cell,
        structs=structs,
        mat73_cell=mat73_cell,
        mat73_array=mat73_array,
        binary=binary,
        salicon=salicon,
        osie=osie,
        freeview=freeview,
        folder=folder,
    )


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's cache."""
    monkeypatch.setenv("KERAS_SALIENCY_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def small_recordings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let generated pictures be small where a data set's own are of one size."""
    from benchmark_kit.datasets import cat2000, coco_freeview, figrim, mit1003, osie

    for reader, size in (
        (osie, (60, 80)),
        (coco_freeview, (105, 168)),
        (figrim, (100, 100)),
        (cat2000, (54, 96)),
    ):
        monkeypatch.setattr(reader, "RECORDED", size)
    monkeypatch.setattr(mit1003, "LONGER_SIDE", 80)
