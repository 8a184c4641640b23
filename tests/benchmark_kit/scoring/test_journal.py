"""The journal: header, blocks on disk, a cut last line, and what is refused on resume."""

import json
import os

import pytest

from benchmark_kit.errors import ConfigError, JournalMismatch
from benchmark_kit.scoring.journal import Journal, journal_path, plain_row
from benchmark_kit.types import Row

HEADER = {"maps": "sha256:1", "plan": "sha256:2", "dialects": ["mit", "tuebingen"], "version": "1"}


def row(name, value=0.5):
    return Row(name, 3, {"nss": value}, (), {"digest": name})


def written(path, *names, header=HEADER):
    """A closed journal with one block a name."""
    journal = Journal(path, header)
    for name in names:
        journal.append([row(name)])
    journal.close()
    return path.read_bytes()


def resumed(path, header=HEADER):
    journal = Journal(path, header, resume=True)
    journal.close()
    return journal.rows


def test_it_lies_beside_the_results(tmp_path):
    assert journal_path(tmp_path / "r.json") == tmp_path / "r.json.journal"


def test_one_line_of_header_and_one_a_row(tmp_path):
    lines = written(tmp_path / "j", "a", "b").decode().splitlines()
    assert json.loads(lines[0]) == {"journal": 1, **HEADER}
    assert [json.loads(line) for line in lines[1:]] == [plain_row(row(n)) for n in "ab"]


def test_rows_come_back_and_new_ones_follow(tmp_path):
    first = written(tmp_path / "j", "a", "b")
    journal = Journal(tmp_path / "j", HEADER, resume=True)
    assert journal.rows == {"a": row("a"), "b": row("b")}
    journal.append([row("c"), row("d")])
    journal.close()
    assert (tmp_path / "j").read_bytes().startswith(first)
    assert list(resumed(tmp_path / "j")) == ["a", "b", "c", "d"]


def test_a_journal_that_is_there_is_not_overwritten(tmp_path):
    before = written(tmp_path / "j", "a")
    with pytest.raises(ConfigError, match="--resume to finish it, or delete it"):
        Journal(tmp_path / "j", HEADER)
    assert (tmp_path / "j").read_bytes() == before


@pytest.mark.parametrize("key", HEADER)
def test_another_header_is_refused_and_the_difference_named(tmp_path, key):
    before = written(tmp_path / "j", "a")
    with pytest.raises(JournalMismatch, match=f"belongs to another run: {key} differ"):
        Journal(tmp_path / "j", {**HEADER, key: "other"}, resume=True)
    assert (tmp_path / "j").read_bytes() == before


def test_missing_and_further_keys_of_the_header_differ_too(tmp_path):
    written(tmp_path / "j", "a")
    fewer = {key: value for key, value in HEADER.items() if key != "plan"}
    with pytest.raises(JournalMismatch, match="another run: maps, plan, seed differ"):
        Journal(tmp_path / "j", {**fewer, "maps": "x", "seed": 0}, resume=True)


def test_a_journal_of_another_version_of_journals_is_refused(tmp_path):
    text = written(tmp_path / "j", "a").replace(b'"journal": 1', b'"journal": 2')
    (tmp_path / "j").write_bytes(text)
    with pytest.raises(JournalMismatch, match="another run: journal differ"):
        resumed(tmp_path / "j")


def test_tuples_and_lists_are_one_in_a_header(tmp_path):
    written(tmp_path / "j", "a", header={"dialects": ("mit", "tuebingen")})
    assert list(resumed(tmp_path / "j", {"dialects": ["mit", "tuebingen"]})) == ["a"]


@pytest.mark.parametrize("kept", [1, 7, 30])
def test_a_cut_last_line_is_dropped_and_written_over(tmp_path, kept):
    path = tmp_path / "j"
    whole = written(path, "a", "b", "c")
    short = written(tmp_path / "short", "a", "b")
    path.write_bytes(whole[: len(short) + kept])
    assert list(resumed(path)) == ["a", "b"]
    assert path.read_bytes() == short
    journal = Journal(path, HEADER, resume=True)
    journal.append([row("c")])
    journal.close()
    assert path.read_bytes() == whole


def test_a_row_without_its_line_end_is_not_trusted(tmp_path):
    path = tmp_path / "j"
    path.write_bytes(written(path, "a", "b")[:-1])
    assert list(resumed(path)) == ["a"]


@pytest.mark.parametrize("content", [b"", b'{"journal": 1, "ma'])
def test_a_journal_without_a_whole_header_begins_again(tmp_path, content):
    (tmp_path / "j").write_bytes(content)
    assert resumed(tmp_path / "j") == {}
    assert (tmp_path / "j").read_bytes() == written(tmp_path / "fresh")


@pytest.mark.parametrize("value", ["1" + "0" * 400, "9" * 5000, "[" * 100_000, "[1]"])
def test_a_row_of_impossible_values_is_named_by_its_line(tmp_path, value):
    content = written(tmp_path / "j", "a", "b").replace(b"0.5", value.encode())
    (tmp_path / "j").write_bytes(content)
    with pytest.raises(JournalMismatch, match="line 2 is damaged"):
        resumed(tmp_path / "j")


@pytest.mark.parametrize("line", ["[" * 100_000, "9" * 5000, "[1]", "\xff"])
def test_what_is_no_journal(tmp_path, line):
    (tmp_path / "j").write_bytes(line.encode("latin-1") + b"\n")
    with pytest.raises(JournalMismatch, match="is not a journal"):
        resumed(tmp_path / "j")


def test_the_later_of_two_rows_of_one_name_counts(tmp_path):
    journal = Journal(tmp_path / "j", HEADER)
    journal.append([row("a", 1.0)])
    journal.append([row("a", 2.0)])
    journal.close()
    assert resumed(tmp_path / "j")["a"].values == {"nss": 2.0}


def test_each_block_is_one_write_and_on_disk_before_the_run_goes_on(tmp_path, monkeypatch):
    kept, sizes = os.fsync, []

    def fsync(handle):
        kept(handle)
        sizes.append((tmp_path / "j").stat().st_size)

    monkeypatch.setattr(os, "fsync", fsync)
    journal = Journal(tmp_path / "j", HEADER)
    journal.append([row(str(k)) for k in range(20)])
    journal.append([row("last")])
    text = (tmp_path / "j").read_bytes()
    ends = [k + 1 for k, byte in enumerate(text) if byte == ord("\n")]
    assert sizes == [ends[0], ends[20], ends[21]]
    journal.close()


def test_names_with_line_breaks_and_accents_stay_one_line(tmp_path):
    names = ("a\nb", "ü\u2028x", 'quote"')
    text = written(tmp_path / "j", *names)
    assert text.count(b"\n") == 1 + len(names)
    assert tuple(resumed(tmp_path / "j")) == names


def test_close_keeps_the_file_unless_told_to_delete(tmp_path):
    written(tmp_path / "j", "a")
    assert (tmp_path / "j").exists()
    Journal(tmp_path / "j", HEADER, resume=True).close(delete=True)
    assert not (tmp_path / "j").exists()
