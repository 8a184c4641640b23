"""Every error the kit raises on purpose.

    KitError
    ├── ConfigError       the request cannot be met as asked: unknown name, option, path   (exit 2)
    ├── MissingExtra      an optional library is needed; the message holds the install line (exit 2)
    ├── InputError        input exists but is unusable; carries a list of `Problem`s        (exit 3)
    ├── JournalMismatch   a journal of other maps, data, dialect or version                (exit 3)
    ├── ResultsError      a results file that cannot be read or compared                   (exit 3)
    └── RunFailed         a run that stopped half-way; what it scored is kept               (exit 1)

A message says what was expected, what was found, the likely cause and the fix. Everything wrong
with one input is reported together, as `Problem`s with stable codes (docs/problems.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmark_kit.escaping import visible

EXAMPLES_SHOWN = 5


@dataclass(frozen=True)
class Problem:
    """One kind of defect or doubt and all the places where it occurs.

    Args:
        code: stable code, `E…` refuses, `W…` passes with a warning.
        where: names of the files or images concerned, in order.
        found: what is there, in words.
        expected: what should be there, in words; may be empty.
        fix: a command, option or change that mends it; may be empty.
        mended_by: name of the option that mends it where the code alone does not tell.
    """

    code: str
    where: tuple[str, ...]
    found: str
    expected: str = ""
    fix: str = ""
    mended_by: str = ""

    @property
    def severity(self) -> str:
        """`"error"` or `"warning"`, told by the code's first letter."""
        return "error" if self.code.startswith("E") else "warning"

    def __str__(self) -> str:
        text = f"{self.code} {self.found}"
        if self.expected:
            text += f"; expected {self.expected}"
        if self.where:
            text += f": {name_some(self.where)}"
        if self.fix:
            text += f"\n     Fix: {self.fix}"
        return text


class KitError(Exception):
    """Root of the tree; `exit_status` is what the command line ends with."""

    exit_status = 3


class ConfigError(KitError):
    """The request itself is wrong: an unknown name, option or value, or a path that is not
    there.
    """

    exit_status = 2


class MissingExtra(KitError):
    """An optional library is not installed.

    Args:
        extra: name of the extra of this distribution, for instance `"emd"`.
        purpose: what needed it, for instance `"metric emd"`.
    """

    exit_status = 2

    def __init__(self, extra: str, purpose: str):
        self.extra = extra
        self.line = f'pip install "keras-saliency[{extra}]"'
        super().__init__(
            f"{purpose} needs an optional library that is not installed. Fix: {self.line}"
        )


class InputError(KitError):
    """Input that exists but cannot be used; `problems` lists everything found wrong with it."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()):
        self.problems = tuple(problems)
        super().__init__("\n".join([message, *(f"  {problem}" for problem in self.problems)]))


class JournalMismatch(KitError):
    """A journal that belongs to another run."""


class ResultsError(KitError):
    """A results file that cannot be read, or results that must not be compared."""


class RunFailed(KitError):
    """A run stopped half-way: a worker died, the disk is full. Finished rows stay in the
    journal.
    """

    exit_status = 1


def name_some(names: Sequence[str], shown: int = EXAMPLES_SHOWN) -> str:
    """The first few names and how many more there are: `a, b, c and 12 more`."""
    head = ", ".join(visible(str(name)) for name in names[:shown])
    rest = len(names) - shown
    return f"{head} and {rest} more" if rest > 0 else head
