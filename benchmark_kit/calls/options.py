"""The options of an evaluation in four groups: the maps, the scoring, the run, the output.

`evaluate` takes their fields as keywords, too: `evaluate(maps, truths, dialect="mit")` and
`evaluate(maps, truths, scoring=ScoringOptions(dialect="mit"))` are the same call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from benchmark_kit.errors import ConfigError
from benchmark_kit.files import check_output, check_place, refuse_same_file
from benchmark_kit.progress import Progress
from benchmark_kit.scoring.journal import journal_path, refuse_journal
from benchmark_kit.shard import Shard

ENGINES = ("pool", "tf")


@dataclass(frozen=True, kw_only=True)
class MapOptions:
    """Which map is an image's, and how it is read.

    Args:
        map_name: of a model with several maps: which of them, or `"mean"`.
        strip: suffix of the map names that the stimuli do not have.
        prefix: prefix of their last part that the stimuli do not have.
        partial: score the images that have a map, name the others in the results.
        transpose: swap the axes of maps that are stored transposed.
        resize: kernel for maps of another size (`imaging.resize.KERNELS`).
        log_density: the maps are natural-log densities that sum to one.
    """

    map_name: str | None = None
    strip: str = ""
    prefix: str = ""
    partial: bool = False
    transpose: bool = False
    resize: str | None = None
    log_density: bool = False


@dataclass(frozen=True, kw_only=True)
class ScoringOptions:
    """What is computed.

    Args:
        dialect: one or several dialects; None takes the data set's own.
        metrics: names or variants (`"kl@mit"`); None takes each dialect's own.
        density: `"shipped"` or `"computed"` ground-truth densities; None takes the dialect's way.
        sigma: blur of computed densities, in pixels or as text (`"24px"`, `"1deg"`).
        ig_baseline: `"centre-bias"` or `"uniform"`; None takes the dialect's own.
        yardsticks: also score chance, centre, permutation and observers.
        seed: seed of everything random.
        bootstrap: resamples for the intervals; 0: none.
        level: share of the resampled means inside an interval.

    Raises:
        ConfigError: a number out of its range.
    """

    dialect: str | Sequence[str] | None = None
    metrics: str | Sequence[str] | None = None
    density: str | None = None
    sigma: str | float | None = None
    ig_baseline: str | None = None
    yardsticks: bool = False
    seed: int = 0
    bootstrap: int = 1000
    level: float = 0.95

    def __post_init__(self) -> None:
        if not 0 < self.level < 1:
            raise ConfigError(
                f"level must be between 0 and 1, for instance 0.95, got {self.level!r}"
            )
        for name in ("seed", "bootstrap"):
            if getattr(self, name) < 0:
                raise ConfigError(f"{name} must be 0 or more, got {getattr(self, name)}")


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What computes it, and who hears of it.

    Args:
        engine: `"pool"` (processes) or `"tf"` (`tf.distribute`).
        strategy: for engine tf: `"one"` (default), `"mirrored"`, `"multiworker"` (TF_CONFIG), or a
            `tf.distribute.Strategy`. Of several machines the chief writes and returns everything;
            on the others nothing is written, and the results lack the columns of the pool.
        workers: processes of the pool, or threads that decode for the devices; None: every core.
        shard: `"K/N"`: only part K of N, for `salbench merge`; `out` then holds the part, and what
            is returned speaks of it alone.
        progress: called with (images done, images in all).
        on_note: called with a sentence on what the engine does otherwise than asked; the results
            keep it, too.

    Raises:
        ConfigError: unknown engine, a strategy for the pool, or no such part.
    """

    engine: str = "pool"
    strategy: str | object | None = None
    workers: int | None = None
    shard: str | None = None
    progress: Progress | None = None
    on_note: Callable[[str], None] | None = None

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise ConfigError(f"engine must be one of {', '.join(ENGINES)}, got {self.engine!r}")
        if self.part is not None and self.strategy == "multiworker":
            raise ConfigError("the machines of a cluster share the work. Fix: leave --shard out")
        if self.strategy is not None and self.engine != "tf":
            raise ConfigError("a strategy is for engine tf. Fix: add --engine tf")

    @property
    def part(self) -> Shard | None:
        """The part of the run that is asked for; None: all of it."""
        return None if self.shard is None else Shard.parse(self.shard)

    @property
    def devices(self) -> str | object:
        """The strategy of engine tf."""
        return self.strategy or "one"

    def writes(self) -> bool:
        """Whether this process writes the results: of several machines the chief alone does."""
        if self.engine != "tf":
            return True
        from benchmark_kit.scoring.tf.engine import is_chief

        return is_chief(self.devices)


@dataclass(frozen=True, kw_only=True)
class OutputOptions:
    """Where the results go.

    Args:
        out: results file; a journal lies beside it while the run lasts.
        csv: file of per-image rows.
        resume: finish a run whose journal lies beside `out`.
        force: replace an existing results file or journal.
        reproducible: leave time, seconds and workers out of the file.

    Raises:
        ConfigError: `resume` without `out`.
    """

    out: str | Path | None = None
    csv: str | Path | None = None
    resume: bool = False
    force: bool = False
    reproducible: bool = False

    def __post_init__(self) -> None:
        if self.resume and self.out is None:
            raise ConfigError("--resume needs --out: without it no journal is written")

    @property
    def results_file(self) -> Path | None:
        """`out` as a path."""
        return None if self.out is None else Path(self.out)

    @property
    def rows_file(self) -> Path | None:
        """`csv` as a path."""
        return None if self.csv is None else Path(self.csv)

    @property
    def journal(self) -> Path | None:
        """The journal's path, or None where none is kept."""
        return None if self.out is None else journal_path(Path(self.out))

    def check(self, maps: Any = None) -> None:
        """Refuse, before anything is scored, files that could not be written in the end.

        Args:
            maps: what is scored: its file is no output.

        Raises:
            ConfigError: one that cannot be written or must not be replaced, two of one name, a
                journal that is left from another run, or none to resume.
        """
        out = self.results_file
        if out is not None and not out.name:  # as `.`: beside it no journal can lie
            check_place(out, "--out", replace=True)
        journal = self.journal
        outputs = (("--out", out), ("the journal of --out", journal), ("--csv", self.rows_file))
        source = Path(maps) if isinstance(maps, str | Path) else None
        refuse_same_file([("MAPS", source), *outputs])
        for option, path in outputs:
            if path is not None:
                check_output(path, option, replace=self.force or self.resume or path is journal)
        if journal is not None:
            refuse_journal(journal, resume=self.resume, force=self.force)


Group = TypeVar("Group")


def with_keywords(group: Group, keywords: dict[str, Any]) -> Group:
    """A group with the fields that are given as keywords, which are taken out of the dict."""
    names = [field.name for field in fields(group)]  # type: ignore[arg-type]
    given = {name: keywords.pop(name) for name in names if name in keywords}
    return replace(group, **given) if given else group  # type: ignore[type-var]
