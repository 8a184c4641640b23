"""A file appears whole or not at all."""

import errno
import os
import socket

import pytest

from benchmark_kit import files
from benchmark_kit.errors import ConfigError, RunFailed
from benchmark_kit.files import (
    check_folder,
    check_output,
    refuse_same_file,
    state_of,
    write_beside,
    write_text,
    written_beside,
)


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


def test_what_comes_while_the_file_is_made_leaves_nothing(tmp_path, monkeypatch):
    close = os.close

    def interrupted(handle):
        close(handle)
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "close", interrupted)
    with pytest.raises(KeyboardInterrupt), written_beside(tmp_path / "a.zip"):
        pytest.fail("the block must not begin")
    assert not list(tmp_path.iterdir())


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


def test_a_link_is_written_through_and_stays(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "target").write_text("old")
    (tmp_path / "link").symlink_to("folder/target")
    (tmp_path / "ahead").symlink_to("folder/new")
    for name in ("link", "ahead"):
        write_text(tmp_path / name, "new")
        assert (tmp_path / name).is_symlink()
        assert (tmp_path / name).read_text() == "new"
    assert sorted(p.name for p in (tmp_path / "folder").iterdir()) == ["new", "target"]


@pytest.fixture
def special(tmp_path):
    """Things that are no regular files, by their kind in words."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "sub").mkdir()
    (tmp_path / "round").symlink_to("round")
    (tmp_path / "to_fifo").symlink_to("fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        yield {
            "fifo": "a pipe",
            "to_fifo": "a pipe",
            "sub": "a folder",
            "round": "a link to itself",
            "socket": "a socket",
        }


def test_nothing_but_a_regular_file_is_replaced(tmp_path, special):
    for name, kind in special.items():
        before = state_of(os.lstat(tmp_path / name))
        with pytest.raises(ConfigError, match=f"--out .*{name} is {kind}"):
            check_output(tmp_path / name, "--out", replace=True)
        with pytest.raises(ConfigError, match=kind):
            write_text(tmp_path / name, "x")
        assert state_of(os.lstat(tmp_path / name)) == before


def test_a_device_is_refused(tmp_path, monkeypatch):
    # no device is touched: a file that says it is one stands for it
    (tmp_path / "null").write_text("")
    monkeypatch.setattr(files.stat, "S_ISREG", lambda mode: False)
    monkeypatch.setattr(files.stat, "S_IFMT", lambda mode: files.stat.S_IFCHR)
    with pytest.raises(ConfigError, match="null is a device"):
        check_output(tmp_path / "null", "--out", replace=True)


@pytest.mark.parametrize("name", ["x" * 256, "ü" * 128, "a\0b", "x" * 5000])
def test_names_that_no_file_can_have_are_refused_before(tmp_path, name):
    with pytest.raises(ConfigError, match="cannot be written"):
        check_output(tmp_path / name, "--out", replace=True)


@pytest.mark.parametrize("name", ["x" * 255, "ü" * 127, "x" * 240 + ".json"])
def test_the_longest_names_can_be_written(tmp_path, name):
    check_output(tmp_path / name, "--out", replace=False)
    write_text(tmp_path / name, "x")
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_writer_that_looks_at_the_end_of_the_name_sees_it(tmp_path):
    with written_beside(tmp_path / "net.weights.h5") as path:
        assert path.name.endswith(".weights.h5")


def test_outputs_are_checked_without_a_trace(tmp_path):
    check_output(tmp_path / "a", "--out", replace=False)
    check_folder(tmp_path / "a" / "b", "--out")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "a").write_text("mine")
    with pytest.raises(ConfigError, match="--force"):
        check_output(tmp_path / "a", "--out", replace=False)
    check_output(tmp_path / "a", "--out", replace=True)
    with pytest.raises(ConfigError, match="does not exist"):
        check_output(tmp_path / "no" / "a", "--out", replace=True)
    for folder in (tmp_path / "a", tmp_path / "a" / "b"):
        with pytest.raises(ConfigError, match="a is no folder"):
            check_folder(folder, "--out")
    assert (tmp_path / "a").read_text() == "mine"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT])
def test_a_folder_that_takes_nothing_is_refused_before(tmp_path, monkeypatch, number):
    def refused(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(files.tempfile, "TemporaryFile", refused)
    for check in (lambda: check_output(tmp_path / "a", "--out", replace=False),
                  lambda: check_folder(tmp_path / "b" / "c", "--out")):  # fmt: skip
        with pytest.raises(ConfigError, match=os.strerror(number)):
            check()


def test_two_names_of_one_file_are_seen(tmp_path):
    (tmp_path / "link").symlink_to("a")
    refuse_same_file([("--out", tmp_path / "a"), ("--csv", None), ("--csv", tmp_path / "b")])
    refuse_same_file([("--out", tmp_path / "a\0"), ("--csv", tmp_path / "a\0")])
    for other in ("a", "link", "../" + tmp_path.name + "/a"):
        with pytest.raises(ConfigError, match="--out and --csv name the same file"):
            refuse_same_file([("--out", tmp_path / "a"), ("--csv", tmp_path / other)])


def test_all_inputs_that_are_missing_are_named(tmp_path):
    from benchmark_kit.files import refuse_missing

    (tmp_path / "a").touch()
    refuse_missing([tmp_path / "a", tmp_path])
    with pytest.raises(ConfigError, match=r"no such file or folder: \S+b, \S+c\. Fix"):
        refuse_missing([tmp_path / "a", tmp_path / "b", tmp_path / "c"])
