"""The tables for a paper: bold only where the difference is real, and LaTeX that compiles."""

import re
import shutil
import subprocess

import pytest

from benchmark_kit.errors import ConfigError
from benchmark_kit.results.comparison import compare
from benchmark_kit.results.paper_table import best_apart, category_tables, paper_table

BOLD = {"markdown": "**{}**", "latex": r"\textbf{{{}}}"}
HOSTILE = [
    r"a_b 50% \input{x} #1 & $x^2$ {~}",
    "[2] first--last",
    "*star Größe <b>|</b>",
    "-0.5",
]


def complete(results):
    """With all that tables of an evaluation show."""
    results.data["made"]["software"] = {"keras-saliency": "1"}
    results.data["dataset"].update(scored=results.data["dataset"]["images"], notes=[])
    return results


@pytest.fixture
def three(made, noisy):
    """A best model that is really better in NSS, and two that are alike."""
    values = [noisy(1), noisy(2, shift=0.0), noisy(3, shift=0.8)]
    for each in values[1:]:
        each["kl"] = values[0]["kl"]
    found = [complete(made(each)) for each in values]
    found[2].metrics["nss"].update(low=1.0, high=2.0)
    return found


def table_of(results, labels, form, **options):
    tests = compare(*results, labels=labels, **options).data if len(results) > 1 else None
    keys = list(tests["metrics"]) if tests else None
    return paper_table([r.data for r in results], labels, form, keys=keys, tests=tests)


@pytest.mark.parametrize("form", BOLD)
def test_bold_is_what_the_comparison_tells_apart(three, form):
    text = table_of(three, ["a", "b", "c"], form)
    best = three[2].metrics["nss"]["value"]
    assert f"{BOLD[form].format(f'{best:.3f}')} [1.000, 2.000]" in text
    assert text.count(BOLD[form].split("{")[0]) == (2 if form == "markdown" else 1)
    assert "p <= 0.05 after Holm's correction" in text.replace("&lt;", "<")
    # the other two are alike: without the best nothing is bold
    assert BOLD[form].split("{")[0] not in table_of(three[:2], ["a", "b"], form)


@pytest.mark.parametrize("form", BOLD)
def test_few_images_prove_nothing_and_one_model_is_not_the_best(made, form):
    few = [complete(made({"nss": [1.0, 2.0]})), complete(made({"nss": [2.0, 3.0]}))]
    assert BOLD[form].split("{")[0] not in table_of(few, ["a", "b"], form)
    one = table_of(few[:1], ["a"], form)
    assert BOLD[form].split("{")[0] not in one
    assert "nothing: one model" in one


def test_best_apart_looks_at_the_next_best():
    pairs = [
        {"a": 0, "b": 1, "better": "x"},
        {"a": 0, "b": 2, "better": None},
        {"a": 1, "b": 2, "better": "z"},
    ]
    assert best_apart({"ranking": [0, 2, 1], "pairs": pairs}) is None
    assert best_apart({"ranking": [2, 1, 0], "pairs": pairs}) == 2
    assert best_apart({"ranking": [], "pairs": pairs}) is None


def test_columns_that_were_asked_for(three):
    text = table_of(three, ["a", "b", "c"], "markdown", metrics="kl")
    assert "KL ↓" in text
    assert "NSS" not in text
    assert "columns: kl@tuebingen" in text


def test_means_are_of_the_images_that_all_have(made):
    names = [f"{k}" for k in range(6)]
    whole = complete(made({"nss": [1.0, 1.0, 1.0, 1.0, 9.0, 9.0]}, names))
    part = complete(made({"nss": [2.0, 2.0, 2.0, 2.0]}, names[:4]))
    whole.metrics["nss"].update(low=1.0, high=9.0)
    text = table_of([whole, part], ["whole", "part"], "markdown")
    row = next(line for line in text.splitlines() if line.startswith("| whole"))
    assert "1.000 |" in row  # not 3.667, and no interval that is of other images
    assert "over the 4 images that all models have" in text
    assert "left out, not in all results: 2 of whole" in text


def test_every_model_says_which_maps_were_scored(three):
    three[1].data["maps"]["source"] = "folder theirs"
    text = table_of(three, ["a", "b", "c"], "latex")
    assert "% maps of b: folder theirs, PNG, sha256:" in text


@pytest.fixture
def grouped(made):
    """Two models on images of two categories; the second lacks the last image."""
    categories = ["in", "out", "in", "out", "out"]
    first = made({"nss": [1.0, 2.0, 3.0, 4.0, 9.0]}, categories=categories)
    second = made({"nss": [5.0, 6.0, 7.0, 8.0]}, categories=categories[:4])
    return [complete(first), complete(second)]


def test_categories_of_one_model_and_of_several(grouped):
    data = [found.data for found in grouped]
    (one,) = category_tables(data[:1], ["a"], "markdown", ["nss"])
    assert "| in | 2 | 2.000 |" in one
    assert "| out | 3 | 5.000 |" in one
    (several,) = category_tables(data, ["a", "b"], "latex", ["nss"])
    assert r"NSS $\uparrow$ by category & images & a & b \\" in several
    assert r"in & 2 & 2.000 & 6.000 \\" in several
    assert r"out & 2 & 3.000 & 7.000 \\" in several  # of the images that both have
    assert "% data set: made val, fixations, 5 of 5 images" in several
    assert "not tested" in several


def test_a_data_set_without_categories(made):
    with pytest.raises(ConfigError, match=r"made has no categories.*--by-category"):
        category_tables([complete(made({"nss": [1.0]})).data], ["a"], "latex", ["nss"])


def tabulars(text):
    """Rows of cells of each tabular; asserts that commands, braces and cells are in order."""
    found = []
    for columns, body in re.findall(
        r"\\begin\{tabular\}\{(l?r*)\}\n(.*?)\\end\{tabular\}", text, flags=re.S
    ):
        lines = body.splitlines()
        assert lines[0] == r"\toprule"
        assert lines[2] == r"\midrule"
        assert lines[-1] == r"\bottomrule"
        rows = []
        for line in [lines[1], *lines[3:-1]]:
            assert line.endswith(r" \\")
            plain = re.sub(r"\\[&%_#${}]", "", line.removesuffix(r" \\"))
            known = r"\\(textbf|textbackslash|textasciitilde|textasciicircum|textless|textgreater"
            known += r"|textbar|uparrow|downarrow)"
            assert not re.search(r"[\\#%^~_]", re.sub(known, "", plain)), line
            assert plain.count("{") == plain.count("}")
            cells = re.split(r" & ", plain)
            assert len(cells) == len(columns)
            rows.append(cells)
        found.append(rows)
    return found


def whole_document(three):
    labels = HOSTILE[:3]
    tests = compare(*three, labels=labels).data
    return labels, paper_table([r.data for r in three], labels, "latex", tests=tests)


def test_latex_of_hostile_names_is_in_order(three):
    labels, text = whole_document(three)
    assert r"% needs: \usepackage{booktabs}" in text
    ((head, *rows),) = tabulars(text)
    assert len(rows) == len(labels)
    assert len(head) == 3
    outside = re.sub(r"\\begin\{tabular\}.*?\\end\{tabular\}", "", text, flags=re.S)
    assert all(line.startswith("%") for line in outside.splitlines() if line)


def test_letters_that_pdflatex_lacks_are_told(three):
    text = table_of(three, ["鸟", "b", "c"], "latex")
    assert "compile by LuaLaTeX or XeLaTeX" in text
    assert "LuaLaTeX" not in table_of(three, ["Größe", "b", "c"], "latex")


def test_latex_compiles(three, grouped, tmp_path):
    if shutil.which("pdflatex") is None:
        pytest.skip("needs pdflatex")
    _, text = whole_document(three)
    text += "\n\n" + category_tables([f.data for f in grouped], HOSTILE[2:], "latex", ["nss"])[0]
    document = r"\documentclass{article}\usepackage{booktabs}\begin{document}"
    (tmp_path / "t.tex").write_text(f"{document}\n{text}\n\\end{{document}}\n", encoding="utf-8")
    command = ["pdflatex", "-no-shell-escape", "-halt-on-error", "t.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout[-1500:]
