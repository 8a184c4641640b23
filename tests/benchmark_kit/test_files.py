"""A file appears whole or not at all."""

import pytest

from benchmark_kit.errors import RunFailed
from benchmark_kit.files import write_beside, write_text, written_beside


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
