"""Files that appear whole or not at all: written beside their place, then renamed.

A symbolic link is written through. Nothing but a regular file is ever replaced: a folder, a pipe or
a device at the output's name is refused.
"""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmark_kit.errors import ConfigError, RunFailed
from benchmark_kit.systems import rename_over

PROBE = 2**16  # bytes that must find room in an output's folder
LONGEST_ENDING = 100  # bytes of a name that its temporary file repeats: writers look at the end
KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def check_output(path: Path, option: str, *, replace: bool) -> None:
    """Refuse, before any work is done, a file that could not be written in the end.

    Args:
        path: the file to write.
        option: what messages call it, for instance `"--out"`.
        replace: whether a regular file may be there already.

    Raises:
        ConfigError: as `check_place` and `check_room`.
    """
    check_place(path, option, replace=replace)
    check_room(path, option)


def check_place(path: Path, option: str, *, replace: bool) -> None:
    """Refuse a file that must not or cannot stand where it shall.

    Raises:
        ConfigError: no such folder, something other than a regular file at its place, a file that
            must not be replaced, or a name that is too long.
    """
    try:
        if not path.parent.is_dir():
            raise ConfigError(
                f"{option} {path}: the folder {path.parent} does not exist. Fix: make it first"
            )
        there = _place_of(path, option).exists()
    except (OSError, ValueError) as error:
        raise _cannot_write(f"{option} {path}", error) from None
    if there and not replace:
        raise ConfigError(f"{option} {path} exists. Fix: another name, or --force to replace it")


def check_room(path: Path, option: str) -> None:
    """Refuse a file whose folder is read-only or full.

    Raises:
        ConfigError: it is.
    """
    _probe(Path(os.path.realpath(path)).parent, f"{option} {path}")


def check_folder(path: Path, option: str) -> None:
    """Refuse, before any work is done, a folder that could not be made or written.

    Args:
        path: the folder; it and its parents may be missing.
        option: what messages call it.

    Raises:
        ConfigError: something else is at its place, or it is read-only or full.
    """
    try:
        there = path
        while not there.exists() and there != there.parent:
            there = there.parent
        if not there.is_dir():
            raise ConfigError(f"{option} {path}: {there} is no folder. Fix: another folder")
    except (OSError, ValueError) as error:
        raise _cannot_write(f"{option} {path}", error) from None
    _probe(there, f"{option} {path}")


def refuse_full_folder(path: Path, option: str, fix: str = "another folder") -> None:
    """Refuse a folder to make that is there and holds something, or is no folder.

    Raises:
        ConfigError: it does, or is not.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ConfigError(f"{option} {path} exists and is not empty. Fix: {fix}")


def refuse_missing(paths: Iterable[Path]) -> None:
    """Refuse inputs that are not there, all of them by name.

    Raises:
        ConfigError: some are not.
    """
    if missing := [str(path) for path in paths if not path.exists()]:
        raise ConfigError(f"no such file or folder: {', '.join(missing)}. Fix: check the path")


def refuse_same_file(outputs: Iterable[tuple[str, Path | None]]) -> None:
    """Refuse outputs that would overwrite each other, or an input.

    Args:
        outputs: what messages call each file, and the file; None is left out.

    Raises:
        ConfigError: two name one file, by whatever way.
    """
    seen: dict[str, str] = {}
    for option, path in outputs:
        if path is None:
            continue
        try:
            real = os.path.realpath(path)
        except ValueError:  # a name that no file can have is none that is overwritten
            continue
        if real in seen:
            raise ConfigError(
                f"{seen[real]} and {option} name the same file {path}. Fix: another name"
            )
        seen[real] = option


def refuse_inputs(outputs: Iterable[tuple[str, Path | None]], inputs: Iterable[Path]) -> None:
    """Refuse outputs that would replace what is read, whatever may be replaced otherwise.

    Args:
        outputs: what messages call each file, and the file; None is left out.
        inputs: files, and folders all of whose files are inputs.

    Raises:
        ConfigError: one would.
    """
    there: dict[Path, str] = {}  # each file and all the folders above it
    for option, path in outputs:
        if path is not None and os.path.isfile(path):
            real = Path(os.path.realpath(path))
            there |= dict.fromkeys((real, *real.parents), f"{option} {path}")
    for place in inputs if there else ():
        if what := there.get(Path(os.path.realpath(place))):
            raise ConfigError(f"{what} would replace a file that is read. Fix: another place")


def _place_of(path: Path, option: str) -> Path:
    """Where a file is really written: behind symbolic links, and a regular file if anything."""
    try:
        target = Path(os.path.realpath(path))
        mode = target.lstat().st_mode
    except FileNotFoundError:
        return target
    except (OSError, ValueError) as error:
        raise _cannot_write(f"{option} {path}".strip(), error) from None
    if not stat.S_ISREG(mode):
        kind = KINDS.get(stat.S_IFMT(mode), "no regular file")
        if stat.S_ISLNK(mode):
            kind = "a link to itself"
        raise ConfigError(f"{option} {path} is {kind}".strip() + ". Fix: the name of a file")
    return target


def _probe(folder: Path, what: str) -> None:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(PROBE))
    except OSError as error:
        raise _cannot_write(what, error) from None


def _cannot_write(what: str, error: OSError | ValueError) -> ConfigError:
    said = getattr(error, "strerror", None) or error
    return ConfigError(f"{what} cannot be written: {said}. Fix: make room, or another place")


def _end_of(name: str) -> str:
    """The last characters of a name that fit into LONGEST_ENDING bytes."""
    while len(os.fsencode(name)) > LONGEST_ENDING:
        name = name[1:]
    return name


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """A path to write to; it becomes `path` when the block ends well, and is removed otherwise.

    Raises:
        OSError: the folder cannot be written.
        ConfigError: there is something at the place that is no regular file.
    """
    target = _place_of(path, "")
    # named before it is made: whatever interrupts its making finds it
    temporary = target.parent / f".{secrets.token_hex(8)}.{_end_of(target.name)}"
    try:
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        yield temporary
        os.chmod(temporary, 0o644)
        rename_over(temporary, target)
    except BaseException:
        with suppress(OSError):  # it was not made, or is in use: what happened matters more
            temporary.unlink()
        raise


def write_beside(path: Path, write: Callable[[Any], None]) -> None:
    """Write a file by a function that is called with the open binary file.

    Raises:
        RunFailed: the folder is missing, read-only or full.
        ConfigError: there is something at the place that is no regular file.
    """
    try:
        with written_beside(path) as temporary, open(temporary, "wb") as file:
            write(file)
    except OSError as error:
        raise RunFailed(
            f"cannot write {path}: {error.strerror or error}. Fix: make room, or another folder"
        ) from None


def write_text(path: Path, text: str) -> None:
    """Write text as UTF-8, line ends as they are; bytes of names that are not UTF-8 come back.

    Raises:
        RunFailed: the folder is missing, read-only or full.
        ConfigError: there is something at the place that is no regular file.
    """
    write_beside(path, lambda file: file.write(text.encode("utf-8", "surrogateescape")))


def state_of(status: os.stat_result) -> str:
    """Size and times of a file as text: differs once its content does.

    The time of change counts besides that of modification, which tools set back at will.
    """
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"
