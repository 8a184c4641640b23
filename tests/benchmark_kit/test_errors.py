"""Errors: exit statuses, and messages that name codes, places and fixes."""

import inspect

import pytest

from benchmark_kit import errors
from benchmark_kit.errors import InputError, MissingExtra, Problem, name_some

STATUSES = {
    "KitError": 3,
    "ConfigError": 2,
    "MissingExtra": 2,
    "InputError": 3,
    "JournalMismatch": 3,
    "ResultsError": 3,
    "RunFailed": 1,
}


def test_every_error_has_its_exit_status():
    kinds = {
        name: kind
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, Exception)
    }
    assert {name: kind.exit_status for name, kind in kinds.items()} == STATUSES
    assert all(issubclass(kind, errors.KitError) for kind in kinds.values())


@pytest.mark.parametrize("name", [name for name in STATUSES if name != "KitError"])
def test_the_tree_in_the_docstring_shows_each_status(name):
    (line,) = (line for line in errors.__doc__.splitlines() if f"── {name} " in line)
    assert f"(exit {STATUSES[name]})" in line


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("E304", ("a",), "NaN"), "E304 NaN: a"),
        (Problem("E304", (), "NaN"), "E304 NaN"),
        (Problem("E304", (), "NaN", "numbers"), "E304 NaN; expected numbers"),
        (
            Problem("E304", ("a", "b"), "NaN", "numbers", "mask"),
            "E304 NaN; expected numbers: a, b\n     Fix: mask",
        ),
    ],
)
def test_a_problem_in_words(problem, text):
    assert str(problem) == text


def test_severity_is_the_first_letter():
    assert Problem("E304", (), "").severity == "error"
    assert Problem("W304", (), "").severity == "warning"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, ""),
        (1, "0"),
        (5, "0, 1, 2, 3, 4"),
        (6, "0, 1, 2, 3, 4 and 1 more"),
        (105, "0, 1, 2, 3, 4 and 100 more"),
    ],
)
def test_five_names_and_how_many_more(count, text):
    assert name_some([str(k) for k in range(count)]) == text


def test_all_problems_of_an_input_stand_in_its_message():
    error = InputError("bad", [Problem("E1", ("a",), "one", fix="do"), Problem("E2", (), "two")])
    assert str(error) == "bad\n  E1 one: a\n     Fix: do\n  E2 two"
    assert [problem.code for problem in error.problems] == ["E1", "E2"]
    assert str(InputError("bad")) == "bad"


def test_a_missing_library_is_told_with_the_line_that_installs_it():
    error = MissingExtra("emd", "metric emd")
    assert error.line == 'pip install "keras-saliency[emd]"'
    assert str(error).startswith("metric emd needs")
    assert str(error).endswith(f"Fix: {error.line}")
