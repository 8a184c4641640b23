"""A comparison as text, CSV, Markdown, LaTeX and JSON."""

import json

from benchmark_kit.results.comparison import compare
from benchmark_kit.results.comparison_tables import chance, letters, number, render_comparison
from benchmark_kit.results.tables import Table


def test_text_parses_back_and_all_forms_hold_the_numbers(made, noisy):
    found = compare(made(noisy(0)), made(noisy(1, shift=0.3)), labels=["old", "new"])
    table = Table.parse(str(found))
    assert [row[0] for row in table.rows] == ["nss", "kl"]
    shown = f"{found.pair('nss')['difference']:.4f}"
    for form in ("text", "csv", "markdown", "latex"):
        assert shown in render_comparison(found.data, form)
    assert json.loads(render_comparison(found.data, "json")) == found.data


def test_three_models_have_a_ranking_above_the_pairs(made, noisy):
    parts = [made(noisy(seed, shift=shift)) for seed, shift in ((0, 0), (1, 0), (2, 0.9))]
    found = compare(*parts, labels=["x", "y", "best"], permutations=2000)
    ranking, pairs = str(found).split("\n\n\n")
    rows = {row[0]: row[1:] for row in Table.parse(ranking).rows}
    nss = found.metrics["nss"]
    assert rows["best"][0] == f"{nss['values'][2]:.4f} a"
    assert rows["x"][0].endswith(letters(nss, 0))
    assert letters(nss, 0) == letters(nss, 1) == "b"
    assert [row[4:6] for row in Table.parse(pairs).rows] == [
        ("x", "y"),
        ("x", "best"),
        ("y", "best"),
    ] * 2


def test_numbers_have_no_minus_zero_and_small_p_is_a_bound():
    assert [number(-0.00001), number(None), number(1.23456, 2)] == ["0.0000", "", "1.23"]
    assert [chance(0.00004), chance(0.0001), chance(None)] == ["< 0.0001", "0.0001", ""]


def test_two_results_are_told_as_a_and_b_and_more_by_name(made, noisy):
    parts = [made(noisy(seed)) for seed in range(3)]
    two = compare(*parts[:2], labels=["x", "y"])
    assert "model A" in str(two)
    assert "model B" in str(two)
    assert "model A" not in str(compare(*parts, labels=["x", "y", "z"]))
