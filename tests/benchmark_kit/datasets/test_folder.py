"""`folder`: tables as CSV or JSON, binary maps, densities and dataset.toml."""

import json

import numpy as np
import pytest
from PIL import Image

from benchmark_kit.datasets import get_dataset
from benchmark_kit.errors import InputError

SIZES = {"a.png": (60, 80), "in/b.jpg": (40, 50)}
HEADER = "image,x,y,subject,order,duration\n"


def read(root):
    return get_dataset("folder", root, cache=False)


def problems(root):
    with pytest.raises(InputError) as caught:
        read(root)
    return [(problem.code, *problem.where) for problem in caught.value.problems], str(caught.value)


def test_columns_go_by_their_header_and_others_are_ignored(tmp_path, write):
    rows = (
        "note,duration,y,x,order,image,subject\n"
        "first,0.25,20.5,10.25,0,a.png,ann\n"
        '"a, comma",0.5,3,4,1,a.png,ann\n'
        ",0.1,39,49,0,in/b.jpg,Bob\n"
    )
    truths = read(write.folder(tmp_path, rows, sizes=SIZES))
    fixations = truths["a"].fixations
    assert (fixations.x.tolist(), fixations.y.tolist()) == ([10.25, 4], [20.5, 3])
    assert fixations.duration.tolist() == [0.25, 0.5]
    assert fixations.order.tolist() == [0, 1]
    assert fixations.subject.tolist() == [1, 1]  # "Bob" sorts before "ann"
    assert truths["in/b"].fixations.subject.tolist() == [0]
    assert [truth.category for truth in truths] == [None, "in"]


def test_image_x_and_y_are_enough(tmp_path, write):
    fixations = read(write.folder(tmp_path, "image,x,y\na.png,0,59\n", sizes=SIZES))["a"].fixations
    assert fixations.flat_index.tolist() == [59 * 80]
    assert (fixations.subject, fixations.order, fixations.duration) == (None, None, None)


def test_points_outside_are_dropped_by_reason_before_truncation(tmp_path, write):
    rows = "image,x,y\n" + "".join(
        f"a.png,{x},{y}\n"
        for x, y in (("-0.4", 5), (80, 5), (5, 60), ("nan", 5), (5, "inf"), ("79.9", "0"))
    )
    truths = read(write.folder(tmp_path, rows, sizes=SIZES))
    assert truths["a"].fixations.x.tolist() == [79.9]
    assert truths.dropped == {"negative": 1, "outside": 2, "not finite": 2}


def test_a_byte_order_mark_blank_lines_and_windows_line_ends_do_no_harm(tmp_path, write):
    rows = "\ufeffimage, x, y\r\na.png,1,2\r\n\r\n./in//b.jpg,3,4\r\n"
    truths = read(write.folder(tmp_path, rows, sizes=SIZES))
    assert [truth.fixations.x.tolist() for truth in truths] == [[1], [3]]


def test_json_is_the_same_table(tmp_path, write):
    rows = HEADER + "a.png,1.5,2,7,0,0.25\nin/b.jpg,3,4,8,1,0.5\n"
    table = read(write.folder(tmp_path / "csv", rows, sizes=SIZES))
    keys = HEADER.strip().split(",")
    entries = [("a.png", 1.5, 2, 7, 0, 0.25), ("in/b.jpg", 3, 4, 8, 1, 0.5)]
    write.folder(tmp_path / "json", "", sizes=SIZES)
    (tmp_path / "json/fixations.csv").unlink()
    content = json.dumps([dict(zip(keys, entry, strict=True)) for entry in entries])
    (tmp_path / "json/fixations.json").write_text(content, encoding="utf-8")
    same = read(tmp_path / "json")
    assert same.fingerprint == table.fingerprint
    assert same["in/b"].fixations.subject.tolist() == [1]
    assert same["in/b"].fixations.duration.tolist() == [0.5]


def test_every_bad_line_is_listed_with_its_number(tmp_path, write):
    rows = HEADER + (
        "a.png,1,2,s,0,0.1\n"
        "a.png,one,2,s,0,0.1\n"
        "a.png,1,2,s,-1,0.1\n"
        "a.png,1,2,s,0\n"
        ",1,2,s,0,0.1\n"
        "a.png,1,2,,0.5,-1\n"
        "a.png,1,2,s,3000000000,0.1\n"
    )
    places, text = problems(write.folder(tmp_path, rows, sizes=SIZES))
    assert {code for code, *_ in places} == {"E704"}
    assert {place for _, *found in places for place in found} == {
        "line 3 ('one')",
        "line 4 ('-1')",
        "line 5",
        "line 6",
        "line 7 ('')",
        "line 7 ('0.5')",
        "line 7 ('-1')",
        "line 8 ('3000000000')",
    }
    assert "x is not a number" in text


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("image;x;y\na.png;1;2\n", "separate the columns by commas"),
        ("image,x,y,x\na.png,1,2,3\n", "two columns named 'x'"),
        ("name,x,y\na.png,1,2\n", "columns name, x, y; expected a header with image"),
        ("", "columns none"),
        ('image,x,y\n"a.png,1,2\n', "not readable as CSV"),
    ],
)
def test_a_table_without_its_columns_is_refused(tmp_path, write, rows, said):
    places, text = problems(write.folder(tmp_path, rows, sizes=SIZES))
    assert {code for code, *_ in places} == {"E704"}
    assert said in text


def test_a_table_in_another_encoding_is_refused(tmp_path, write):
    write.folder(tmp_path, "", sizes=SIZES)
    (tmp_path / "fixations.csv").write_bytes("image,x,y\nä.png,1,2\n".encode("latin-1"))
    assert "Fix: save it as CSV, UTF-8" in problems(tmp_path)[1]


@pytest.mark.parametrize("name", ["A.PNG", "a.jpg", "a", "stimuli/a.png", "in\\b.jpg", "b.jpg"])
def test_names_that_resemble_a_stimulus_are_refused_with_what_was_meant(tmp_path, write, name):
    rows = f"image,x,y\n{name},1,2\nin/b.jpg,1,2\n"
    (place,), text = problems(write.folder(tmp_path, rows, sizes=SIZES))
    meant = "in/b.jpg" if "b" in name else "a.png"
    assert place == ("E704", f"{name!r} for {meant!r}")
    assert "expected the path below stimuli/ with its extension" in text


def test_images_that_resemble_no_stimulus_are_left_out_and_noted(tmp_path, write):
    rows = "image,x,y\nother.png,1,2\na.png,1,2\n"
    truths = read(write.folder(tmp_path, rows, sizes=SIZES))
    assert "images without a stimulus, left out: 1 (other.png)" in truths.notes
    assert "stimuli without fixations: 1 (in/b)" in truths.notes
    write.folder(tmp_path, "image,x,y\nother.png,1,2\n", sizes=SIZES)
    assert "none of the 1 images is in stimuli/" in problems(tmp_path)[1]


def test_settings_turn_values_into_pixels(tmp_path, write):
    settings = "index_base = 1\noffset = [112.0, 10]\nscale = 2.0\npixels_per_degree = 32\n"
    rows = "image,x,y\na.png,113,11\na.png,123,31\na.png,112,11\n"
    truths = read(write.folder(tmp_path, rows, sizes=SIZES, settings=settings))
    fixations = truths["a"].fixations
    assert (fixations.x.tolist(), fixations.y.tolist()) == ([0, 5], [0, 10])
    assert truths.dropped == {"negative": 1}
    assert truths.pixels_per_degree == 32
    assert "index base 1; offset 112, 10; scale 2" in truths.notes


def test_settings_keep_observers_and_drop_the_first_fixation_by_order(tmp_path, write):
    rows = HEADER + (
        "a.png,1,1,ann,1,0.1\n"
        "a.png,2,2,ann,0,0.1\n"
        "a.png,3,3,bob,0,0.1\n"
        "a.png,4,4,cy,5,0.1\n"
        "a.png,5,5,cy,6,0.1\n"
    )
    settings = 'subjects = ["ann", "cy"]\ndrop_first = true\ndialect = "mit"\n'
    truths = read(write.folder(tmp_path, rows, sizes=SIZES, settings=settings))
    assert truths["a"].fixations.x.tolist() == [1, 5]
    assert truths.dropped == {"other observer": 1, "first fixation": 2}
    assert truths.dialect == "mit"


def test_without_order_the_first_row_of_an_observer_is_the_first_fixation(tmp_path, write):
    rows = "image,x,y,subject\na.png,1,1,b\na.png,2,2,a\na.png,3,3,b\nin/b.jpg,4,4,b\n"
    truths = read(write.folder(tmp_path, rows, sizes=SIZES, settings="drop_first = true"))
    assert truths["a"].fixations.x.tolist() == [3]
    assert len(truths["in/b"].fixations) == 0


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("ppd = 3", "an unknown key 'ppd'; expected only pixels_per_degree, index_base"),
        ("index_base = 2", "index_base = 2; expected 0 or 1"),
        ("index_base = true", "expected 0 or 1"),
        ("scale = 0", "scale = 0; expected a number above 0"),
        ("scale = nan", "expected a number above 0"),
        ("offset = [1]", "expected two numbers"),
        ('drop_first = "yes"', "expected true or false"),
        ('dialect = "nss"', "expected the name of a dialect"),
        ("scale", "not a readable TOML file"),
        ("drop_first = true", "drop_first is set, but the table has no column 'subject'"),
    ],
)
def test_settings_that_cannot_be_met_are_refused(tmp_path, write, settings, said):
    root = write.folder(tmp_path, "image,x,y\na.png,1,2\n", sizes=SIZES, settings=settings)
    places, text = problems(root)
    assert {code for code, *_ in places} == {"E704"}
    assert said in text


def test_observers_that_the_table_does_not_have_are_refused(tmp_path, write):
    rows = "image,x,y,subject\na.png,1,2,1\n"
    root = write.folder(tmp_path, rows, sizes=SIZES, settings='subjects = [1, "ann"]')
    assert problems(root)[0] == [("E704", "ann")]


def maps(root, write, save):
    """Two pictures and a map for `a` with points at (79, 0) and (3, 59)."""
    for name, size in SIZES.items():
        write.picture(root / "stimuli" / name, size)
    (root / "fixations/in").mkdir(parents=True)
    save(root / "fixations", write.binary(SIZES["a.png"], [(79, 0), (3, 59)]))
    return root


def png(folder, values):
    Image.fromarray(values * 255).save(folder / "a.png")


SAVERS = {
    "8 bits": png,
    "1 bit": lambda folder, values: Image.fromarray(values > 0).save(folder / "a.png"),
    "npy": lambda folder, values: np.save(folder / "a.npy", values.astype(bool)),
}


@pytest.mark.parametrize("kind", SAVERS)
def test_binary_maps_take_the_place_of_a_table(tmp_path, write, kind):
    truths = read(maps(tmp_path, write, SAVERS[kind]))
    fixations = truths["a"].fixations
    assert fixations.flat_index.tolist() == [79, 59 * 80 + 3]
    assert fixations.subject is None
    assert len(truths["in/b"].fixations) == 0
    assert truths.points == "binary maps"


@pytest.mark.parametrize("sparse", [False, True])
def test_binary_maps_may_be_matlab_files_of_one_variable(tmp_path, write, sparse):
    from scipy.sparse import csc_matrix

    def save(folder, values):
        write.mat(folder / "a.mat", any_name=csc_matrix(values.astype(float)) if sparse else values)

    assert read(maps(tmp_path, write, save))["a"].fixations.flat_index.tolist() == [79, 4723]
    write.mat(tmp_path / "fixations/a.mat", one=np.ones((60, 80)), two=np.ones((60, 80)))
    assert "2 numeric variables instead of one" in problems(tmp_path)[1]


def pickled(folder, values):
    np.save(folder / "a.npy", np.array([{}], dtype=object), allow_pickle=True)


BAD_MAPS = {
    "density": (
        "E705",
        lambda folder, _: np.save(folder / "a.npy", np.arange(4800.0).reshape(60, 80)),
    ),
    "thresholded": ("E705", lambda folder, _: np.save(folder / "a.npy", np.eye(80)[:60] < 0.5)),
    "transposed": ("E703", lambda folder, values: png(folder, values.T)),
    "three axes": ("E705", lambda folder, values: np.save(folder / "a.npy", values[..., None])),
    "pickled": ("E702", pickled),
    "complex": ("E705", lambda folder, values: np.save(folder / "a.npy", values * 1j)),
    "empty npy": ("E702", lambda folder, _: (folder / "a.npy").write_bytes(b"")),
    "empty png": ("E702", lambda folder, _: (folder / "a.png").write_bytes(b"")),
    "no mat": ("E702", lambda folder, _: (folder / "a.mat").write_bytes(b"text")),
}


@pytest.mark.parametrize("kind", BAD_MAPS)
def test_what_is_no_map_of_points_is_refused(tmp_path, write, kind):
    code, save = BAD_MAPS[kind]
    places, _ = problems(maps(tmp_path, write, save))
    assert [(found, where.partition(".")[0]) for found, where in places] == [(code, "a")]


def test_a_truncated_picture_of_points_is_refused(tmp_path, write):
    def save(folder, values):
        png(folder, np.random.default_rng(0).integers(0, 2, values.shape).astype(np.uint8))
        path = folder / "a.png"
        path.write_bytes(path.read_bytes()[:200])

    assert problems(maps(tmp_path, write, save))[0] == [("E702", "a.png")]


def test_two_maps_of_one_name_and_settings_for_a_table_are_refused(tmp_path, write):
    root = maps(tmp_path, write, png)
    np.save(root / "fixations/a.npy", np.zeros((60, 80)))
    (root / "dataset.toml").write_text("index_base = 1\npixels_per_degree = 30.0\n")
    assert problems(root)[0] == [("E704", "dataset.toml"), ("E104", "fixations/a")]


def test_fixations_in_two_forms_are_refused(tmp_path, write):
    root = write.folder(tmp_path, "image,x,y\na.png,1,2\n", sizes=SIZES)
    (root / "fixations").mkdir()
    assert problems(root)[0] == [("E701", "fixations.csv", "fixations")]


def test_densities_are_shipped_all_or_none_in_the_pictures_size(tmp_path, write):
    root = write.folder(tmp_path, "image,x,y\na.png,1,2\n", sizes=SIZES)
    assert read(root).density_source == "computed"
    write.picture(root / "densities/a.png", SIZES["a.png"])
    assert problems(root)[0] == [("E702", "in/b")]
    (root / "densities/in").mkdir()
    np.save(root / "densities/in/b.npy", np.ones((50, 40)))
    assert problems(root)[0] == [("E703", "b.npy")]
    np.save(root / "densities/in/b.npy", np.ones((40, 50)))
    truths = read(root)
    assert truths.density_source == "shipped"
    assert truths["in/b"].density_file == root / "densities/in/b.npy"
    (root / "densities/in/b.npy").write_bytes(b"")
    assert problems(root)[0] == [("E301", "b.npy")]


def test_densities_alone_are_no_ground_truth(tmp_path, write):
    write.picture(tmp_path / "stimuli/a.png", (60, 80))
    write.picture(tmp_path / "densities/a.png", (60, 80))
    _, text = problems(tmp_path)
    assert "looked for fixations.csv or fixations.json or fixations; found in" in text
    assert "density maps alone do not tell the fixations" in text


def test_a_turned_photograph_keeps_its_stored_size(tmp_path, write):
    write.folder(tmp_path, "image,x,y\na.jpg,79,59\n", sizes={})
    write.picture(tmp_path / "stimuli/a.jpg", (60, 80), orientation=6)
    assert read(tmp_path)["a"].size == (60, 80)


def test_two_pictures_of_one_name_are_refused(tmp_path, write):
    root = write.folder(tmp_path, "image,x,y\na.png,1,2\n", sizes=SIZES | {"a.jpg": (60, 80)})
    assert ("E104", "a.jpg and a.png") in problems(root)[0]


ODD_SETTINGS = {
    "more than a float holds": "scale = 1" + "0" * 400,
    "more digits than Python reads": "scale = 1" + "0" * 5000,
    "more digits than Python writes": "scale = 0x" + "f" * 6000,
    "a deep nest": "offset = " + "[" * 5000,
    "a deep nest of tables": "offset = " + "{a=" * 5000,
    "nan": "scale = nan",
    "infinite": "offset = [inf, 0.0]",
    "minus infinite": "pixels_per_degree = -inf",
    "overflowing": "offset = [1e400, 0.0]",
    "a date": "index_base = 1979-05-27",
    "lists as observers": "subjects = [[1]]",
    "a huge observer": "subjects = [1" + "0" * 4000 + "]",
    "not text": "\udcff",
}


@pytest.mark.parametrize("kind", ODD_SETTINGS)
def test_odd_values_in_the_settings_are_one_defect(tmp_path, write, kind):
    write.folder(tmp_path, "image,x,y\na.png,1,2\n", sizes=SIZES)
    text = ODD_SETTINGS[kind].encode("utf-8", "surrogateescape")
    (tmp_path / "dataset.toml").write_bytes(text)
    (place,), message = problems(tmp_path)
    assert place == ("E704", "dataset.toml")
    assert len(message) < 400


def test_a_number_beyond_all_floats_in_a_table_is_a_defect_of_its_line(tmp_path, write):
    write.folder(tmp_path, "", sizes=SIZES)
    (tmp_path / "fixations.csv").unlink()
    table = '[{"image": "a.png", "x": 1' + "0" * 400 + ', "y": 2}]'
    (tmp_path / "fixations.json").write_text(table)
    (place,), message = problems(tmp_path)
    assert place[0] == "E704"
    assert len(message) < 400


def test_pictures_that_exif_turns_are_noted(tmp_path, write):
    root = write.folder(
        tmp_path,
        "image,x,y\na.jpg,79,59\nb.jpg,1,2\n",
        sizes={"a.jpg": (60, 80), "b.jpg": (60, 80)},
    )
    assert not [note for note in read(root).notes if "EXIF" in note]
    for orientation in (3, 6):  # of the one sizes differ, of the other they do not
        write.picture(root / "stimuli/a.jpg", (60, 80), orientation=orientation)
        truths = read(root)
        assert [
            note for note in truths.notes if note.startswith("pictures that EXIF turns: 1 (a);")
        ]
        assert truths["a"].size == (60, 80)
