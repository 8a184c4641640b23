"""Two viewings of one picture by one person stay apart, however the table tells them."""

import pytest

from benchmark_kit.trackers.dataset import import_tables
from benchmark_kit.trackers.viewings import viewings


def parts(images, subjects=None, trials=None, times=None):
    n = len(images)
    told = viewings(images, subjects or ["s"] * n, trials or [""] * n, times)
    names = {}
    return [names.setdefault(key, len(names)) for key in told]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"images": "aaaa", "trials": ["1", "1", "5", "5"]}, [0, 0, 1, 1]),
        ({"images": "aaaa", "times": [1, 2, 1, 2]}, [0, 0, 1, 1]),
        ({"images": "aaaa", "times": [4, 3, 2, 1]}, [0, 0, 0, 0]),
        ({"images": "aabbaa"}, [0, 0, 1, 1, 2, 2]),
        ({"images": "abababab", "times": [1, 1, 2, 2, 3, 3, 4, 4]}, [0] * 8),
        ({"images": "aaaa", "subjects": list("stst"), "times": [1, 1, 2, 2]}, [0, 0, 0, 0]),
    ],
)
def test_viewings(given, expected):
    given = {**given, "images": list(given["images"])}
    assert parts(**given) == expected


def twice(session, **columns):
    """Everything seen twice, the second time mirrored."""
    rows = []
    for viewing in (0, 1):
        for name, s, k, start, _, x, y in session.rows:
            values = {"trial": f"{name}{viewing}", "order": k, "start": start + 9000 * viewing}
            chosen = [values[column] for column in columns.values()]
            rows.append((name, s, 50.0 if viewing else x, y, *chosen))
    header = ("image", "subject", "x", "y", *columns)
    return session.write("table.csv", header, rows, separator=",")


@pytest.mark.parametrize("columns", [{"trial": "trial"}, {"order": "order"}, {"start": "start"}])
def test_a_second_viewing_is_a_scanpath_of_its_own(session, tmp_path, columns):
    table = twice(session, **columns)
    made = import_tables([table], session.stimuli, tmp_path / "out", form="columns")
    assert made.truths.subjects == ("ann", "ann (viewing 2)", "ben", "ben (viewing 2)")
    for name, places in session.expected().items():
        found = made.truths[name].fixations
        assert found.order.tolist() == [0, 1, 2, 3, 4, 5] * 4
        for first, subject in ((0, 0), (6, 2)):
            mine = found.select(found.subject == subject)
            assert list(zip(mine.x, mine.y, strict=True)) == places[first : first + 6]
            assert set(found.select(found.subject == subject + 1).x) == {50.0}
    assert "36 fixations of further viewings" in str(made)
    assert "of 2 subjects" in str(made)


def test_sessions_in_files_of_their_own_are_viewings_of_their_own(session, tmp_path):
    rows = [(n, s, k, x, y) for n, s, k, _, _, x, y in session.rows]
    header = ("image", "subject", "order", "x", "y")
    tables = [session.write(f"{k}.csv", header, rows, separator=",") for k in (1, 2)]
    made = import_tables(tables, session.stimuli, tmp_path / "out", form="columns")
    assert made.truths.subjects == ("ann", "ann (viewing 2)", "ben", "ben (viewing 2)")
