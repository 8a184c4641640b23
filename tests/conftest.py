"""Fixtures that every test may use."""

import csv
import functools
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

# oneDNN keeps the scratch memory of every convolution that a process ever ran: 12 GB after all
# networks. Commands that tests start run with it, as they do for users.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_configure():
    """A shell's background job ignores Ctrl-C, one under nohup the end of its terminal, and so
    would every process started from them.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


LONGEST = ("test_under_jax.py", "test_all_models.py", "test_every_recipe.py")


def pytest_collection_modifyitems(items):
    """The longest files first: two processes share the files, and neither ends with one of them."""
    place = {name: k for k, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONGEST)))


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """No test touches the user's cache directory."""
    before = os.environ.get("KERAS_SALIENCY_CACHE")
    os.environ["KERAS_SALIENCY_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["KERAS_SALIENCY_CACHE"]
    else:
        os.environ["KERAS_SALIENCY_CACHE"] = before


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the checkout; tests that need it are skipped without it."""
    if not SHARED.is_dir():
        pytest.skip(f"needs the shared data folder {SHARED.name!r} beside the checkout")
    return SHARED


@pytest.fixture(scope="session", autouse=True)
def _authors_tables():
    """Point models at the authors' tables where the shared data have them."""
    folder = SHARED / "data" / "classical_bases"
    files = {"AIM_BASES": "", "GBVS_DKL": "gbvs_dkl.npz", "SUN_STATS": "sun_stats.mat"}
    patch = pytest.MonkeyPatch()
    for variable, name in files.items():
        if variable not in os.environ and (folder / name).exists():
            patch.setenv(variable, str(folder / name))
    yield
    patch.undo()


class FolderSet:
    """A generated data set in the `folder` layout, with maps for it."""

    def __init__(self, root: Path, images: int = 6, size=(48, 64), seed: int = 0):
        from benchmark_kit.imaging.density import blur_points
        from benchmark_kit.imaging.images import quantise, write_png

        self.root, self.maps = root / "data", root / "maps"
        self.names = []
        rows = []
        for k in range(images):
            rng = np.random.default_rng([seed, k])
            category = ("indoor", "outdoor")[k % 2]
            # two sizes, so that everything that depends on size is met
            height, width = size if k % 3 else (size[0] + 8, size[1] - 4)
            name = f"{category}/{k:03d}"
            self.names.append(name)
            for folder in (self.root / "stimuli" / category, self.maps / category):
                folder.mkdir(parents=True, exist_ok=True)
            picture = rng.integers(0, 256, (height, width, 3)).astype(np.uint8)
            write_png(self.root / "stimuli" / f"{name}.png", picture)
            centre = rng.uniform(0.25, 0.75, 2) * (width, height)
            for subject in range(4):
                for order in range(5):
                    x, y = rng.normal(centre, (width / 8, height / 8)).clip(
                        0, (width - 1, height - 1)
                    )
                    rows.append((f"{name}.png", x, y, subject, order, 0.25))
            index = (np.array([r[2] for r in rows[-20:]]).astype(int) * width) + np.array(
                [r[1] for r in rows[-20:]]
            ).astype(int)
            values = blur_points(index, (height, width), 6.0) + 0.002 * rng.random((height, width))
            write_png(self.maps / f"{name}.png", quantise(values))
        with open(self.root / "fixations.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["image", "x", "y", "subject", "order", "duration"])
            writer.writerows(rows)

    def truths(self):
        from benchmark_kit.datasets import get_dataset

        return get_dataset("folder", self.root, cache=False)


@pytest.fixture
def folder_set(tmp_path) -> FolderSet:
    """Six generated images in two categories and two sizes, with good maps."""
    return FolderSet(tmp_path)


@pytest.fixture(scope="session")
def make_folder_set():
    """The class itself, for tests that need other numbers of images."""
    return FolderSet


@functools.cache
def options_of(words=()):
    """Options of `salbench`, of one of its commands, or none of what is no command."""
    import click

    from benchmark_kit.cli import cli

    command = cli
    for word in words:
        if not isinstance(command, click.Group):
            return frozenset()
        found = command.get_command(click.Context(command), word)
        if found is None:
            return frozenset()
        command = found
    known = {name for parameter in command.params for name in parameter.opts}
    return frozenset({*known, "--help", "--version"})


def strange_options(arguments, text):
    """Options in what a command says that neither it has nor a command named on the same line."""
    words = []
    for argument in arguments:
        if not options_of((*words, argument)):
            break
        words.append(argument)
    given = " ".join(arguments)
    strange = set()
    for line in text.splitlines():
        known = set(options_of(tuple(words)))
        for first, second in re.findall(r"\bsalbench ([a-z-]+)(?: ([a-z]+))?", line):
            known |= options_of((first,)) | options_of((first, second))
        said = re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*", line)
        strange |= {word for word in said if word not in known and word not in given}
    return strange


@pytest.fixture(scope="session")
def salbench():
    """Run the command in a process of its own: `salbench(*arguments)` -> CompletedProcess.

    Whatever it says may only name options that it has, or that a command has which it names.
    """

    def run(*arguments, **options):
        code = "from benchmark_kit.cli import main; main()"
        command = [sys.executable, "-c", code, *map(str, arguments)]
        options.setdefault("timeout", 600)
        without = {k: v for k, v in os.environ.items() if k != "TF_ENABLE_ONEDNN_OPTS"}
        options.setdefault("env", without)
        done = subprocess.run(command, capture_output=True, text=True, **options)
        strange = strange_options(command[3:], done.stdout + done.stderr)
        assert not strange, f"no such options of this command: {sorted(strange)}\n{done.stderr}"
        return done

    return run
