import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark_kit import evaluate
from benchmark_kit.errors import ResultsError
from benchmark_kit.results.tables import Table, _share, evaluation_table

CELL = st.text(
    st.characters(
        codec="ascii",
        exclude_characters="|-+ \t\r\n\v\f\x1c\x1d\x1e\x85",
        exclude_categories=["Cc"],
    ),
    min_size=1,
    max_size=8,
)


@given(
    st.lists(st.tuples(CELL, CELL), max_size=4),
    st.integers(2, 5).flatmap(
        lambda n: st.tuples(
            st.tuples(*[CELL] * n),
            st.lists(st.tuples(CELL, *[CELL | st.just("")] * (n - 1)), min_size=1, max_size=5),
        )
    ),
)
def test_text_parses_back(facts, body):
    columns, rows = body
    table = Table(tuple(facts), columns, tuple(rows), ("a note below",))
    assert Table.parse(table.text()) == table


def test_a_pasted_table_in_a_quote_still_has_its_rows():
    table = Table((("data set", "osie"),), ("key", "value"), (("nss", "1.2"),))
    assert Table.parse("\n" + table.text() + "\n\n").rows == table.rows


def test_no_table():
    with pytest.raises(ResultsError, match="no table"):
        Table.parse("hello")


def test_other_forms_escape_their_marks():
    table = Table((), ("a_b", "x|y"), (("50 %", "↑"),))
    assert r"a\_b" in table.latex()
    assert r"50 \%" in table.latex()
    assert r"$\uparrow$" in table.latex()
    assert r"x\|y" in table.markdown()
    assert table.csv() == "a_b,x|y\n50 %,↑"


def test_intervals_stand_beside_the_value_where_they_were_made(folder_set):
    given = {"metrics": "nss", "workers": 1}
    data = evaluate(folder_set.maps, folder_set.truths(), bootstrap=0, **given).data
    assert evaluation_table(data).columns == ("key", "metric", "dialect", "better", "value", "n")
    data = evaluate(folder_set.maps, folder_set.truths(), bootstrap=50, level=0.9, **given).data
    data["metrics"]["nss"].update(value=-0.00001, low=-0.5, high=0.25)
    table = evaluation_table(data)
    assert table.columns[5:7] == ("90 % low", "high")
    assert table.rows[0][4:7] == ("0.0000", "-0.5000", "0.2500")


@pytest.mark.parametrize(
    ("value", "chance", "top", "shown"),
    [
        (0.75, 0.5, 1.0, "50 %"),
        (None, 0.5, 1.0, ""),
        (0.75, None, 1.0, ""),
        (0.75, 0.5, None, ""),
        (0.75, 0.5, 0.5, ""),
    ],
)
def test_what_is_explained_needs_both_yardsticks(value, chance, top, shown):
    assert _share(value, chance, top) == shown
