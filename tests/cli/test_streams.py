"""Standard output and error that are narrow, full, closed, or a terminal."""

import io
import subprocess
import sys

import pytest

from benchmark_kit.console import streams as _streams
from benchmark_kit.console.streams import PrintedText

_streams.codecs.register_error(_streams.ERRORS, _streams._substitute)


class Full(io.RawIOBase):
    full = True

    def writable(self):
        return True

    def write(self, data):
        if self.full:
            raise OSError(28, "No space left on device")
        return len(data)


def printed(text, encoding):
    raw = io.BytesIO()
    stream = PrintedText(io.TextIOWrapper(raw, encoding=encoding), forgiving=False)
    print(text, file=stream)
    stream.flush()
    return raw.getvalue().decode(encoding)


def test_characters_that_are_missing_are_replaced_one_by_one():
    text = "NSS ↑ KL ↓ 24×32° “日” – …"
    assert printed(text, "utf-8") == text + "\n"
    assert printed(text, "latin-1") == 'NSS ^ KL v 24×32° "?" - ~\n'
    assert printed(text, "ascii") == 'NSS ^ KL v 24x32d "?" - ~\n'
    assert len(printed(text, "ascii")) == len(text) + 1  # columns stay in line


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii"])
def test_names_steer_no_terminal(encoding):
    assert printed("a\x1b]0;x\x07\udcff\n\tb", encoding) == "a\\x1b]0;x\\x07\\xff\n\tb\n"


def test_results_that_cannot_be_written_are_an_error_and_messages_are_not():
    for forgiving in (False, True):
        disk = Full()
        stream = PrintedText(io.TextIOWrapper(io.BufferedWriter(disk)), forgiving=forgiving)
        if forgiving:
            stream.write("a note\n")
            stream.flush()
        else:
            with pytest.raises(OSError, match="No space"):
                print("x" * 100_000, file=stream, flush=True)
        assert stream.failed
        disk.full = False  # so that it can be closed


@pytest.fixture
def shell(tmp_path):
    """A line of shell in which `$SB` is the command: (status, stdout, stderr)."""

    def run(line):
        program = f'{sys.executable} -c "from benchmark_kit.cli import main; main()"'
        done = subprocess.run(
            ["bash", "-c", line.replace("$SB", program)],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=tmp_path,
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    return run


def test_a_full_output_is_one_line_and_a_reader_that_leaves_is_none(shell):
    status, _, error = shell("$SB list metrics > /dev/full")
    assert status == 1
    assert error == "salbench: cannot write to standard output: No space left on device\n"
    # leaves before anything is written
    status, out, error = shell("$SB list metrics | true; exit ${PIPESTATUS[0]}")
    assert (out, error) == ("", "")
    status, out, error = shell("$SB list metrics 2>&- | head -1")
    assert (status, error) == (0, "")
    assert out.startswith("name")


def test_results_are_written_though_nobody_listens(shell, folder_set):
    line = f"$SB evaluate {folder_set.maps} --dataset folder --root {folder_set.root} --workers 2 "
    line += "--metrics nss --reproducible "
    ways = ("", "2>&-", ">&-", "<&- >&- 2>&-", "2>/dev/full")
    texts = []
    for k, way in enumerate(ways):
        status, _, _ = shell(f"{line} --out r{k}.json --csv r{k}.csv {way}")
        assert status == 0, way
        texts.append((folder_set.root.parent / f"r{k}.json").read_bytes())
    assert len({*texts}) == 1


def test_few_files_and_no_shared_memory(shell, folder_set):
    line = f"$SB evaluate {folder_set.maps} --dataset folder --root {folder_set.root} --no-cache"
    status, out, _ = shell(f"ulimit -n 16; {line} --metrics nss --workers 2 -q")
    assert status == 0
    assert "NSS" in out
