import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark_kit.errors import ResultsError
from benchmark_kit.results.tables import Table

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
