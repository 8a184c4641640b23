"""Pictures of another size than the recording: a reader of points in pixels refuses them.

Their points would lie elsewhere and be scored without a word.
"""

import numpy as np
import pytest

from benchmark_kit.datasets import get_dataset
from benchmark_kit.errors import InputError


def osie(root, write, size):
    write.osie(root, {"1001.jpg": [([105.5, 390.0], [100.5, 290.0], [200, 200])]}, size)


def coco_freeview(root, write, size):
    write.picture(root / "images/cup/000000000285.jpg", size)
    entry = {"name": "000000000285.jpg", "subject": 1, "X": [90.0, 95.0], "Y": [60.0, 61.0]}
    write.freeview(root, [{**entry, "T": [200, 200], "length": 2, "split": "valid"}])


def figrim(root, write, size):
    write.picture(root / "Targets/lake/a.jpg", size)
    table = {"enc": np.array([[5.0, 6.0]]), "rec": np.empty((0, 0)), "rec2": np.empty((0, 0))}
    viewer = {"trial": 1.0, "fixations": write.structs([table])}
    entry = {"filename": "a.jpg", "category": "lake", "userdata": write.structs([viewer])}
    write.mat(root / "targetData/allImages_release.mat", allImages=write.structs([entry]))


def mit1003(root, write, size):
    write.picture(root / "ALLSTIMULI/a.jpeg", size)
    table = np.array([[50.0, 30.0], [20.0, 20.0]])
    write.mat(root / "extracted/a.jpeg_s.mat", fixations=table, durations=np.array([[200, 200]]))


def cat2000(root, write, size):
    write.picture(root / "trainSet/Stimuli/Action/001.jpg", size)
    write.mat(root / "extracted/fix1_1.mat", name="x-abc.eye", data=np.array([[50.0, 30.0]]))


SETS = {
    osie: ({}, (600, 800), [(300, 400), (599, 800), (600, 801), (1200, 1600), (800, 600)]),
    coco_freeview: ({"split": "val"}, (1050, 1680), [(480, 640), (1050, 1679)]),
    figrim: ({}, (1000, 1000), [(500, 500), (1000, 999)]),
    mit1003: ({}, (768, 1024), [(384, 512), (767, 1023), (1200, 1600)]),
    cat2000: ({}, (1080, 1920), [(540, 960), (1080, 1919)]),
}
WRONG = [(make, size) for make, (_, _, sizes) in SETS.items() for size in sizes]


def read(make, root, write, size):
    make(root, write, size)
    return get_dataset(make.__name__, root, cache=False, **SETS[make][0])


@pytest.mark.parametrize("make", SETS)
def test_the_recordings_own_size_is_read(tmp_path, write, make):
    truths = read(make, tmp_path, write, SETS[make][1])
    assert sum(len(truth.fixations) for truth in truths) > 0


@pytest.mark.parametrize(("make", "size"), WRONG)
def test_another_size_is_refused_with_both_sizes(tmp_path, write, make, size):
    with pytest.raises(InputError, match=r"E703 (.|\n)*not resized ones") as caught:
        read(make, tmp_path, write, size)
    assert f"{size[1]}x{size[0]}" in str(caught.value)


def test_an_upright_mit1003_picture_is_its_own_size_too(tmp_path, write):
    assert len(read(mit1003, tmp_path, write, (1024, 405))["a"].fixations) == 1
