"""Standard output and error on any system: closed, full, of few characters, or a terminal that a
file's name must not steer.
"""

from __future__ import annotations

import codecs
import io
import os
import sys

from benchmark_kit.escaping import visible

ERRORS = "salbench_ascii"
SUBSTITUTES = {
    "↑": "^",
    "↓": "v",
    "…": "~",
    "·": ".",
    "×": "x",
    "°": "d",
    "±": "~",
    "σ": "s",
    **dict.fromkeys("–—−‐‑", "-"),
    **dict.fromkeys("‘’", "'"),
    **dict.fromkeys("“”«»", '"'),
}


class PrintedText(io.TextIOWrapper):
    """A text stream for people: no control characters, and one character for each that is missing.

    Args:
        stream: the stream that it replaces.
        forgiving: whether what cannot be written is let go (messages), or an error (results).
    """

    def __init__(self, stream: io.TextIOWrapper, *, forgiving: bool):
        self.replaced = stream  # which would close the buffer at its end
        self.forgiving, self.failed = forgiving, False
        super().__init__(
            stream.buffer,
            encoding=stream.encoding,
            errors=ERRORS,
            line_buffering=forgiving or stream.line_buffering,
        )

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """As click is told: it would replace a stream of ASCII by one of UTF-8."""
        return "latin-1" if codecs.lookup(super().encoding).name == "ascii" else super().encoding

    def write(self, text: str) -> int:
        """Write text, several lines at will."""
        try:
            super().write(visible(text, lines=True))
        except OSError:
            self._note_failure()
        return len(text)

    def flush(self) -> None:
        """Hand everything on."""
        try:
            super().flush()
        except OSError:
            self._note_failure()

    def _note_failure(self) -> None:
        self.failed = True
        if not self.forgiving:
            raise


def open_streams() -> None:
    """Make this process's standard streams fit for printing."""
    codecs.register_error(ERRORS, _substitute)
    for number in (0, 1, 2):
        # a closed one would be the next file that is opened, and be written into
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for name, forgiving in (("stdout", False), ("stderr", True)):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif stream is getattr(sys, f"__{name}__") and isinstance(stream, io.TextIOWrapper):
            setattr(sys, name, PrintedText(stream, forgiving=forgiving))


def let_go_of_stdout() -> None:
    """Nothing more can be written there, so that the interpreter does not try at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def _substitute(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    part = error.object[error.start : error.end]
    return "".join(SUBSTITUTES.get(character, "?") for character in part), error.end
