import io
import sys

import pytest

from benchmark_kit.console.progress import _per_second, progress_bar


@pytest.mark.parametrize(
    ("rate", "shown"),
    [(812.3, "812/s"), (10.0, "10/s"), (3.26, "3.3/s"), (0.4, "0.4/s"), (0.0, "")],
)
def test_slow_work_has_a_rate_too(rate, shown):
    assert _per_second(rate) == shown


@pytest.mark.parametrize(
    ("total", "first"), [(3, "reading 3 frames"), (1, "reading 1 frame"), (0, "reading frames")]
)
def test_a_log_gets_two_lines_whether_or_not_the_end_is_known(capsys, total, first):
    with progress_bar("reading", unit="frames") as progress:
        for done in range(1, 4):
            progress(done, total)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == first
    assert len(lines) == 2
    assert lines[1].startswith("reading done in ")


def test_a_terminal_shows_a_bar_where_the_end_is_not_known(monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(sys, "__stderr__", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar("reading", unit="frames") as progress:
        progress(5, 0)
        progress(6, 0)
    assert "6/?" in terminal.getvalue()
