"""TensorFlow's import without its log lines, which C++ writes past Python.

What it says while it is imported goes to a file; lines of its log are then left out, and the
others are handed on. Messages of ours appear meanwhile. TF_CPP_MIN_LOG_LEVEL in the
environment means that somebody wants to see them: then nothing is held back.
"""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmark_kit.console.streams import PrintedText
from benchmark_kit.importing import around_import

LEVEL = "TF_CPP_MIN_LOG_LEVEL"
# `I0000 00:00:1795.7 123 port.cc:153] text`, and what stands above such lines
LOG = re.compile(
    rb"[IWE]\d{4} \d\d:|\d{4}-\d\d-\d\d [\d:.]+: [IWE] |WARNING: All log messages before"
    rb"|INFO: Created TensorFlow Lite"
)


def quiet_tensorflow() -> None:
    """Hold back what TensorFlow logs in this process and its workers, from its import on."""
    if LEVEL in os.environ or "tensorflow" in sys.modules:
        return
    os.environ[LEVEL] = "3"  # inherited by workers
    around_import("tensorflow", without_log_lines)


@contextmanager
def without_log_lines() -> Iterator[None]:
    """Leave log lines out of what C++ writes to standard error inside the block."""
    sys.stderr.flush()
    shown, before = os.dup(2), sys.stderr
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        # what Python writes meanwhile, a bar for instance, is shown
        sys.stderr = _on(shown, before)
        try:
            yield
        finally:
            sys.stderr.flush()
            sys.stderr = before
            os.dup2(shown, 2)
            os.close(shown)
            held.seek(0)
            for line in held:
                if not LOG.match(line):
                    os.write(2, line)


def _on(descriptor: int, like: Any) -> PrintedText:
    """A stream for people as another one, on a descriptor that it does not close."""
    raw = open(descriptor, "wb", closefd=False)  # noqa: SIM115
    encoding = getattr(like, "encoding", None) or "utf-8"
    return PrintedText(io.TextIOWrapper(raw, encoding=encoding), forgiving=True)
