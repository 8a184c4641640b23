"""The commands where modules of POSIX are missing and open files cannot be replaced."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from benchmark_kit import systems
from benchmark_kit.imaging.images import write_png

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the real thing is at hand")
ROOT = Path(__file__).resolve().parents[1]
MAIN = "from benchmark_kit.cli import main; main()"


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """Start Python code in a process that is like one on Windows."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copyfile(Path(__file__).with_name("windows_like.py"), folder / "sitecustomize.py")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
        "PYTHONWARNDEFAULTENCODING": "1",
        "PYTHONIOENCODING": "cp1252",
    }

    def started(code, *arguments, cwd):
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            cwd=cwd,
            env=environment,
            capture_output=True,
            encoding="cp1252",
        )

    return started


@pytest.fixture
def salbench(start, tmp_path):
    """Run a command; it must end well and tell of no inner trouble."""

    def run(*arguments, status=0):
        done = start(MAIN, *arguments, cwd=tmp_path)
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


def test_the_disguise_holds(start, tmp_path):
    code = """
import importlib, os, signal
from pathlib import Path
for name in ("fcntl", "resource"):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        print("no", name)
print(hasattr(signal, "SIGHUP"), hasattr(os, "fork"))
with open("a", "w", encoding="utf-8"):
    try:
        os.replace("a", "b")
    except PermissionError as error:
        print(error.winerror)
    try:
        Path("a").unlink()
    except PermissionError:
        print("kept")
"""
    done = start(code, cwd=tmp_path)
    assert done.stdout.split("\n")[:5] == ["no fcntl", "no resource", "False False", "32", "kept"]


def test_scores_in_two_processes(salbench, folder_set, tmp_path):
    line = [folder_set.maps, "--dataset", "folder", "--root", folder_set.root, "--reproducible"]
    done = salbench("evaluate", *line, "--workers", 2, "--out", "r.json")
    assert "NSS" in done.stdout
    here = [sys.executable, "-c", MAIN, "evaluate", *map(str, line)]
    subprocess.run([*here, "--out", "here.json"], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "r.json").read_bytes() == (tmp_path / "here.json").read_bytes()
    salbench("report", "r.json", "--out", "report.html")
    assert not list(tmp_path.glob("*.journal"))


def test_a_run_is_resumed_and_two_at_once_are_refused(start, salbench, folder_set, tmp_path):
    line = ["evaluate", str(folder_set.maps), "--dataset", "folder", "--root"]
    line += [str(folder_set.root), "--out", str(tmp_path / "r.json")]
    killed = """
import os
from benchmark_kit.cli import main
from benchmark_kit.scoring import journal, worker
score, told = worker.score_task, []
def dies(*arguments):
    told.append(1)
    if len(told) > 3:
        os._exit(9)
    return score(*arguments)
worker.score_task = dies
main()
"""
    assert start(killed, *line, "--workers", 1, cwd=tmp_path).returncode == 9
    assert (tmp_path / "r.json.journal").is_file()
    with open(tmp_path / "r.json.journal", "r+b") as file:
        # what another process has locked, as the stand-in of msvcrt does
        import fcntl

        fcntl.lockf(file, fcntl.LOCK_EX, 1, systems.LOCKED_AT)
        done = salbench(*line, "--resume", status=2)
        assert "another run is writing" in done.stderr
    salbench(*line, "--resume")
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["images"]


def test_hdf5_maps_are_walked_by_another_process(salbench, folder_set, tmp_path):
    with h5py.File(tmp_path / "maps.h5", "w") as file:
        for name in folder_set.names:
            file[name] = np.asarray(Image.open(folder_set.maps / f"{name}.png"))
    salbench("evaluate", "maps.h5", "--dataset", "folder", "--root", folder_set.root, "-q")


def test_a_photograph_gets_its_map(salbench, tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (60, 80, 3)).astype(np.uint8)
    write_png(tmp_path / "photo.png", picture)
    salbench("predict", "photo.png")
    assert (tmp_path / "saliency-maps" / "photo.png").is_file()


@pytest.mark.slow
def test_a_package_is_written_and_read_back(salbench, tmp_path):
    for folder in ("stimuli", "maps"):
        (tmp_path / folder).mkdir()
    rng = np.random.default_rng(0)
    for k in range(1, 301):
        picture = rng.integers(0, 256, (16, 24, 3), np.uint8)
        Image.fromarray(picture).save(tmp_path / f"stimuli/i{k}.jpg")
        write_png(tmp_path / f"maps/i{k}.png", rng.integers(0, 256, (16, 24), np.uint8))
    board = ("--leaderboard", "mit300", "--stimuli", "stimuli")
    salbench("package", "maps", *board, "--workers", 2, "--out", "net.zip")
    assert (tmp_path / "net.zip.manifest.json").is_file()


@pytest.mark.slow
def test_the_demonstration_runs(salbench, tmp_path):
    salbench("demo", "--out", "demo")
    assert (tmp_path / "demo" / "results").is_dir()


def test_which_signals_end_a_command():
    assert set(systems.stopping_signals()) >= {signal.SIGTERM}


def test_a_rename_is_tried_again_only_where_windows_refuses_it(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"a")
    told = []
    replace = os.replace

    def busy(source, target):
        told.append(1)
        if len(told) < 3:
            error = PermissionError(13, "busy")
            error.winerror = 32
            raise error
        replace(source, target)

    monkeypatch.setattr(systems.os, "replace", busy)
    systems.rename_over(tmp_path / "a", tmp_path / "b")
    assert len(told) == 3
    assert (tmp_path / "b").read_bytes() == b"a"

    def forbidden(source, target):
        told.append(1)
        raise PermissionError(13, "not yours")

    told.clear()
    monkeypatch.setattr(systems.os, "replace", forbidden)
    with pytest.raises(PermissionError):
        systems.rename_over(tmp_path / "b", tmp_path / "c")
    assert len(told) == 1


def test_a_limit_that_is_refused_is_none(monkeypatch):
    class MacOS:
        RLIMIT_AS, RLIM_INFINITY = 5, -1
        getrlimit = staticmethod(lambda what: (-1, -1))

        @staticmethod
        def setrlimit(what, limits):
            raise ValueError("current limit exceeds maximum limit")

    monkeypatch.setattr(systems, "resource", MacOS)
    systems.limit_memory(2**30)
    monkeypatch.setattr(systems, "resource", None)
    systems.limit_memory(2**30)


def test_only_one_file_knows_the_systems():
    """Modules and names that some systems lack stand in `systems.py` alone."""
    words = ("import fcntl", "import resource", "import msvcrt", "import select", "import termios")
    words += ("signal.SIG", "signal.alarm", "pass_fds", "process_group", "os.fork", "winerror")
    guarded = {"benchmark_kit/systems.py"}
    for package in ("benchmark_kit", "keras_saliency"):
        for path in (ROOT / package).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            text = path.read_text(encoding="utf-8").replace("signal.SIG_DFL", "")
            assert name in guarded or not [word for word in words if word in text], name


def test_memory_is_kept_inside_and_given_back():
    code = (
        "import numpy as np\n"
        "from benchmark_kit.systems import kept_memory\n"
        "resident = lambda: int(open('/proc/self/statm').read().split()[1]) // 256\n"
        "before = resident()\n"
        "with kept_memory():\n"
        "    [np.ones(2**20) for _ in range(9)]\n"
        "    inside = resident()\n"
        "print(inside - before, resident() - before)\n"
    )
    if not Path("/proc/self/statm").exists() or systems._allocator() is None:
        pytest.skip("another system's memory")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    inside, after = map(int, done.stdout.split())
    assert inside >= 60  # nine arrays of 8 MB, all freed
    assert after < 30
