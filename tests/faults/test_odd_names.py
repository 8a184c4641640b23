"""File names that are not UTF-8, from the maps to every file that is written."""

import csv
import json
import os

import benchmark_kit
from benchmark_kit.calls.write_densities import write_densities
from benchmark_kit.reporting.page import report
from benchmark_kit.results.comparison import compare
from benchmark_kit.results.record import load_results

LATIN = os.fsdecode(b"caf\xe9")


def rename(folder_set, name, new):
    """An image and its map by another name; its fixations stay in the table, for nobody."""
    for folder in (folder_set.root / "stimuli", folder_set.maps):
        (folder / f"{name}.png").rename(folder / f"{new}.png")
    table = folder_set.root / "fixations.csv"
    lines = table.read_text().splitlines()
    table.write_text("\n".join(line for line in lines if not line.startswith(f"{name}.png")))


def test_such_a_name_goes_through_everything(folder_set, tmp_path):
    rename(folder_set, folder_set.names[0], LATIN)
    truths = folder_set.truths()
    out = tmp_path / f"{LATIN}.json"
    options = {"metrics": "nss,kl,auc_borji@mit", "yardsticks": True, "reproducible": True}
    texts = set()
    for workers in (1, 2):
        found = benchmark_kit.evaluate(
            folder_set.maps,
            truths,
            workers=workers,
            out=out,
            csv=tmp_path / "r.csv",
            force=True,
            **options,
        )
        texts.add(found.to_json())
    assert texts == {out.read_text(encoding="utf-8")}
    assert load_results(out).images == found.images
    assert LATIN in [row["name"] for row in found.images]
    assert json.loads(out.read_bytes())["images"] == found.images
    with open(tmp_path / "r.csv", newline="", encoding="utf-8") as file:
        assert "caf\\xe9" in [row["image"] for row in csv.DictReader(file)]
    for form in ("html", "markdown", "latex"):
        report(out, out=tmp_path / form, form=form)
        (tmp_path / form).read_text(encoding="utf-8")
    assert "caf\\xe9" in (tmp_path / "html").read_text(encoding="utf-8")
    str(found).encode()
    str(compare(out, found)).encode()
    assert "5 densities" in write_densities(truths, tmp_path / LATIN)


def test_a_message_names_it(folder_set, salbench):
    rename(folder_set, folder_set.names[0], LATIN)
    (folder_set.maps / f"{LATIN}.png").write_bytes(b"no picture")
    done = salbench("evaluate", folder_set.maps, "--dataset", "folder", "--root", folder_set.root)
    assert done.returncode == 3
    assert "caf\\xe9" in done.stderr
    assert "Traceback" not in done.stderr
