"""`salbench show`: any data set that evaluate reads, and those that it refuses for their places."""

import csv

import pytest


def test_a_folder_is_shown_by_its_path_or_as_a_data_set(salbench, folder_set, tmp_path):
    done = salbench("show", folder_set.root, "--out", tmp_path / "a.html")
    assert done.returncode == 0, done.stderr
    assert "nothing looks wrong" in done.stdout
    again = salbench(
        *("show", "--dataset", "folder", "--root", folder_set.root, "--no-cache"),
        *("--out", tmp_path / "b.html"),
    )
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    refused = salbench("show", folder_set.root, "--out", tmp_path / "a.html")
    assert refused.returncode == 2
    assert "--force" in refused.stderr


def test_what_evaluate_refuses_is_shown_with_its_reason(salbench, folder_set, tmp_path):
    table = folder_set.root / "fixations.csv"
    with open(table, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with open(table, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(
            {**row, "x": float(row["x"]) + 30, "y": float(row["y"]) + 20} for row in rows
        )
    done = salbench("show", folder_set.root, "--out", tmp_path / "a.html")
    assert done.returncode == 0, done.stderr
    assert "looks wrong: " in done.stdout
    assert "lie outside their pictures" in done.stdout
    assert 'data-doubt="refused"' in (tmp_path / "a.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "give the data set's FOLDER"),
        (("nowhere",), "does not exist"),
        (("nowhere", "--root", "x"), "either FOLDER or --root"),
        (("nowhere", "--dataset", "osi"), "unknown data set 'osi'"),
    ],
)
def test_what_cannot_be_shown_is_a_usage_error(salbench, tmp_path, arguments, said):
    done = salbench("show", *arguments, "--out", tmp_path / "a.html")
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "a.html").exists()


def test_the_page_is_named_as_one(salbench, folder_set, tmp_path):
    done = salbench("show", folder_set.root, "--out", tmp_path / "a.pdf")
    assert done.returncode == 2
    assert "a name that ends in .html" in done.stderr
