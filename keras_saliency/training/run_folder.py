"""The folder of a training run: where everything lies, and whether a run may begin or go on there.

    run.json      configuration, versions, fingerprints of the data and of the start
    split.json    which picture learns and which one judges
    log.csv       one row an epoch; curves.png draws it
    last.npz      the whole state, from which --resume goes on
    best.keras    the network of the best epoch, for load_model and salbench predict
    results.json  its scores on the validation part; report.html shows them

`run.json` is written last of what begins a run, so a folder that has it can be resumed.
"""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.containers.text import read_json
from benchmark_kit.errors import ConfigError, InputError, RunFailed
from benchmark_kit.files import check_folder, write_text

FORM = 1  # of run.json
PACKAGES = ("keras-saliency", "keras", "tensorflow", "jax", "numpy", "scipy", "pillow")
GO_ON = "the same command with --resume (resume=True) goes on"
OURS = ("run.json", "last.npz", "best.keras", "log.csv", "curves.png")  # written beside first
SPLITS = re.compile(r"split(-.+)?\.json")


class RunFolder:
    """A run's folder.

    Args:
        path: it and its parents may be missing until `begin`.

    Attributes:
        path: the folder.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path).expanduser()

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    @property
    def run(self) -> Path:
        """The configuration."""
        return self.path / "run.json"

    @property
    def last(self) -> Path:
        """The newest checkpoint."""
        return self.path / "last.npz"

    @property
    def best(self) -> Path:
        """The network of the best epoch."""
        return self.path / "best.keras"

    def check(self, resume: bool) -> bool:
        """Refuse a folder that is not ours to write, before any work is done.

        Args:
            resume: whether a run may go on in it.

        Returns:
            whether there is a run to go on with; a folder without one begins anew.

        Raises:
            ConfigError: it holds something and `resume` is not asked for, it holds no run of ours,
                or it cannot be written.
        """
        check_folder(self.path, "--out")
        if self.run.is_file():
            if not resume:
                raise ConfigError(f"--out {self.path} holds a run. Fix: another folder; or {GO_ON}")
            for name in OURS:  # half-written files of a process that was killed
                for left in self.path.glob(f".*.{name}"):
                    left.unlink()
            return True
        strange = [p.name for p in self.path.iterdir()] if self.path.is_dir() else []
        if resume:  # but for what a run leaves that was stopped while it began
            strange = [n for n in strange if not (n.endswith(OURS) or SPLITS.fullmatch(n))]
        if strange:
            raise ConfigError(
                f"--out {self.path} is not empty and holds no training run ({strange[0]}). "
                "Fix: a folder that does not exist yet"
            )
        return False

    def begin(self, configuration: Mapping[str, Any]) -> None:
        """Write `run.json`.

        Args:
            configuration: `settings`, which must not change before the run has ended, and what else
                is worth knowing.

        Raises:
            RunFailed: the folder cannot be written.
        """
        self.make()
        about = {"form": FORM, **configuration, "versions": versions()}
        write_text(self.run, json.dumps(about, indent=1, default=str) + "\n")

    def make(self) -> None:
        """Make the folder.

        Raises:
            RunFailed: it cannot be made.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunFailed(
                f"cannot make {self.path}: {error.strerror}. Fix: another --out"
            ) from None

    def begun(self) -> dict[str, Any]:
        """What `run.json` says.

        Raises:
            InputError: it is damaged.
        """
        try:
            found = read_json(self.run)
            if found["form"] != FORM or not isinstance(found["settings"], dict):
                raise KeyError("settings")
        except (DamagedFile, KeyError, TypeError):
            raise InputError(
                f"{self.run} is no configuration of a run that this version wrote. "
                "Fix: another folder, and begin again"
            ) from None
        return found

    def refuse_changes(self, settings: Mapping[str, Any]) -> None:
        """Refuse to go on with other settings than the run began with.

        Args:
            settings: those of now; what JSON makes of them is compared.

        Raises:
            ConfigError: some differ; each is named with both values.
        """
        before = self.begun()["settings"]
        now = json.loads(json.dumps(dict(settings), default=str))
        differ = [
            f"{key}: it began with {_short(before.get(key))}, now {_short(now.get(key))}"
            for key in dict.fromkeys((*before, *now))
            if before.get(key) != now.get(key)
        ]
        if differ:
            raise ConfigError(
                "\n  ".join(
                    [
                        f"{self.path} was begun with other settings. "
                        "Fix: the same ones, or another --out:",
                        *differ,
                    ]
                )
            )


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that make a run's numbers; those installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 200 else f"{text[:200]} …"
