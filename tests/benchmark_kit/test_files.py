"""A file appears whole or not at all."""

import os

import pytest

from benchmark_kit.errors import RunFailed
from benchmark_kit.files import state_of, write_beside, write_text, written_beside


def test_it_appears_when_the_block_ends_well(tmp_path):
    with written_beside(tmp_path / "a.zip") as path:
        path.write_text("whole")
        assert path.suffix == ".zip"
        assert not (tmp_path / "a.zip").exists()
    assert (tmp_path / "a.zip").read_text() == "whole"
    assert (tmp_path / "a.zip").stat().st_mode & 0o777 == 0o644
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, ValueError])
def test_nothing_is_left_and_what_was_there_stays(tmp_path, error):
    (tmp_path / "a.zip").write_text("old")

    def write():
        with written_beside(tmp_path / "a.zip") as path:
            path.write_text("half")
            raise error

    with pytest.raises(error):
        write()
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]
    assert (tmp_path / "a.zip").read_text() == "old"


def test_a_folder_that_is_not_there_is_an_os_error(tmp_path):
    with pytest.raises(OSError, match="No such file"), written_beside(tmp_path / "no" / "a.zip"):
        pass


def test_a_file_that_cannot_be_written_is_named_with_what_to_do(tmp_path):
    with pytest.raises(RunFailed, match=r"cannot write .*a\.json: No such file.*another folder"):
        write_text(tmp_path / "no" / "a.json", "{}")


def test_a_function_that_fails_leaves_the_old_file(tmp_path):
    write_text(tmp_path / "a.json", "öld\n")

    def full(file):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(RunFailed, match="No space left"):
        write_beside(tmp_path / "a.json", full)
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]
    assert (tmp_path / "a.json").read_bytes() == "öld\n".encode()


def test_a_files_state_differs_once_its_content_does(tmp_path):
    path = tmp_path / "a"
    path.write_text("one")
    before = path.stat()
    assert state_of(path.stat()) == state_of(before)
    path.write_text("two")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert (state_of(after) != state_of(before)) == (after.st_ctime_ns != before.st_ctime_ns)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert state_of(path.stat()) != state_of(before)
