"""Make a Python process as much like one on Windows as another system allows.

Started as `sitecustomize`, so that workers are like it too: modules and signals of POSIX are
missing, locks come from a stand-in of `msvcrt`, text files without a named encoding are errors,
and a file that this process has open can neither be replaced nor removed. What cannot be had here:
backslashes in paths, handles instead of descriptors, console code pages.
"""

import errno
import fcntl
import os
import signal
import subprocess  # noqa: F401 (it looks for msvcrt to know where it is)
import sys
import types
import warnings
from pathlib import Path

MISSING = {"fcntl", "resource", "termios", "tty", "pty", "pwd", "grp", "syslog", "readline"}
POSIX_SIGNALS = (
    *("SIGHUP", "SIGTTOU", "SIGTTIN", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGQUIT"),
    *("alarm", "setitimer", "pthread_sigmask", "sigwait"),
)
POSIX_CALLS = (
    *("sched_getaffinity", "getuid", "geteuid", "getgid", "fork", "killpg", "getpgid", "setsid"),
    *("mkfifo", "fchmod", "chown", "posix_spawn", "O_NOFOLLOW", "O_DIRECTORY"),
)


class _Missing:
    def find_spec(self, name, path=None, target=None):
        if name in MISSING:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def _locking(descriptor, mode, size):
    place = os.lseek(descriptor, 0, os.SEEK_CUR)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, size, place)
    except OSError:
        raise PermissionError(errno.EACCES, "Permission denied") from None


def _is_open(path):
    try:
        wanted = os.path.realpath(path)
        held = [os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")]
    except OSError:
        return False
    return wanted in held


def _refusing(function, paths):
    def wrapped(*arguments, **options):
        for path in arguments[:paths]:
            if _is_open(path):
                error = PermissionError(errno.EACCES, "The process cannot access the file", path)
                error.winerror = 32
                raise error
        return function(*arguments, **options)

    return wrapped


for name in MISSING:
    sys.modules.pop(name, None)
sys.meta_path.insert(0, _Missing())
for name in POSIX_SIGNALS:
    if hasattr(signal, name):
        delattr(signal, name)
for name in POSIX_CALLS:
    if hasattr(os, name):
        delattr(os, name)
sys.modules["msvcrt"] = types.SimpleNamespace(locking=_locking, LK_NBLCK=2)
for name, paths in {"replace": 2, "rename": 2, "unlink": 1, "remove": 1}.items():
    setattr(os, name, _refusing(getattr(os, name), paths))
Path.unlink = lambda self, missing_ok=False: _unlink(self, missing_ok)


def _unlink(path, missing_ok):
    try:
        os.unlink(path)
    except FileNotFoundError:
        if not missing_ok:
            raise


if sys.flags.warn_default_encoding:
    ours = r"(benchmark_kit|keras_saliency)($|\.)"
    warnings.filterwarnings("error", category=EncodingWarning, module=ours)
