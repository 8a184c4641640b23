"""Packages of every board, and everything that must refuse or leave nothing behind."""

import errno
import hashlib
import json
import os
import shutil
import zipfile
from types import SimpleNamespace

import h5py
import numpy as np
import pytest
from scipy.special import logsumexp

from benchmark_kit import files
from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.imaging import matlab
from benchmark_kit.imaging.images import quantise, read_map
from benchmark_kit.packaging import output_place
from benchmark_kit.packaging.package import package
from benchmark_kit.packaging.stores import store as stores


@pytest.fixture
def pack(tmp_path):
    """Package a stand-in into `out/`."""
    folder = tmp_path / "out"
    folder.mkdir()

    def run(stand_in, maps=None, out="my_model.zip", **options):
        maps = stand_in.folder() if maps is None else maps
        options.setdefault("workers", 1)
        return package(maps, stand_in.board, stand_in.stimuli, folder / out, **options)

    run.folder = folder
    return run


def nothing_left(pack):
    return list(pack.folder.iterdir()) == []


def codes(error):
    return {problem.code for problem in error.value.problems}


def test_maps_become_a_flat_zip_of_8_bit_pngs(stand_in, pack):
    board = stand_in("mit300")
    made = pack(board)
    with zipfile.ZipFile(made.path) as archive:
        assert archive.namelist() == ["i1.png", "i11.png", "i12.png", "i2.png"]
        for name in board.names:
            pixels = read_map((f"{name}.png", archive.read(f"{name}.png")))
            assert (pixels == board.maps[name]).all()


def test_folders_of_the_images_stay_folders(stand_in, pack):
    made = pack(stand_in("cat2000"))
    with zipfile.ZipFile(made.path) as archive:
        assert archive.namelist() == [
            "Action/002.png", "Action/004.png", "Satelite/002.png", "Satelite/004.png",
        ]  # fmt: skip


def test_float_maps_become_16_bits_on_request(stand_in, pack):
    board = stand_in("mit300")
    maps = {name: board.maps[name] / 7.0 for name in board.names}
    made = pack(board, maps, depth=16)
    with zipfile.ZipFile(made.path) as archive:
        for name, values in maps.items():
            pixels = read_map(("a.png", archive.read(f"{name}.png")))
            assert (pixels == quantise(values, 16)).all()
    assert 0 < made.manifest["largest_error"]["value"] <= 1


def test_jpegs_lie_below_a_folder_named_after_the_model(stand_in, pack):
    board = stand_in("mit300_jpg")
    made = pack(board, name="deep_net", out="archive.zip")
    with zipfile.ZipFile(made.path) as archive:
        assert archive.namelist()[0] == "deep_net/i1.jpg"
        assert len(archive.namelist()) == 4
    assert [problem.code for problem in made.warnings].count("W501") == 1


def test_both_splits_of_salicon_2015_share_one_file(stand_in, pack):
    board = stand_in("salicon2015")
    made = pack(board, name="net", out="results.zip")
    with zipfile.ZipFile(made.path) as archive:
        entries = json.loads(archive.read("fixations_val2014_net_results.json"))
        assert [entry["image_id"] for entry in entries] == [7, 133, 208]
        assert len(archive.namelist()) == 2
    with pytest.raises(ConfigError, match=r"results\.zip"):
        pack(board, name="net", out="net.zip")


def test_lsun_keeps_the_lists_order(stand_in, pack, tmp_path):
    board = stand_in("lsun")
    order = ["sun_c", "sun_a", "sun_b"]
    (tmp_path / "list.txt").write_text("".join(f"{name}.jpg\n" for name in order))
    made = pack(board, out="net.mat", list_file=tmp_path / "list.txt")
    cells = matlab.items(matlab.load_mat(made.path)["results"])
    for cell, name in zip(cells, order, strict=True):
        assert (np.asarray(cell) == board.maps[name]).all()
    with pytest.raises(InputError) as error:
        pack(board, out="other.mat")
    assert codes(error) == {"E504"}


def test_good_densities_go_in_untouched(stand_in, pack):
    board = stand_in("cat2000")
    densities = board.densities()
    made = pack(board, densities, "net.hdf5", kind="densities")
    with h5py.File(made.path) as file:
        for name, values in densities.items():
            assert (file[f"{name}.jpg"][()] == values).all()


def test_densities_that_do_not_sum_to_one_are_refused_until_renormalised(stand_in, pack):
    board = stand_in("mit300")
    for off, code in ((2e-3, {"E403"}), (5e-4, {"E403"})):
        loose = {name: values + off for name, values in board.densities(np.float64).items()}
        with pytest.raises(InputError) as error:
            pack(board, loose, "net.hdf5", kind="densities")
        assert codes(error) == code
        assert "--renormalise" in str(error.value)
        assert nothing_left(pack)
    made = pack(board, loose, "net.hdf5", kind="densities", renormalise=True)
    with h5py.File(made.path) as file:
        for name in board.names:
            assert abs(float(logsumexp(file[f"{name}.jpg"][()]))) < 1e-5


def test_minus_infinity_is_refused_until_floored(stand_in, pack):
    board = stand_in("mit300")
    densities = board.densities(np.float64)
    logs = densities["i1"]
    logs[0, :5] = -np.inf
    logs -= logsumexp(logs)
    with pytest.raises(InputError) as error:
        pack(board, densities, "net.hdf5", kind="densities")
    assert codes(error) == {"E404"}
    made = pack(board, densities, "net.hdf5", kind="densities", floor=1e-4)
    with h5py.File(made.path) as file:
        assert file["i1.jpg"][0, 0] == pytest.approx(np.log(1e-4 / logs.size), abs=1e-3)


def test_maps_become_densities_by_a_named_method(stand_in, pack):
    board = stand_in("mit300")
    made = pack(board, out="net.hdf5", kind="densities", to_density="sum")
    with h5py.File(made.path) as file:
        for name, values in board.maps.items():
            share = (1 - 1e-4) * values / values.sum(dtype=float) + 1e-4 / values.size
            assert np.exp(file[f"{name}.jpg"][()]) == pytest.approx(share, rel=1e-4)
    assert made.manifest["maps"]["to_density"] == "sum"
    assert made.manifest["maps"]["floor"] == 1e-4


def test_a_grid_makes_the_file_smaller(stand_in, pack, tmp_path):
    board = stand_in("cat2000")
    sizes = {}
    for grid in (None, 2.0**-14):
        made = pack(board, board.densities(), f"net_{grid}.hdf5", kind="densities", grid=grid)
        sizes[grid] = made.path.stat().st_size
        with h5py.File(made.path) as file:
            values = file["Action/002.jpg"][()].astype(np.float64)
        assert grid is None or (values / grid == np.round(values / grid)).all()
    assert sizes[2.0**-14] < 0.9 * sizes[None]


def test_maps_of_another_size_need_a_kernel(stand_in, pack):
    board = stand_in("mit300")
    halves = {name: values[::2, ::2] for name, values in board.maps.items()}
    with pytest.raises(InputError) as error:
        pack(board, halves)
    assert codes(error) <= {"E202", "E203"}
    made = pack(board, halves, resize="bilinear")
    with zipfile.ZipFile(made.path) as archive:
        for name in board.names:
            assert read_map(("a.png", archive.read(f"{name}.png"))).shape == board.sizes[name]
    assert made.manifest["maps"]["resized"] == "bilinear"


def test_transposed_maps_are_turned_on_request(stand_in, pack):
    board = stand_in("mit300")
    with pytest.raises(InputError) as error:
        pack(board, {name: values.T for name, values in board.maps.items()})
    assert codes(error) == {"E201"}
    made = pack(board, {n: values.T for n, values in board.maps.items()}, transpose=True)
    with zipfile.ZipFile(made.path) as archive:
        assert (read_map(("a.png", archive.read("i11.png"))) == board.maps["i11"]).all()


def test_a_suffix_is_stripped_on_request(stand_in, pack):
    board = stand_in("mit300")
    maps = {f"{name}_sal": values for name, values in board.maps.items()}
    with pytest.raises(InputError) as error:
        pack(board, maps)
    assert "E105" in codes(error)
    assert len(pack(board, maps, strip="_sal").manifest["members"]) == 4


def test_nothing_is_written_when_anything_is_wrong(stand_in, pack):
    board = stand_in("mit300")
    maps = dict(board.maps)
    del maps["i2"]
    maps["i1"] = maps["i1"].astype(float)
    maps["i1"][0, 0] = np.nan
    with pytest.raises(InputError) as error:
        pack(board, maps)
    assert codes(error) == {"E102", "E304"}
    assert nothing_left(pack)


def test_constant_and_identical_maps_need_to_be_meant(stand_in, pack):
    board = stand_in("cat2000")
    flat = {name: np.full(size, 3, np.uint8) for name, size in board.sizes.items()}
    with pytest.raises(InputError) as error:
        pack(board, flat)
    assert codes(error) == {"E305"}
    pack(board, flat, out="flat.zip", allow_constant=True)
    same = dict.fromkeys(board.sizes, board.maps["Action/002"])
    with pytest.raises(InputError) as error:
        pack(board, same)
    assert codes(error) == {"E306"}
    pack(board, same, out="same.zip", allow_identical=True)


def test_an_existing_file_needs_force(stand_in, pack):
    board = stand_in("mit300")
    (pack.folder / "my_model.zip").write_text("precious")
    with pytest.raises(ConfigError, match="--force"):
        pack(board)
    assert (pack.folder / "my_model.zip").read_text() == "precious"
    assert zipfile.is_zipfile(pack(board, force=True).path)


def test_the_output_may_not_lie_among_the_inputs(stand_in, pack):
    board = stand_in("mit300")
    maps = board.folder()
    for folder in (maps, board.stimuli):
        before = sorted(folder.rglob("*"))
        with pytest.raises(InputError) as error:
            package(maps, board.board, board.stimuli, folder / "net.zip")
        assert codes(error) == {"E601"}
        assert sorted(folder.rglob("*")) == before


def test_a_read_only_folder_and_a_small_disk_are_refused_before_work(stand_in, pack, monkeypatch):
    board = stand_in("mit300")

    def refused(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(files.tempfile, "TemporaryFile", refused)
    with pytest.raises(InputError, match="Read-only file system") as error:
        pack(board)
    assert codes(error) == {"E601"}
    monkeypatch.undo()
    tiny = SimpleNamespace(free=10)
    monkeypatch.setattr(output_place.shutil, "disk_usage", lambda _: tiny)
    with pytest.raises(InputError, match="are needed") as error:
        pack(board)
    assert codes(error) == {"E601"}


@pytest.mark.parametrize("out", ["net.tar", "net", "net.hdf5", "net.tgz"])
def test_the_name_must_fit_the_store(stand_in, pack, out):
    with pytest.raises(ConfigError, match=r"\.zip"):
        pack(stand_in("mit300"), out=out)


def test_in_a_folder_the_file_is_named_after_the_model(stand_in, pack):
    board = stand_in("mit300")
    with pytest.raises(ConfigError, match="--name"):
        pack(board, out="")
    made = pack(board, out="", name="deep_net")
    assert made.path.name == "deep_net.zip"
    assert made.manifest["model"] == "deep_net"
    with pytest.raises(ConfigError, match=r"--out other\.zip"):
        pack(board, name="other")
    with pytest.raises(ConfigError, match="slash"):
        pack(board, out="", name="../net")


def test_options_that_do_not_go_together_are_refused(stand_in, pack):
    board = stand_in("mit300")
    for options, text in (
        ({"kind": "logits"}, "maps or densities"),
        ({"store": "jpeg"}, "png8, png16, npy, hdf5"),
        ({"store": "png8", "depth": 16}, "twice"),
        ({"depth": 12}, "not as 12 bits"),
        ({"to_density": "sum"}, "--kind densities"),
        ({"renormalise": True}, "--kind densities"),
        ({"kind": "densities", "to_density": "nothing.json"}, "softmax"),
        ({"kind": "densities", "floor": 1.5}, "floor"),
        ({"resize": "cubic"}, "kernel"),
        ({"workers": 0}, "--workers"),
    ):
        with pytest.raises(ConfigError, match=text):
            pack(board, **options)
    assert nothing_left(pack)


def test_crowded_8_bits_propose_16(stand_in, pack):
    board = stand_in("mit300")
    peaked = {}
    for name, (height, width) in board.sizes.items():
        values = np.random.default_rng(len(name)).random((height, width)) * 1e-3 + 1e-4
        values[height // 2, width // 3 :: 7] = 1
        peaked[name] = values
    assert "--depth 16" in str(pack(board, peaked).warnings)
    finer = pack(board, peaked, out="fine.zip", depth=16)
    assert "W314" not in {problem.code for problem in finer.warnings}


def test_a_model_is_asked_once_an_image(stand_in, pack):
    board = stand_in("cat2000")
    asked = []

    class Model:
        def predict_map(self, path):
            name = f"{path.parent.name}/{path.stem}"
            asked.append(name)
            return board.maps[name] / 255.0

    made = pack(board, Model())
    assert sorted(asked) == sorted(board.names)
    with zipfile.ZipFile(made.path) as archive:
        for name in board.names:
            assert (read_map(("a.png", archive.read(f"{name}.png"))) == board.maps[name]).all()


@pytest.mark.parametrize(
    ("board", "out"),
    [("mit300_jpg", "net.zip"), ("salicon2015", "results.zip"), ("lsun", "net.mat")],
)
def test_a_model_fills_every_form(stand_in, pack, tmp_path, board, out):
    stand = stand_in(board)
    options = {}
    if board == "lsun":
        (tmp_path / "list.txt").write_text("".join(f"{name}.jpg\n" for name in stand.names))
        options["list_file"] = tmp_path / "list.txt"
    model = SimpleNamespace(predict_map=lambda path: stand.maps[path.stem] / 255.0)
    made = pack(stand, model, out=out, name="net", **options)
    assert made.manifest["images"] == len(stand.names)
    # from a folder of the same maps comes the same file
    again = pack(stand, out=out, name="net", force=True, **options)
    assert again.manifest["file"] == made.manifest["file"]


def test_a_models_maps_become_densities(stand_in, pack):
    board = stand_in("cat2000")

    def predict_map(path):
        return np.log(board.maps[f"{path.parent.name}/{path.stem}"] + 1.0) - 3

    made = pack(board, SimpleNamespace(predict_map=predict_map), "net.hdf5", kind="densities",
                to_density="softmax", floor=0.0)  # fmt: skip
    with h5py.File(made.path) as file:
        for name, values in board.maps.items():
            density = (values + 1.0) / (values + 1.0).sum()
            assert np.exp(file[f"{name}.jpg"][()]) == pytest.approx(density, rel=1e-4)


def test_a_name_that_says_nothing_is_warned_about(stand_in, pack):
    board = stand_in("mit300")
    assert "W502" in {problem.code for problem in pack(board, out="submission.zip").warnings}
    assert "W502" not in {problem.code for problem in pack(board, out="deep_net.zip").warnings}


@pytest.mark.parametrize(
    ("bad", "code"),
    [(np.nan, "E304"), (0.0, "E305")],
)
def test_a_models_useless_maps_are_refused(stand_in, pack, bad, code):
    board = stand_in("cat2000")
    model = SimpleNamespace(predict_map=lambda path: np.full((54, 96), bad))
    with pytest.raises(InputError) as error:
        pack(board, model)
    assert codes(error) == {code}
    assert nothing_left(pack)


def test_a_models_map_of_another_size_is_refused(stand_in, pack):
    board = stand_in("cat2000")
    with pytest.raises(InputError) as error:
        pack(board, SimpleNamespace(predict_map=lambda path: np.eye(7)))
    assert codes(error) == {"E203"}


def test_the_manifest_tells_what_is_in_the_file(stand_in, pack):
    board = stand_in("mit300")
    made = pack(board)
    manifest = json.loads(made.manifest_path.read_text())
    assert manifest == made.manifest
    data = made.path.read_bytes()
    assert manifest["file"]["sha256"] == hashlib.sha256(data).hexdigest()
    with zipfile.ZipFile(made.path) as archive:
        assert manifest["members"] == {
            name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()
        }
    assert manifest["made"]["software"]["numpy"] == np.__version__
    assert manifest["largest_error"]["value"] == 0
    assert os.fspath(made.path) in str(made)


@pytest.mark.slow
def test_bytes_depend_neither_on_workers_nor_on_where_the_maps_lie(stand_in, pack, monkeypatch):
    from benchmark_kit import parallel

    monkeypatch.setattr(parallel, "FEW", 1)
    board = stand_in("cat2000")
    one = pack(board, out="a.zip", workers=1).path.read_bytes()
    assert pack(board, out="b.zip", workers=2).path.read_bytes() == one
    assert pack(board, board.zip(name="given.zip"), out="c.zip").path.read_bytes() == one
    first = pack(board, board.densities(), "a.hdf5", kind="densities").path.read_bytes()
    two = pack(board, board.densities(), "b.hdf5", kind="densities", workers=2)
    assert two.path.read_bytes() == first


def test_progress_counts_every_pass_to_its_end(stand_in, pack):
    seen = []
    pack(stand_in("mit300"), progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (12, 12)
    assert {total for _, total in seen} == {12}
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_file_that_does_not_read_back_is_not_left(stand_in, pack, monkeypatch):
    board = stand_in("mit300")
    honest = stores.digest_of

    def swapped(pixels):
        return honest(pixels[::-1]) if len(pixels) == 70 else honest(pixels)

    monkeypatch.setattr(stores, "digest_of", swapped)
    with pytest.raises(InputError) as error:
        pack(board)
    assert codes(error) == {"E505"}
    assert error.value.problems[0].where == ("i12",)
    assert nothing_left(pack)


def test_a_disk_that_fills_up_half_way_leaves_nothing(stand_in, pack, monkeypatch):
    board = stand_in("mit300")
    real = zipfile.ZipFile.writestr

    def full(self, info, data):
        if info.filename == "i12.png":
            raise OSError(28, "No space left on device")
        real(self, info, data)

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(InputError, match="No space left") as error:
        pack(board)
    assert codes(error) == {"E601"}
    assert nothing_left(pack)


def test_stimuli_of_another_board_are_refused(stand_in, pack):
    board = stand_in("mit300")
    maps = board.folder()
    shutil.move(board.stimuli / "i12.jpg", board.stimuli / "j12.jpg")
    with pytest.raises(InputError) as error:
        pack(board, maps)
    assert codes(error) == {"E101"}
