"""The journal of a run: one line a row, appended, so that a stopped run can go on.

The first line says what is scored (maps, data set, plan, version); a journal of anything else is
refused. Rows are written in blocks with one fsync each; a last line that a kill cut short is
dropped.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.text import parse_json
from benchmark_kit.errors import ConfigError, JournalMismatch, RunFailed
from benchmark_kit.systems import lock
from benchmark_kit.types import Row

VERSION = 1


def journal_path(out: Path) -> Path:
    """Where the journal of a results file lies: beside it."""
    return out.with_name(out.name + ".journal")


def refuse_journal(path: Path, *, resume: bool, force: bool = False) -> None:
    """Refuse a journal that is there and not wanted, or wanted and not there.

    Raises:
        ConfigError: it is.
    """
    if resume and not path.exists():
        raise ConfigError(f"nothing to resume: there is no {path}. Fix: run without --resume")
    if path.is_file() and not (resume or force):
        raise ConfigError(
            f"{path} is left from an unfinished run. Fix: add --resume to finish it, or delete it"
        )


class Journal:
    """An append-only file of rows.

    Args:
        path: the journal's file.
        header: plain data that identifies the run; compared key by key on resume.
        resume: go on with an existing journal instead of refusing it.
        columns: keys of the values that every row must have; None: any.

    Raises:
        ConfigError: a journal is there without `resume`, or another run has it open.
        JournalMismatch: it belongs to another run, or is no journal.
        RunFailed: it cannot be written.
    """

    def __init__(
        self,
        path: Path,
        header: Mapping[str, Any],
        *,
        resume: bool = False,
        columns: Sequence[str] | None = None,
    ):
        self.path = path
        self.columns = None if columns is None else {*columns}
        self.header = {"journal": VERSION, **header}
        self.rows: dict[str, Row] = {}
        if not resume:
            refuse_journal(path, resume=False)
        try:
            self._file = open(path, "a+b", buffering=0)  # noqa: SIM115 - kept open for the run
        except OSError as error:
            raise ConfigError(
                f"cannot write the journal {path}: {error.strerror}. Fix: another --out"
            ) from None
        try:
            lock(self._file)
        except OSError:
            self._file.close()
            raise ConfigError(
                f"another run is writing {path}. Fix: wait for it, or choose another --out"
            ) from None
        try:
            self._start()
        except BaseException:
            self._file.close()
            raise

    def _start(self) -> None:
        self._file.seek(0)
        text = self._file.read()
        whole = text[: text.rfind(b"\n") + 1]
        if not whole:
            self._file.truncate(0)
            self._write([json.dumps(self.header, sort_keys=True)])
            return
        lines = whole.decode("utf-8", errors="replace").splitlines()
        self._compare(lines[0])
        for number, line in enumerate(lines[1:], start=2):
            try:
                row = row_of_plain(parse_json(line, self.path))
                if self.columns not in (None, {*row.values}):
                    raise ValueError("other columns")
            except (DamagedFile, ValueError, KeyError, TypeError, AttributeError, OverflowError):
                raise JournalMismatch(
                    f"{self.path}: line {number} is damaged. "
                    "Fix: delete the journal and start again"
                ) from None
            self.rows[row.name] = row
        if len(whole) < len(text):
            self._file.truncate(len(whole))

    def _compare(self, line: str) -> None:
        try:
            found = parse_json(line, self.path)
            assert isinstance(found, dict)
        except (DamagedFile, AssertionError):
            raise JournalMismatch(
                f"{self.path} is not a journal. Fix: choose another --out"
            ) from None
        differing = [
            key
            for key in sorted({*found, *self.header})
            if found.get(key) != json.loads(json.dumps(self.header.get(key)))
        ]
        if differing:
            raise JournalMismatch(
                f"{self.path} belongs to another run: {', '.join(differing)} differ. "
                "Fix: finish it with the same maps, data set and options, or choose another --out"
            )

    def append(self, rows: Iterable[Row]) -> None:
        """Write rows and see them on disk before going on.

        Raises:
            RunFailed: the disk is full or gone.
        """
        self._write([json.dumps(plain_row(row), sort_keys=True, allow_nan=False) for row in rows])

    def _write(self, lines: list[str]) -> None:
        data = "".join(line + "\n" for line in lines).encode()
        end = self._file.seek(0, os.SEEK_END)
        try:
            while data:
                data = data[self._file.write(data) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            # take back a half-written block: what stands in the file is whole lines only
            os.ftruncate(self._file.fileno(), end)
            raise RunFailed(
                f"cannot write {self.path}: {error.strerror}. What was scored so far is kept. "
                "Fix: make room, then run the same command with --resume"
            ) from None

    def close(self, *, delete: bool = False) -> None:
        """Close the file; `delete` it once the results hold everything."""
        self._file.close()
        if delete:
            self.path.unlink(missing_ok=True)


def plain_row(row: Row) -> dict[str, Any]:
    """A row as plain data; a value that is not finite becomes None."""
    values = {
        key: None if value is None or not math.isfinite(value) else value
        for key, value in row.values.items()
    }
    return {
        "name": row.name,
        "fixations": row.fixations,
        "values": values,
        "flags": list(row.flags),
        "facts": dict(row.facts),
    }


def row_of_plain(data: Mapping[str, Any]) -> Row:
    """A row from plain data.

    Raises:
        ValueError, KeyError, TypeError, AttributeError, OverflowError: it is none.
    """
    row = Row(
        name=data["name"],
        fixations=data["fixations"],
        values={**data["values"]},
        flags=(*data["flags"],),
        facts={**data["facts"]},
    )
    if not isinstance(data["flags"], list):
        raise TypeError("flags that are no list")
    texts = [row.name, *row.flags, *row.values, *row.facts]
    numbers = [row.fixations, *(value for value in row.values.values() if value is not None)]
    if not all(isinstance(text, str) for text in texts) or type(row.fixations) is not int:
        raise TypeError("a row of other kinds of values")
    if not all(type(number) in (int, float) and math.isfinite(number) for number in numbers):
        raise TypeError("a value that is no number")
    return row
