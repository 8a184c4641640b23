"""The table for a paper: the best bold, intervals beside, nothing else changed."""

import pytest

from benchmark_kit.results.paper_table import best_places, paper_table


def entry(value, better="higher"):
    return {"value": value, "better": better}


def test_the_best_follows_the_direction_and_ties_share_it():
    assert best_places([entry(1.0), entry(2.0), entry(2.0)]) == {1, 2}
    assert best_places([entry(1.0, "lower"), entry(2.0, "lower")]) == {0}
    assert best_places([entry(None), entry(2.0)]) == {1}
    assert best_places([entry(2.0)]) == set()
    assert best_places([entry(None), entry(None)]) == set()


@pytest.mark.parametrize(("form", "bold"), [("markdown", "**{}**"), ("latex", r"\textbf{{{}}}")])
def test_cells(made, form, bold):
    parts = [
        made({"nss": [1.0, 2.0], "kl": [0.5, 0.7]}),
        made({"nss": [1.0, 1.0], "kl": [0.1, 0.2]}),
    ]
    for part in parts:
        part.data["made"]["software"] = {"keras-saliency": "1"}
        part.data["maps"].update(stored_as="uint8 png", resized=None)
        part.data["dataset"].update(scored=2, notes=[])
    parts[0].metrics["nss"].update(low=1.0, high=2.0)
    text = paper_table([part.data for part in parts], ["first", "second"], form)
    lines = [line for line in text.splitlines() if "first" in line or "second" in line]
    assert f"{bold.format('1.500')} [1.000, 2.000]" in lines[0]
    assert "0.600" in lines[0]
    assert bold.format("0.600") not in lines[0]
    assert bold.format("0.150") in lines[1]
    assert text.count(bold.split("{")[0]) == (4 if form == "markdown" else 2)
    assert "columns: nss@tuebingen, kl@tuebingen" in text
