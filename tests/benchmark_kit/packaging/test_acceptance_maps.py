"""What is done with each known defect of a submission of maps; the row number is in the id."""

import io
import tarfile
from pathlib import PurePosixPath

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

ROWS = {}


def row(number, *errors, warnings=(), says=(), board="mit300"):
    """One case: the codes that refuse, those that warn, and what the report says."""

    def add(make):
        ROWS[f"{number:02}-{make.__name__}"] = (make, set(errors), set(warnings), says, board)
        return make

    return add


@row(1)
def nothing_wrong(s):
    return s.zip()


@row(1, board="cat2000")
def nothing_wrong_in_folders(s):
    return s.zip()


@row(2, warnings=["W105"], says=["'my_model'"])
def one_top_folder(s):
    return s.zip({f"my_model/{n}": d for n, d in s.members().items()})


@row(2, warnings=["W105"], says=["'my_model'"], board="cat2000")
def one_top_folder_on_disk(s):
    return s.folder({f"my_model/{n}": d for n, d in s.members().items()})


@row(3, "E102", says=["2 images have no map", "i11, i12"])
def files_missing(s):
    return s.zip({n: d for n, d in s.members().items() if n in ("i1.png", "i2.png")})


@row(4, "E103", says=["stranger", "readme.txt"])
def extra_map_readme_and_thumbs(s):
    extra = {"stranger.png": s.png("i1"), "readme.txt": b"hello", "Thumbs.db": b"x"}
    return s.zip(s.members() | extra)


@row(5, "E103", "E104", says=["a_i1.png = i1.png"])
def extra_map_that_ends_like_another(s):
    return s.zip(s.members() | {"a_i1.png": s.png("i1")})


@row(6, "E104", says=["i1.npy = i1.png"])
def two_files_of_one_stem(s):
    return s.folder(s.members() | {"i1.npy": s.npy(s.maps["i1"])})


@row(7, "E104", says=["i1.png = i1.png"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def one_member_twice(s):
    return s.zip([*s.members().items(), ("i1.png", s.png("i1"))])


@row(8, "E102", "E103", "E104", says=["a/i1.png = b/i1.png"])
def the_same_names_in_two_folders(s):
    return s.zip({f"{top}/{n}": d for top in "ab" for n, d in s.members().items()})


@row(9)
def leftovers_of_a_system(s):
    return s.zip(s.members() | {".DS_Store": b"x", "__MACOSX/._i1.png": b"x"})


@row(10, "E307", says=["1 .bmp", "1 .tif"])
def kinds_that_the_board_does_not_read(s):
    members = s.members()
    members["i1.bmp"] = s.png("i1", form="BMP")
    members["i2.tif"] = s.png("i2", form="TIFF")
    del members["i1.png"], members["i2.png"]
    return s.zip(members)


@row(11)
def extension_in_capitals(s):
    return s.zip({n.replace(".png", ".PNG"): d for n, d in s.members().items()})


@row(12, "E102", "E103", "E105", says=["upper and lower case", "I1 (image i1)"])
def name_in_capitals(s):
    members = s.members()
    members["I1.png"] = members.pop("i1.png")
    return s.zip(members)


@row(13, "E102", "E103", "E105", says=["--strip _smap", "explains 4 of 4"])
def suffix(s):
    return s.zip({n.replace(".png", "_smap.png"): d for n, d in s.members().items()})


@row(13, "E102", "E103", "E105", says=["--strip .jpg"])
def double_extension(s):
    return s.zip({n.replace(".png", ".jpg.png"): d for n, d in s.members().items()})


@row(14, warnings=["W308", "W307"], says=["another format than their names say"])
def jpeg_named_png(s):
    return s.zip(s.members() | {"i1.png": s.png("i1", form="JPEG", quality=95)})


@row(15, "E102", "E103", "E105", says=["underscore for the folder's slash"], board="cat2000")
def flat_names_with_an_underscore(s):
    return s.zip({n.replace("/", "_"): d for n, d in s.members().items()})


@row(16, "E102", "E103", "E105", says=["would serve several folders"], board="cat2000")
def bare_numbers(s):
    return s.zip({"002.png": s.png("Action/002"), "004.png": s.png("Action/004")})


@row(17, "E102", "E103", "E105", says=["Satelite", "explains 2 of 2"], board="cat2000")
def satellite_spelled_correctly(s):
    return s.zip({n.replace("Satelite", "Satellite"): d for n, d in s.members().items()})


@row(
    18,
    *("E102", "E103", "E105"),
    says=["numbered in a row", "even numbers", "training set of CAT2000"],
    board="cat2000",
)
def renumbered(s):
    return s.zip({n.replace("002", "001").replace("004", "002"): d for n, d in s.members().items()})


@row(19, "E106", says=["Action/Output/002.png"], board="cat2000")
def output_folder(s):
    return s.zip(s.members() | {"Action/Output/002.png": s.png("Action/004")})


@row(20, "E102", "E107", "E502", says=["a backslash in the name"], board="cat2000")
def backslashes(s):
    return s.zip({n.replace("/", "\\"): d for n, d in s.members().items()})


@row(21, "E201", says=["4 maps are transposed", "--transpose"])
def transposed(s):
    return s.zip({f"{n}.png": s.png(array=np.ascontiguousarray(m.T)) for n, m in s.maps.items()})


@row(22, "E202", says=["0.5 x 0.5", "--resize"])
def half_size(s):
    halves = {n: np.ascontiguousarray(m[::2, ::2]) for n, m in s.maps.items()}
    return s.zip({f"{n}.png": s.png(array=m) for n, m in halves.items()})


@row(22, "E203", says=["network's output size"])
def any_other_size(s):
    return s.zip({f"{n}.png": s.png(array=m[:40, :45].copy()) for n, m in s.maps.items()})


@row(23, says=["4 maps store gray as colours"])
def gray_stored_as_rgb(s):
    return s.zip({f"{n}.png": s.png(array=np.dstack([m, m, m])) for n, m in s.maps.items()})


@row(24, "E302", says=["colour (RGB) instead of gray"])
def colour_map_applied(s):
    coloured = np.dstack([s.maps["i1"], 255 - s.maps["i1"], s.maps["i1"]])
    return s.zip(s.members() | {"i1.png": s.png(array=coloured)})


@row(25, "E302", "E303", says=["alpha channel", "more than two axes", "salbench package"])
def constant_alpha_and_axes_of_one(s):
    gray = s.maps["i1"]
    members = s.members()
    members["i1.png"] = s.png(array=np.dstack([gray, gray, gray, np.full_like(gray, 255)]))
    members["i2.npy"] = s.npy(s.maps["i2"][None])
    members["i11.npy"] = s.npy(s.maps["i11"][..., None])
    del members["i2.png"], members["i11.png"]
    return s.zip(members)


@row(25, "E302", says=["transparency that is not constant", "CMYK"])
def varying_alpha_and_cmyk(s):
    gray = s.maps["i1"]
    cmyk = Image.fromarray(s.maps["i2"]).convert("CMYK")
    members = s.members() | {"i1.png": s.png(array=np.dstack([gray, gray, gray, gray]))}
    del members["i2.png"]
    return s.zip(members | {"i2.jpg": s.png(array=cmyk, form="JPEG")})


@row(26, says=["1 maps store gray as colours"])
def gray_palette(s):
    palette = Image.fromarray(s.maps["i1"])
    palette = palette.convert("P")
    return s.zip(s.members() | {"i1.png": s.png(array=palette)})


@row(27, "E302", says=["1 bit (two levels)"])
def one_bit(s):
    bits = Image.fromarray(s.maps["i1"] > 100)
    return s.zip(s.members() | {"i1.png": s.png(array=bits)})


@row(28)
def sixteen_bits(s):
    return s.zip({f"{n}.png": s.png(array=m.astype(np.uint16) * 257) for n, m in s.maps.items()})


@row(29)
def floating_point_files(s):
    members = s.members()
    del members["i1.png"], members["i2.png"]
    float_map = (s.maps["i1"] / 255).astype(np.float32)
    members["i1.tiff"] = s.png(array=float_map, form="TIFF")
    members["i2.npy"] = s.npy(s.maps["i2"] / 255)
    return s.zip(members)


@row(29, warnings=["W310"])
def half_precision(s):
    return s.zip({f"{n}.npy": s.npy((m / 255).astype(np.float16)) for n, m in s.maps.items()})


@row(30, "E303", says=["never loaded"])
def pickled_objects(s):
    members = s.members() | {"i1.npy": s.npy(np.array([{"a": 1}], dtype=object))}
    del members["i1.png"]
    return s.zip(members)


@row(31, "E304", says=["3 pixels of 1 maps are NaN or Inf"])
def not_a_number(s):
    return _with_values(s, np.nan)


@row(32, "E304", says=["3 pixels of 1 maps are NaN or Inf"])
def infinite(s):
    return _with_values(s, np.inf)


def _with_values(s, value):
    array = s.maps["i1"] / 255
    array[3, 4:7] = value
    members = s.members() | {"i1.npy": s.npy(array)}
    del members["i1.png"]
    return s.zip(members)


@row(33, warnings=["W309"])
def negative_values(s):
    return s.zip({f"{n}.npy": s.npy(m / 255.0 - 0.5) for n, m in s.maps.items()})


@row(34, "E305", says=["all 4 maps are constant", "--allow-constant"])
def all_maps_zero(s):
    return s.zip({f"{n}.png": s.png(array=np.zeros_like(m)) for n, m in s.maps.items()})


@row(34, warnings=["W202"])
def one_map_constant(s):
    return s.zip(s.members() | {"i1.png": s.png(array=np.full_like(s.maps["i1"], 200))})


@row(35, "E402", says=["log densities to base e", "--kind densities"])
def log_densities_as_maps(s):
    return s.zip({f"{n}.npy": s.npy(m) for n, m in s.densities().items()})


@row(36, "E307", says=["1 .mat"])
def mat_of_one_variable(s):
    return _with_mat(s, {"map": s.maps["i1"]})


@row(37, "E303", "E307", says=["variables map, other instead of one"])
def mat_of_two_variables(s):
    return _with_mat(s, {"map": s.maps["i1"], "other": s.maps["i1"]})


def _with_mat(s, variables):
    file = io.BytesIO()
    savemat(file, variables)
    members = s.members() | {"i1.mat": file.getvalue()}
    del members["i1.png"]
    return s.zip(members)


@row(38, "E301", says=["unreadable", "i1"])
def truncated_png(s):
    return s.zip(s.members() | {"i1.png": s.png("i1")[:-300]})


@row(39, "E204", warnings=["W307"], says=["EXIF orientation 6"])
def jpeg_with_a_turn(s):
    turned = Image.Exif()
    turned[0x0112] = 6
    members = s.members() | {"i1.jpg": s.png("i1", form="JPEG", quality=95, exif=turned)}
    members["i2.jpg"] = s.png("i2", form="JPEG", quality=95)
    del members["i1.png"], members["i2.png"]
    return s.zip(members)


@row(40, "E102", "E107", "E502", says=["an archive inside the archive"])
def zip_in_a_zip(s):
    return s.zip({"maps.zip": s.zip(name="inner.zip").read_bytes()}, name="outer.zip")


def _tar(s, name, mode):
    with tarfile.open(s.root / name, mode) as archive:
        for member, data in s.members().items():
            info = tarfile.TarInfo(member)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return s.root / name


@row(41)
def tar(s):
    return _tar(s, "my_model.tar", "w")


@row(41)
def tar_gz(s):
    return _tar(s, "my_model.tar.gz", "w:gz")


@row(41)
def zip_in_capitals(s):
    return s.zip(name="my_model.ZIP")


@row(42, "E501", says=["my_model.tgz", ".zip"])
def tgz(s):
    return _tar(s, "my_model.tgz", "w:gz")


@row(42, "E501")
def tar_bz2(s):
    return _tar(s, "my_model.tar.bz2", "w:bz2")


@row(42, "E501", says=["no extension"])
def no_extension(s):
    return s.zip(name="my_model")


@row(42, "E501")
def npz(s):
    np.savez(s.root / "my_model.npz", **s.maps)
    return s.root / "my_model.npz"


@row(43, "E102", "E107")
def empty_archive(s):
    return s.zip({})


@row(43, "E102", "E107")
def empty_folder(s):
    (s.root / "maps").mkdir()
    return s.root / "maps"


@row(44, "E102", "E502", says=["an absolute path", "leaves the archive"])
def paths_out_of_the_archive(s):
    members = s.members()
    members["/i1.png"] = members.pop("i1.png")
    members["../i2.png"] = members.pop("i2.png")
    return s.zip(members)


@row(45, warnings=["W105"])
def directory_entries_and_a_top_folder_named_as_an_image(s):
    return s.zip({"i1/": b""} | {f"i1/{n}": d for n, d in s.members().items()})


@row(46, warnings=["W304"], says=["inverted", "255 - map", "upside down, mirrored"])
def inverted(s):
    return s.zip({f"{n}.png": s.png(array=255 - m) for n, m in s.maps.items()})


@row(46, says=["upside down, mirrored"])
def upside_down_cannot_be_seen(s):
    return s.zip({f"{n}.png": s.png(array=m[::-1].copy()) for n, m in s.maps.items()})


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
@pytest.mark.parametrize("case", ROWS)
def test_maps(case, stand_in):
    make, errors, warnings, says, board = ROWS[case]
    s = stand_in(board)
    report = s.check(make(s))
    assert {problem.code for problem in report.problems} == errors
    assert {problem.code for problem in report.warnings} == warnings
    assert report.ok == (not errors)
    for text in says:
        assert text in report.text()
    assert all(problem.fix for problem in report.problems)


def test_every_row_of_the_table_is_here():
    assert {int(case[:2]) for case in ROWS} == set(range(1, 47))


@pytest.mark.parametrize(
    "case", ["10-kinds_that_the_board_does_not_read", "36-mat_of_one_variable"]
)
def test_kinds_that_packaging_converts_pass_it(case, stand_in):
    from benchmark_kit.packaging.checks.stimuli import read_board_stimuli
    from benchmark_kit.packaging.submission import open_submission
    from benchmark_kit.packaging.validate import find_all

    s = stand_in()
    stimuli = read_board_stimuli(s.board, s.stimuli)
    findings = find_all(open_submission(ROWS[case][0](s), s.board), stimuli, convert=True)
    assert findings.problems == ()
    assert findings.matched.names == ("i1", "i2", "i11", "i12")
    for name in s.names:
        np.testing.assert_array_equal(findings.matched.load(name), s.maps[name])
    assert {PurePosixPath(findings.matched.reference(n)).stem for n in s.names} == set(s.names)
