"""A results file in which anything is missing or wrong is refused by the name of its key."""

import copy
import json
import os
from contextlib import suppress

import pytest

from benchmark_kit.errors import ConfigError, KitError, ResultsError
from benchmark_kit.reporting.page import report
from benchmark_kit.results.comparison import compare
from benchmark_kit.results.record import Results, load_results
from benchmark_kit.results.schema import check_layout
from benchmark_kit.results.tables import FORMATS, render

OPTIONAL = ("kind", "engine", "command", "utc", "seconds", "workers", "dropped", "missing", "notes")
UNREAD = ("average", "excluded", "from")  # nothing rests on these
MAY_LACK = {*OPTIONAL, *UNREAD, "numpy", "python", "decoder"}
# objects whose keys are a data set's or a run's; a column fewer leaves its values to nobody
NAMES_OF_ITS_OWN = {
    *[("metrics",), ("negatives",), ("yardsticks",), ("groups", "category")],
    *[("dataset", "density"), ("dataset", "dropped")],
}
WRONG = (None, 5, -0.5, "x\x1b", True, [5], {"a": 5}, 10**400)


@pytest.fixture(scope="module")
def scored(make_folder_set, tmp_path_factory):
    """Plain data of an evaluation with everything in it."""
    import benchmark_kit

    folder_set = make_folder_set(tmp_path_factory.mktemp("set"), images=3)
    (folder_set.maps / f"{folder_set.names[2]}.png").unlink()
    found = benchmark_kit.evaluate(
        folder_set.maps,
        folder_set.truths(),
        metrics="nss,sauc,ig,kl",
        yardsticks=True,
        partial=True,
        workers=1,
        bootstrap=10,
    )
    data = json.loads(found.to_json())
    data["made"]["command"] = ["salbench", "evaluate", "maps", "--dataset", "folder"]
    data["made"]["notes"] = ["a note"]
    return data


def places(value, at=()):
    """Every place in plain data, and the place's name in words."""
    inner = value.items() if isinstance(value, dict) else ()
    inner = enumerate(value) if isinstance(value, list) else inner
    for key, one in inner:
        yield (*at, key)
        yield from places(one, (*at, key))


def changed(data, at, to=None, *, remove=False):
    data = copy.deepcopy(data)
    inner = data
    for key in at[:-1]:
        inner = inner[key]
    if remove:
        del inner[at[-1]]
    else:
        inner[at[-1]] = to
    return data


def words(at):
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in at)
    return text.lstrip(".")


def test_what_evaluate_writes_is_laid_out(scored):
    check_layout(scored, "x")


def test_every_key_that_is_missing_is_named(scored):
    tried = 0
    for at in places(scored):
        if isinstance(at[-1], int) or at[-1] in MAY_LACK or tuple(at[:-1]) in NAMES_OF_ITS_OWN:
            continue
        if tuple(at) == ("fixations",):  # files of earlier versions
            continue
        tried += 1
        with pytest.raises(ResultsError) as caught:
            check_layout(changed(scored, at, remove=True), "r.json")
        assert f"{words(at)} is missing" in str(caught.value), at
    assert tried > 60


def test_whatever_stands_anywhere_is_shown_or_refused(scored, tmp_path):
    """Nothing but an error of ours, in any form."""
    refused = shown = 0
    seen: set = set()  # pages take long: one a place
    file = tmp_path / "r.html"
    for at in places(scored):
        if at[:2] == ("images", 1):
            continue  # as the first
        for to in WRONG:
            data = changed(scored, at, to)
            try:
                check_layout(data, "r.json")
            except ResultsError as error:
                refused += 1
                text = str(error)
                assert "\x1b" not in text
                assert words(at[:2]).partition("[")[0].partition(".")[0] in text, (at, to)
                continue
            shown += 1
            for form in FORMATS:
                render(data, form)
            if at in seen:
                continue
            seen.add(at)
            with suppress(KitError):
                compare(Results(data), Results(scored), labels="ab", resamples=1, permutations=1)
                report(Results(data), out=file)
    assert refused > 500
    assert shown > 100


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Expecting value"),
        ("[" * 100_000, "recursion"),
        ('{"schema": 1, "metrics": NaN}', "NaN is no number"),
        ('{"schema": 1, "metrics": {}, "kind": "other"}', "holds a other"),
        ('{"schema": 1, "metrics": {}, "kind": {"a": 1}}', "not an evaluation"),
        ('{"schema": ' + "9" * 5000 + ', "metrics": {}}', "no results file"),
        ("\udcff", "no results file"),
    ],
)
def test_files_that_hold_something_else(tmp_path, text, says):
    (tmp_path / "r.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ResultsError, match=says):
        load_results(tmp_path / "r.json")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", tmp_path):
        with pytest.raises(ResultsError, match="no regular file"):
            load_results(path)


def test_the_recorded_command_may_be_anything(scored, tmp_path):
    from click.testing import CliRunner

    from benchmark_kit.cli.report import command

    for words_ in (["a\0b"], ["x" * 5000, "--dataset"], ["--engine", "no", "--oops"], ["--help"]):
        data = changed(scored, ("made", "command"), ["salbench", "evaluate", *words_])
        (tmp_path / "r.json").write_text(json.dumps(data))
        done = CliRunner().invoke(
            command, [str(tmp_path / "r.json"), "--out", str(tmp_path / "r.html"), "--force"]
        )
        assert done.exception is None or isinstance(done.exception, ConfigError), words_
