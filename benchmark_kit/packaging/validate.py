"""Everything that can be told of a submission before it is sent, in one report.

Names and containers are checked first, then every prediction is read once. The report ends with
what nobody outside the board can check.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark_kit.errors import InputError, Problem
from benchmark_kit.escaping import csv_cell
from benchmark_kit.files import write_text
from benchmark_kit.leaderboards import get_board
from benchmark_kit.leaderboards.rules import Board
from benchmark_kit.maps.sources import Maps
from benchmark_kit.packaging.checks.findings import (
    form_findings,
    header_findings,
    same_findings,
    shared_findings,
)
from benchmark_kit.packaging.checks.looks import look_at_all
from benchmark_kit.packaging.checks.names import match_names
from benchmark_kit.packaging.checks.stimuli import BoardStimuli, read_board_stimuli
from benchmark_kit.packaging.checks.values import density_findings, map_findings
from benchmark_kit.packaging.report import NOT_CHECKED, Report
from benchmark_kit.packaging.submission import Submission, open_submission
from benchmark_kit.progress import Progress

LARGE = 10**9  # bytes
# stems that say nothing of a model
NAMELESS = {"archive", "maps", "output", "predictions", "results", "saliency", "submission", "test"}


@dataclass(frozen=True, eq=False)
class Findings:
    """What the names and pixels of a submission say, before it is judged as a whole.

    Args:
        matched: predictions by image name, in the stimuli's order.
        problems: what refuses.
        warnings: what passes.
        notes: in words.
        renames: path -> path that would match.
        stored_as: types of the predictions in words, the commonest first.
    """

    matched: Submission
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    notes: tuple[str, ...]
    renames: Mapping[str, str]
    stored_as: str


def validate(
    maps: Maps,
    board: str | Board,
    stimuli: str | Path | Sequence[str | Path] | BoardStimuli,
    *,
    kind: str = "maps",
    list_file: str | Path | None = None,
    strict: bool = False,
    allow_constant: bool = False,
    allow_identical: bool = False,
    workers: int | None = None,
    renames: str | Path | None = None,
    progress: Progress | None = None,
) -> Report:
    """Check a submission as its leaderboard would read it, and for what it reads wrongly.

    Args:
        maps: a folder, archive, HDF5 file, result file, or mapping from image name to array.
        board: the leaderboard's name or rules.
        stimuli: the benchmark's own images, the only source of names and sizes; SALICON 2015 has a
            folder for each split.
        kind: `"maps"`, or `"densities"`: natural-log densities that sum to one.
        list_file: image list of `lsun`.
        strict: warnings refuse too.
        allow_constant: constant maps are wanted.
        allow_identical: the same map for every image is wanted (a centre bias).
        workers: processes; None: every core.
        renames: CSV file to write, with the names that would match, where a pattern was found.
        progress: called with (steps done, steps in all) over the images and the maps.

    Returns:
        the report; `ok` is the verdict.

    Raises:
        ConfigError: unknown names, paths that are not there.
        RunFailed: a worker process died, or the CSV cannot be written.

    Example:
        >>> found = validate("mit300/maps", "mit300", stimuli="mit300/stimuli")
        >>> found.ok
        True
    """
    board = get_board(board)
    facts: dict[str, Any] = {
        "title": board.title,
        "images": board.count,
        "predictions": 0,
        "stored_as": "",
        "state": f"{board.state} ({board.state_date})",
    }
    try:
        if not isinstance(stimuli, BoardStimuli):
            stimuli = read_board_stimuli(board, stimuli, list_file, progress=_first(progress))
        if stimuli.problems:
            raise InputError("the images are not the benchmark's", stimuli.problems)
        board = stimuli.board
        facts["images"] = board.count
        submission = open_submission(maps, board, kind, order=list(stimuli.by_name))
    except InputError as error:
        # without the benchmark's images, or a file that opens, there is nothing to look at
        notes = ("no map was looked at",)
        return _report(board, kind, error.problems, closed_warnings(board), notes, facts, strict)
    findings = find_all(
        submission,
        stimuli,
        kind,
        allow_constant=allow_constant,
        allow_identical=allow_identical,
        workers=workers,
        progress=_after(progress, len(stimuli)),
    )
    facts |= {"predictions": len(findings.matched), "stored_as": findings.stored_as}
    warnings = (*stimuli.warnings, *findings.warnings)
    warnings += (*closed_warnings(board), *file_warnings(maps, board))
    if renames is not None and findings.renames:
        write_text(Path(renames), _csv(findings.renames))
    return _report(board, kind, findings.problems, warnings, findings.notes, facts, strict)


def find_all(
    submission: Submission,
    stimuli: BoardStimuli,
    kind: str = "maps",
    *,
    strip: str = "",
    prefix: str = "",
    convert: bool = False,
    allow_constant: bool = False,
    allow_identical: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Findings:
    """Check names and pixels of an opened submission.

    Args:
        submission: the predictions.
        stimuli: the benchmark's pictures, without problems.
        kind: `"maps"` or `"densities"`.
        strip: suffix to take off the predictions' names.
        prefix: prefix to take off the last part of the predictions' names.
        convert: the predictions will be written anew, so that containers, kinds of files and keys
            that the board does not read pass.
        allow_constant: constant maps are wanted.
        allow_identical: the same map for every image is wanted.
        workers: processes; None: every core.
        progress: called with (done, in all).
    """
    names = match_names(submission, stimuli, strip=strip, prefix=prefix, convert=convert)
    looks, sums = look_at_all(names.matched, stimuli, kind, workers=workers, progress=progress)
    form, notes = form_findings(looks, stimuli, keyed=submission.form.keyed, convert=convert)
    container = [p for p in submission.problems if not (convert and p.code == "E501")]
    values = map_findings(looks, sums, stimuli) if kind == "maps" else density_findings(looks)
    found = [
        *container,
        *names.problems,
        *header_findings(looks, stimuli),
        *shared_findings(looks),
        *form,
        *values,
        *same_findings(looks, sums, kind, constant=allow_constant, identical=allow_identical),
    ]
    stored: dict[str, int] = {}
    for look in looks.values():
        if look.info is not None:
            stored[look.info.stored_as] = stored.get(look.info.stored_as, 0) + 1
    return Findings(
        names.matched,
        tuple(problem for problem in found if problem.severity == "error"),
        (*names.warnings, *(problem for problem in found if problem.severity == "warning")),
        (*names.notes, *notes),
        names.renames,
        ", ".join(sorted(stored, key=lambda one: -stored[one])),
    )


def _report(
    board: Board,
    kind: str,
    problems: Sequence[Problem],
    warnings: Sequence[Problem],
    notes: Sequence[str],
    facts: Mapping[str, Any],
    strict: bool,
) -> Report:
    if strict:
        problems, warnings = (*problems, *warnings), ()
    return Report(
        board.name, kind, tuple(problems), tuple(warnings), tuple(notes), facts, NOT_CHECKED
    )


def _first(progress: Progress | None) -> Progress | None:
    """Progress over the images, with as many maps to come."""
    return progress and (lambda done, count: progress(done, 2 * count))


def _after(progress: Progress | None, images: int) -> Progress | None:
    """Progress over the maps, after the images."""
    return progress and (lambda done, count: progress(images + done, images + count))


def closed_warnings(board: Board) -> list[Problem]:
    """W501 of a board that takes nothing any more."""
    if board.state != "closed":
        return []
    found = f"{board.name} is closed ({board.state_date}): {board.state_source}"
    return [Problem("W501", (), found)]


def file_warnings(maps: Any, board: Board) -> list[Problem]:
    """W502, W503: name and size of the file that would be sent."""
    if not isinstance(maps, (str, Path)) or not Path(maps).is_file():
        return []
    path, found = Path(maps), []
    stem = path.name.partition(".")[0]
    if board.state == "open" and stem.lower() in NAMELESS | {board.name}:
        text = f"the file's name {stem!r} will be shown as the model's name"
        fix = "name the file after the model (salbench package --name)"
        found.append(Problem("W502", (), text, fix=fix))
    if path.stat().st_size > LARGE:
        text = f"{path.stat().st_size / 1e9:.1f} GB, more than 1 GB"
        fix = "gzip and float32 in HDF5, or 8-bit PNG"
        found.append(Problem("W503", (path.name,), text, fix=fix))
    return found


def _csv(renames: Mapping[str, str]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    rows = [("present", "wanted"), *sorted(renames.items())]
    writer.writerows([csv_cell(name) for name in row] for row in rows)
    return text.getvalue()
