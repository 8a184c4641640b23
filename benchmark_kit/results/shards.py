"""Parts of one evaluation, scored by several machines, and the record that they make together.

A part's file holds what is known before a map is scored (`evaluation.frame_of`), which all parts
share, and the rows of its own. Together they are the rows of one undisturbed run, so the record is
that run's, to the last digit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.text import read_json
from benchmark_kit.errors import ResultsError
from benchmark_kit.files import write_beside
from benchmark_kit.results.evaluation import make_results
from benchmark_kit.results.record import Results
from benchmark_kit.scoring.journal import plain_row, row_of_plain
from benchmark_kit.shard import Shard
from benchmark_kit.types import Row

KIND = "shard"
SCHEMA = 1
OF_A_RUN = ("utc", "seconds", "workers", "command")  # what parts of one run do not share


class Part(NamedTuple):
    """What the file of one part holds.

    Args:
        path: the file.
        shard: which part.
        run: what is scored, as the head of its journal says.
        frame: what is known before a map is scored.
        made: by what it was made.
        names: of all rows of the whole run.
        rows: its own.
    """

    path: Path
    shard: Shard
    run: Mapping[str, Any]
    frame: Mapping[str, Any]
    made: Mapping[str, Any]
    names: Sequence[str]
    rows: Mapping[str, Row]


def save_part(
    path: Path,
    shard: Shard,
    *,
    run: Mapping[str, Any],
    frame: Mapping[str, Any],
    made: Mapping[str, Any],
    names: Sequence[str],
    rows: Mapping[str, Row],
) -> None:
    """Write the file of one part, beside and renamed.

    Raises:
        RunFailed: the folder cannot be written.
    """
    data = {
        "kind": KIND,
        "schema": SCHEMA,
        "shard": str(shard),
        "run": run,
        "made": made,
        "frame": frame,
        "names": list(names),
        "rows": [plain_row(rows[name]) for name in shard.of(names)],
    }
    text = json.dumps(data, indent=1, allow_nan=False) + "\n"
    write_beside(path, lambda file: file.write(text.encode("utf-8", "surrogateescape")))


def read_part(path: Path) -> Part:
    """The file of one part.

    Raises:
        ResultsError: it is none, or damaged.
    """
    fix = "Fix: salbench evaluate --shard K/N --out"
    try:
        data = read_json(path, constants=False)
    except DamagedFile as error:
        raise ResultsError(f"{path} is no part of a run: {error.reason}. {fix}") from None
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise ResultsError(f"{path} is no part of a run. {fix}")
    if data.get("schema") != SCHEMA:
        raise ResultsError(
            f"{path} has schema {data.get('schema')!r}; this version reads {SCHEMA}. {fix}"
        )
    try:
        shard = Shard.parse(data["shard"])
        names = data["names"]
        listed = [row_of_plain(row) for row in data["rows"]]
        rows = {row.name: row for row in listed}
        columns = {*data["frame"]["columns"]}
        whole = [row.name for row in listed] == shard.of(names) and all(
            {*r.values} == columns for r in rows.values()
        )
        run, frame, made = (dict(data[key]) for key in ("run", "frame", "made"))
    except Exception as error:  # whatever a damaged file holds
        raise ResultsError(f"{path} is damaged ({error}). {fix}") from None
    if not whole:
        raise ResultsError(f"{path} is damaged: its rows are not those of part {shard}. {fix}")
    return Part(path, shard, run, frame, made, names, rows)


def merge_parts(paths: Sequence[str | Path]) -> Results:
    """One record of all parts of a run.

    Args:
        paths: the files that `evaluate` wrote with `shard`, in any order.

    Returns:
        what one run would have given; its block `made` tells all parts' seconds together.

    Raises:
        ResultsError: a file that is no part, parts of different runs, or parts that are missing or
            there twice; all of them are named.
    """
    parts = [read_part(Path(path)) for path in paths]
    if not parts:
        raise ResultsError("nothing to merge. Fix: the files of all parts")
    first = parts[0]
    wrong = [text for other in parts[1:] if (text := _foreign(first, other))]
    if not wrong:
        wrong = _incomplete(parts)
    if wrong:
        raise ResultsError("\n  ".join(["the parts do not make one run:", *wrong]))
    rows = {name: row for part in parts for name, row in part.rows.items()}
    try:
        results = make_results(first.frame, rows)
    except Exception as error:  # whatever a damaged frame holds
        raise ResultsError(f"{first.path} is damaged ({error}). Fix: score it again") from None
    results.data["made"] = _made(parts)
    return results


def _foreign(first: Part, other: Part) -> str | None:
    """What keeps another part from belonging to the first one's run."""
    differing = [
        what
        for what, one, two in (
            ("number of parts", first.shard.total, other.shard.total),
            *((key, first.run.get(key), other.run.get(key)) for key in {**first.run, **other.run}),
            ("software", _shared(first.made), _shared(other.made)),
            ("images", list(first.names), list(other.names)),
            ("what was asked", first.frame, other.frame),
        )
        if one != two
    ]
    if not differing:
        return None
    return f"{other.path} is of another run than {first.path}: {', '.join(differing)} differ"


def _incomplete(parts: Sequence[Part]) -> list[str]:
    count = parts[0].shard.total
    seen: dict[int, Path] = {}
    wrong = []
    for part in parts:
        if part.shard.number in seen:
            wrong.append(
                f"part {part.shard} is there twice: {seen[part.shard.number]}, {part.path}"
            )
        seen.setdefault(part.shard.number, part.path)
    if missing := [str(Shard(k, count)) for k in range(1, count + 1) if k not in seen]:
        shown = ", ".join(missing[:20]) + (" and more" if len(missing) > 20 else "")
        wrong.append(f"{len(missing)} of {count} parts are missing: {shown}")
    return wrong


def _shared(made: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in made.items() if key not in OF_A_RUN}


def _made(parts: Sequence[Part]) -> dict[str, Any]:
    """The block `made`: what all share, and the parts' seconds and workers together."""
    made = _shared(parts[0].made)
    if all("seconds" in part.made for part in parts):
        made["utc"] = max(part.made["utc"] for part in parts)
        made["seconds"] = round(sum(part.made["seconds"] for part in parts), 2)
        made["workers"] = sum(part.made["workers"] for part in parts)
    return made
