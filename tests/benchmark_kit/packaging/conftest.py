"""Small boards that stand in for the real ones, with pictures and good predictions."""

import dataclasses
import io
import zipfile

import h5py
import numpy as np
import pytest
from PIL import Image

from benchmark_kit.imaging.images import quantise
from benchmark_kit.leaderboards import get_board
from benchmark_kit.leaderboards.rules import Split
from benchmark_kit.packaging.validate import validate


def small(name, *splits, **changes):
    return dataclasses.replace(get_board(name), splits=splits, **changes)


FLAT = Split("test", 4, r"i(?:1|2|11|12)", None, shown="i1, i2, i11, i12")
FOLDERS = Split(
    "test",
    4,
    r"(?:Action|Satelite)/00[24]",
    (96, 54),
    folders=("Action", "Satelite"),
    shown="Action/002 to Satelite/004, even numbers",
)


def coco(split):
    return Split(split, 3, rf"COCO_{split}2014_\d{{12}}", (80, 60), shown=f"COCO_{split}2014_ …")


BOARDS = {
    "mit300": (
        small("mit300", FLAT),
        {"i1": (60, 80), "i2": (60, 80), "i11": (96, 64), "i12": (70, 50)},
    ),
    "cat2000": (
        small("cat2000", FOLDERS),
        dict.fromkeys(("Action/002", "Action/004", "Satelite/002", "Satelite/004"), (54, 96)),
    ),
    "mit300_jpg": (
        small("mit300_jpg", FLAT),
        {"i1": (60, 80), "i2": (60, 80), "i11": (96, 64), "i12": (70, 50)},
    ),
    "salicon2017": (
        small("salicon2017", coco("test")),
        {f"COCO_test2014_{k:012d}": (60, 80) for k in (1, 33, 52)},
    ),
    "salicon2015": (
        small("salicon2015", coco("val"), coco("test")),
        {f"COCO_{s}2014_{k:012d}": (60, 80) for s in ("val", "test") for k in (7, 133, 208)},
    ),
    "lsun": (
        small("lsun", Split("isun", 3, r"sun_\w+", None, shown="sun_…"), coco("test")),
        {"sun_b": (60, 80), "sun_a": (60, 80), "sun_c": (70, 50)},
    ),
}


def blob(size, seed):
    """A smooth map with its peak somewhere near the middle, positive everywhere."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[: size[0], : size[1]]
    y, x = size[0] * rng.uniform(0.3, 0.7), size[1] * rng.uniform(0.3, 0.7)
    peak = np.exp(-(((rows - y) / (0.2 * size[0])) ** 2) - ((columns - x) / (0.15 * size[1])) ** 2)
    return peak + 0.1 * rng.random(size)


class StandIn:
    """A board of a few images, its pictures on disk, and a good map for each."""

    def __init__(self, name, root):
        self.board, self.sizes = BOARDS[name]
        self.root, self.stimuli = root, root / "stimuli"
        self.names = list(self.sizes)
        for k, (image, size) in enumerate(self.sizes.items()):
            path = self.stimuli / f"{image}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            pixels = np.random.default_rng([9, k]).integers(0, 256, (*size, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(path, quality=95)
        self.maps = {n: quantise(blob(s, k)) for k, (n, s) in enumerate(self.sizes.items())}

    def densities(self, dtype=np.float32):
        """Natural-log densities whose exponentials sum to one."""
        found = {}
        for k, (name, size) in enumerate(self.sizes.items()):
            values = blob(size, k)
            found[name] = np.log(values / values.sum()).astype(dtype)
        return found

    def png(self, image=None, array=None, form="PNG", **options):
        """Bytes of a picture file."""
        file = io.BytesIO()
        picture = array if isinstance(array, Image.Image) else None
        if picture is None:
            picture = Image.fromarray(self.maps[image] if array is None else array)
        picture.save(file, format=form, **options)
        return file.getvalue()

    def npy(self, array):
        """Bytes of an array file."""
        file = io.BytesIO()
        np.save(file, array, allow_pickle=array.dtype == object)
        return file.getvalue()

    def members(self):
        """The good submission: member -> bytes."""
        return {f"{name}.png": self.png(name) for name in self.names}

    def zip(self, members=None, name="my_model.zip"):
        """An archive of these members; a list of pairs may name one twice."""
        members = self.members() if members is None else members
        path = self.root / name
        with zipfile.ZipFile(path, "w") as archive:
            for member, data in members.items() if isinstance(members, dict) else members:
                # a ZipInfo keeps backslashes as they are
                archive.writestr(zipfile.ZipInfo(member), data)
        return path

    def folder(self, members=None, name="maps"):
        """A folder of these files."""
        for member, data in (self.members() if members is None else members).items():
            path = self.root / name / member
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return self.root / name

    def hdf5(self, arrays, name="my_model.hdf5", suffix=".jpg", **options):
        """An HDF5 file of these arrays under the images' keys."""
        path = self.root / name
        with h5py.File(path, "w") as file:
            for key, array in arrays.items():
                file.create_dataset(key + suffix, data=array, **options)
        return path

    def check(self, maps, **options):
        """The report."""
        options.setdefault("workers", 1)
        return validate(maps, self.board, self.stimuli, **options)


@pytest.fixture
def stand_in(tmp_path):
    """Makes a stand-in: `stand_in("mit300")`."""
    return lambda name="mit300": StandIn(name, tmp_path)
