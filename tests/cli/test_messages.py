"""What the command says, word for word, and its tables in every form."""

import csv
import json
import re

import numpy as np
import pytest

from benchmark_kit.cli import _status
from benchmark_kit.datasets import list_datasets
from benchmark_kit.imaging.images import read_map, write_png
from benchmark_kit.results.tables import Table

PLAIN_AUC = re.compile(r"\bAUC\b(?!-Judd|-Borji| \(exact\)| \(sampled\))")
ALL_DIALECTS = "tuebingen,mit,salicon2015,salicon2017"
LONG = "x" * 300
METRICS = "auc,auc_judd,sauc@tuebingen,auc_borji,kl"


@pytest.fixture
def said(folder_set, salbench, tmp_path):
    """Standard error of a refused `salbench evaluate maps` in the folder of the generated set."""

    def run(*options, dataset="folder", root="data"):
        arguments = ("maps", "--dataset", dataset, "--root", root, "--no-cache")
        done = salbench("evaluate", *arguments, *options, cwd=tmp_path)
        assert done.returncode in (2, 3)
        assert done.stdout == ""
        return done.stderr

    return run


def change(folder_set, names, how):
    for name in names:
        path = folder_set.maps / f"{name}.png"
        write_png(path, np.ascontiguousarray(how(read_map(path))))


def test_missing_maps(folder_set, said):
    for name in ("indoor/002", "outdoor/005"):
        (folder_set.maps / f"{name}.png").unlink()
    assert said() == (
        "salbench: maps in maps cannot be scored\n"
        "  E102 2 images have no map: indoor/002, outdoor/005\n"
        "     Fix: predict these images, or score the others by --partial\n"
    )


def test_many_missing_maps_are_counted_and_five_are_named(folder_set, said):
    for name in folder_set.names[1:]:
        (folder_set.maps / f"{name}.png").unlink()
    assert "  E102 5 images have no map: " in said()
    (folder_set.maps / "indoor" / "x.png").write_bytes(b"")
    (folder_set.maps / "indoor" / "000.png").unlink()
    assert (
        "  E102 6 images have no map: indoor/000, indoor/002, indoor/004, outdoor/001, outdoor/003 "
        "and 1 more\n"
    ) in said()


def test_transposed_maps(folder_set, said):
    change(folder_set, ["indoor/000", "outdoor/001"], np.transpose)
    assert said() == (
        "salbench: maps in maps cannot be scored\n"
        "  E201 2 maps are transposed: width and height are swapped: indoor/000, outdoor/001\n"
        "     Fix: --transpose, or save maps as rows x columns\n"
    )


def test_maps_of_another_size(folder_set, said):
    change(folder_set, ["indoor/000", "outdoor/001"], lambda pixels: pixels[::2, ::2])
    assert said() == (
        "salbench: maps in maps cannot be scored\n"
        "  E202 2 maps have 0.5 x 0.5 times the size of their images: "
        "indoor/000 30x28 (image 60x56), outdoor/001 32x24 (image 64x48)\n"
        "     Fix: --resize KERNEL (bilinear is what the MIT/Tuebingen board does), or predict at "
        "full size\n"
    )


def test_everything_wrong_stands_in_one_message_in_order_of_codes(folder_set, said):
    (folder_set.maps / "indoor" / "000.png").unlink()
    change(folder_set, ["indoor/002"], np.transpose)
    change(folder_set, ["indoor/004"], lambda pixels: pixels[::2])
    lines = said().splitlines()
    assert [line.split()[0] for line in lines[1:] if "Fix:" not in line] == ["E102", "E201", "E202"]
    assert all(line.startswith("     Fix: ") for line in lines[2::2])


def test_a_word_of_each_map_that_cannot_be_read(folder_set, said):
    for name in ("indoor/000", "indoor/004"):
        truth = folder_set.truths()[name]
        (folder_set.maps / f"{name}.png").unlink()
        np.save(folder_set.maps / f"{name}.npy", np.full(truth.size, np.nan))
    assert said("-q") == (
        "salbench: 2 of 6 maps cannot be scored; nothing was written\n"
        "  E304 values that are NaN or Inf: indoor/000, indoor/004\n"
        "     Fix: mask before saving\n"
    )


def test_unknown_data_set(said):
    assert said(dataset="osi") == (
        "salbench: unknown data set 'osi'; nearest: osie, salicon. Known: "
        f"{', '.join(list_datasets())}; any other is read as 'folder'. These are data sets of "
        "where people look: saliency prediction "
        "is not salient-object detection, whose masks cannot be scored here.\n"
    )


def test_salicon_without_an_edition(said):
    assert said(dataset="salicon") == (
        "salbench: data set salicon needs the option 'edition', which has no default: 2015 for "
        "mouse samples as the first challenge scored them, 2017 for the re-detected fixations and "
        "maps of the LSUN'17 challenge. Fix: for instance edition='2017' (--edition 2017)\n"
    )


def test_a_root_that_is_part_of_the_data_set_shows_the_layout_and_the_folder_meant(said, tmp_path):
    message = said(root="data/stimuli")
    assert message.startswith(
        "salbench: A folder of your own: data/stimuli is not laid out as documented."
    )
    assert "stimuli/[<category>/]<image>.jpg\n" in message
    assert "E701" in message
    last = message.splitlines()[-1]
    assert "Fix: " in last
    assert str(tmp_path / "data") in last


def test_degrees_without_pixels_per_degree(said):
    assert said("--sigma", "1deg") == (
        "salbench: '1deg': this data set states no pixels per degree. "
        "Fix: give the width in pixels, for instance 35px\n"
    )


def plain(cell):
    """A cell without its LaTeX or Markdown dress."""
    cell = cell.strip().replace(r"$\uparrow$", "↑").replace(r"$\downarrow$", "↓")
    return re.sub(r"\\([&%_#$|])", r"\1", cell)


def parsed(text, form):
    """Columns and rows of a printed table."""
    lines = text.splitlines()
    if form == "csv":
        columns, *rows = csv.reader(lines)
    elif form == "text":
        table = Table.parse(text)
        columns, rows = table.columns, table.rows
    elif form == "markdown":
        table = [line[2:-2].split(" | ") for line in lines if line.startswith("| ")]
        columns, _, *rows = table
    else:
        columns, *rows = [line[:-3].split(" & ") for line in lines if line.endswith(r" \\")]
    return [plain(cell) for cell in columns], [[plain(cell) for cell in row] for row in rows]


def test_every_form_holds_the_same_numbers_and_never_a_plain_auc(folder_set, salbench, tmp_path):
    out = tmp_path / "r.json"
    run = ["evaluate", folder_set.maps, "--dataset", "folder", "--root", folder_set.root, "-q"]
    run += ["--dialect", ALL_DIALECTS, "--metrics", METRICS, "--no-cache"]
    texts = {
        form: salbench(*run, "--format", form, *more).stdout
        for form, more in (
            ("json", ("--out", out, "--reproducible", "--yardsticks")),
            *((form, ("--yardsticks",)) for form in ("text", "csv", "markdown", "latex")),
        )
    }
    data = json.loads(texts["json"])
    assert data == json.loads(out.read_text())
    expected = {}
    for key, entry in data["metrics"].items():
        numbers = [entry["value"], entry["low"], entry["high"]]
        marks = [data["yardsticks"][kind][key]["value"] for kind in data["yardsticks"]]
        expected[key] = {f"{value:.4f}" for value in (*numbers, *marks)}
    for form in ("text", "csv", "markdown", "latex"):
        columns, rows = parsed(texts[form], form)
        assert columns[:5] == ["key", "metric", "dialect", "better", "value"]
        assert sorted(row[0] for row in rows) == sorted(expected)
        for row in rows:
            entry = data["metrics"][row[0]]
            cells = dict(zip(columns, row, strict=True))
            assert cells["metric"] == entry["label"]
            assert cells["dialect"] == entry["dialect"]
            assert cells["better"] == {"higher": "↑", "lower": "↓"}[entry["better"]]
            assert cells["value"] == f"{entry['value']:.4f}"
            assert cells["95 % low"] == f"{entry['low']:.4f}"
            assert cells["high"] == f"{entry['high']:.4f}"
            assert cells["n"] == str(entry["n"])
            assert {cell for cell in row if re.fullmatch(r"-?\d+\.\d{4}", cell)} == expected[row[0]]
        assert not PLAIN_AUC.search(texts[form])
    labels = {entry["label"] for entry in data["metrics"].values()}
    assert labels == {"AUC (exact)", "AUC (sampled)", "AUC-Judd", "AUC-Borji", "sAUC", "KL"}


def test_the_head_names_what_the_numbers_belong_to(folder_set, salbench):
    run = ["evaluate", folder_set.maps, "--dataset", "folder", "--root", folder_set.root, "-q"]
    run += ["--dialect", "mit", "--metrics", "kl,ig,sauc", "--seed", "4", "--no-cache"]
    data = json.loads(salbench(*run, "--format", "json").stdout)
    facts = dict(Table.parse(salbench(*run).stdout).facts)
    assert facts["data set"] == "folder, fixations, 6 of 6 images"
    assert facts["truth"] == data["dataset"]["fingerprint"][:23]
    assert facts["maps"] == f"folder maps, uint8 png, {data['maps']['fingerprint'][:23]}"
    assert facts["density mit"] == (
        "counts, Gaussian sigma 24/1024 of the longer side, border reflect, truncate 4"
    )
    assert facts["IG baseline"] == data["ig_baseline"]
    assert facts["negatives sauc"] == "6 images of the data set"
    assert facts["version"].endswith("numbers 1, seed 4")


def test_warnings_stand_below_the_table(folder_set, salbench):
    same = folder_set.maps / "indoor" / "000.png"
    change(folder_set, ["outdoor/003"], lambda _: read_map(same))
    run = ["evaluate", folder_set.maps, "--dataset", "folder", "--root", folder_set.root, "-q"]
    notes = Table.parse(salbench(*run, "--metrics", "nss", "--no-cache").stdout).notes
    # images 0 and 3 of the generated set have one size
    assert notes == (
        "W201 maps are identical to another image's map (2: indoor/000, outdoor/003) "
        "Fix: check the loop that wrote them",
    )


@pytest.mark.parametrize(
    "words",
    [
        ("evaluate", LONG, "--dataset", "folder", "--root", "."),
        ("evaluate", ".", "--dataset", "folder", "--root", LONG),
        ("report", LONG, "--out", "r.html"),
        ("compare", LONG, LONG),
        ("overlay", LONG, LONG, "--out", "o.png"),
        ("densities", "--dataset", "folder", "--root", ".", "--out", LONG),
        ("package", ".", "--leaderboard", "mit300", "--stimuli", ".", "--out", f"{LONG}.zip"),
        ("predict", LONG, "--model", "spectral_residual", "--out", "o"),
        ("predict", ".", "--model", f"{LONG}.npz", "--out", "o"),
    ],
    ids=lambda words: f"{words[0]} {[len(w) > 200 for w in words].index(True)}",
)
def test_names_that_no_file_can_have(folder_set, monkeypatch, capsys, words):
    monkeypatch.chdir(folder_set.root)
    assert _status(list(words)) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert LONG in told[0]
    assert "Fix: " in told[0]


def test_a_folder_for_a_table_is_a_wrong_path(folder_set, monkeypatch, capsys):
    monkeypatch.chdir(folder_set.root)
    name = folder_set.names[0]
    picture, saliency = f"stimuli/{name}.png", str(folder_set.maps / f"{name}.png")
    assert _status(["overlay", picture, saliency, "--fixations", ".", "--out", "o.png"]) == 2
    assert capsys.readouterr().err == "salbench: .: Is a directory. Fix: check the path\n"
