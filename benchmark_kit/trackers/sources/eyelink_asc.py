"""EyeLink ASC files, as SR Research's `edf2asc` writes them of recordings.

    MSG 2095 TRIALID 7            begins a trial; without such messages START does
    MSG 2096 !V TRIAL_VAR image beach.jpg      the trial's picture, wherever it stands in the trial
    MSG 2096 IMAGE beach.jpg      likewise, from this moment to the next such message
    MSG 2096 !V IMGLOAD CENTER beach.jpg 960 540 800 600        likewise, and where it stood
    MSG 2097 SYNCTIME             the picture is on: fixations that began before are left out
    START … END                   a recording
    EFIX R 2100 2298 199 512.3 380.1 1045      a fixation by the tracker's own parser: eye, start,
                                  end, duration in ms, x, y in pixels of the screen, pupil
    2100 512.0 380.4 1040         a sample: time, x, y, pupil; of both eyes twice x, y, pupil

Of two eyes the one with more fixations (samples: with fewer missing) is taken, the right one if
equal. The format is described in the EyeLink user manuals; this was tried on generated files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.trackers.export import Export
from benchmark_kit.trackers.eyes import LEFT_OUT as OTHER_EYE
from benchmark_kit.trackers.eyes import of_one_eye
from benchmark_kit.trackers.source import Source, plain_export, plain_preset

NAME, TITLE = "eyelink-asc", "EyeLink ASC, events of the tracker's parser"
SAMPLES_TITLE = "EyeLink ASC, samples"
IMAGE_NAMES = ("image", "trial_image", "image_file", "imagefile", "img", "stimulus", "picture")
ONSETS = ("SYNCTIME", "DISPLAY ON", "DISPLAY_ON")
SHOWN_LINES = 200  # of a file that are looked at to recognise it


@dataclass
class _Trial:
    """What is known of a trial while its lines are read."""

    name: str
    image: str | None = None  # by a variable: of the whole trial
    pictures: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    onset: float | None = None
    fixations: list[tuple[int, str, float, float, str, str]] = field(default_factory=list)
    samples: list[tuple[int, float, list[str]]] = field(default_factory=list)

    def settle(self) -> None:
        """A picture that is named only after the recording was there all the time."""
        starts = [one[2] for one in self.fixations] + [one[1] for one in self.samples]
        if self.image is None and len(self.pictures) == 1 and starts:
            time, shown = self.pictures[0]
            if time > max(starts):
                self.image = shown["image"]

    def shown_at(self, time: float) -> dict[str, Any] | None:
        """The picture at a moment; None before the first."""
        if self.image is None and not self.pictures:
            return {"image": ""}
        if self.onset is not None and time < self.onset:
            return None
        if self.image is not None:
            where = self.pictures[-1][1] if self.pictures else {}
            return {**where, "image": self.image}
        if self.onset is not None and len(self.pictures) == 1:
            return self.pictures[0][1]
        return next((shown for start, shown in reversed(self.pictures) if start <= time), None)


def looks_like(path: Path) -> bool:
    """Whether a file is one: by its extension and its first lines."""
    if path.suffix.lower() != ".asc":
        return False
    with open(path, encoding="utf-8", errors="replace") as file:
        words = {word for line in islice(file, SHOWN_LINES) for word in line.split()[:1]}
    return bool(words & {"**", "MSG", "START", "EFIX", "SFIX"})


def read(paths: Sequence[Path], columns: Mapping[str, str], *, samples: bool = False) -> Source:
    """Fixations of ASC files, each of one observer named as the file, or their samples.

    Args:
        paths: the files.
        columns: `image` -> name of the variable or first words of the message that tells the
            picture; nothing else.
        samples: give samples (`start` is their time), not the parser's fixations.

    Raises:
        ConfigError: another role than `image`.
        InputError: no ASC file, no fixation in it, or coordinates that are not pixels.
    """
    if strange := sorted(set(columns) - {"image"}):
        raise ConfigError(
            f"--map {strange[0]}=…: ASC files have no columns. Fix: --map image=NAME alone, the "
            "variable or message that tells the picture"
        )
    wanted = columns.get("image")
    exports, left_out, screens, eyes = [], Counter[str](), set(), []
    for path in paths:
        found = _File(path, wanted, samples)
        exports.append(found.export(left_out))
        screens |= found.screens
        eyes.append(f"{path.name}: {found.eye}")
    title = SAMPLES_TITLE if samples else TITLE
    return Source(
        exports,
        plain_preset(NAME, title, "ms"),
        screen=screens.pop() if len(screens) == 1 else None,
        left_out=left_out,
        notes=(f"eyes: {', '.join(eyes)}",) if any("of two" in eye for eye in eyes) else (),
    )


class _File:
    """One file, read line by line.

    Args:
        path: the file.
        wanted: what tells the picture, or None: the usual names.
        samples: keep samples instead of fixations.
    """

    def __init__(self, path: Path, wanted: str | None, samples: bool):
        self.path, self.samples = path, samples
        self.wanted = IMAGE_NAMES if wanted is None else (wanted.casefold(),)
        self.screens: set[tuple[float, float]] = set()
        self.trials: list[_Trial] = []
        self.named = self.recording = self.binocular = False
        self.upcoming: list[tuple[float, dict[str, Any]]] = []
        self.eye = ""
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            for number, line in enumerate(file, start=1):
                words = line.split()
                if words:
                    try:
                        self._take(number, words)
                    except (ValueError, IndexError):
                        raise InputError(
                            f"{path}, line {number}: no line of an ASC file: "
                            f"{line.strip()[:60]!r}. Fix: convert the EDF file again by edf2asc"
                        ) from None

    def _take(self, number: int, words: list[str]) -> None:
        first = words[0]
        if first == "MSG":
            self._message(float(words[1]), words[2:])
        elif first == "START":
            self.recording = True
            if not self.named:
                self._begin(str(len(self.trials) + 1))
        elif first == "END":
            self.recording = False
        elif first in ("EVENTS", "SAMPLES"):
            if (first == "SAMPLES") == self.samples and len(words) > 1 and words[1] != "GAZE":
                raise InputError(
                    f"{self.path}, line {number}: {first.lower()} are {words[1]}, not GAZE. Fix: "
                    "edf2asc without -sh and -eh, whose coordinates are no pixels"
                )
            if first == "SAMPLES":
                self.binocular = "LEFT" in words and "RIGHT" in words
        elif first == "EFIX" and not self.samples:
            start, _, duration = (float(word) for word in words[2:5])
            self._trial().fixations.append((number, words[1], start, duration, words[5], words[6]))
        elif self.samples and first[0].isdigit():
            if len(words) < (6 if self.binocular else 3):
                raise ValueError
            self._trial().samples.append((number, float(first), words[1:]))

    def _trial(self) -> _Trial:
        if not self.trials:
            self._begin("1")
        return self.trials[-1]

    def _begin(self, name: str) -> None:
        self.trials.append(_Trial(name, pictures=self.upcoming))
        self.upcoming = []

    def _message(self, time: float, words: list[str]) -> None:
        if len(words) > 1 and words[0].lstrip("-").isdigit():  # how much too late it was sent
            time, words = time - float(words[0]), words[1:]
        text = " ".join(words)
        if words[:1] == ["TRIALID"]:
            self.named = True
            self._begin(" ".join(words[1:]) or str(len(self.trials) + 1))
        elif words[:1] in (["DISPLAY_COORDS"], ["GAZE_COORDS"]):
            numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]
            if len(numbers) == 4:
                left, top, right, bottom = numbers
                self.screens.add((round(right - left + 1), round(bottom - top + 1)))
        elif words[:2] == ["!V", "TRIAL_VAR"] and len(words) > 3:
            if words[2].casefold() in self.wanted:
                self._trial().image = " ".join(words[3:])
        elif text.startswith(ONSETS):
            if self._trial().onset is None:
                self._trial().onset = time
        elif shown := self._picture(words, text):
            where = self.upcoming if not self.named and not self.recording else None
            (self._trial().pictures if where is None else where).append((time, shown))

    def _picture(self, words: list[str], text: str) -> dict[str, Any] | None:
        """What a message tells of a picture, as roles."""
        if words[:2] == ["!V", "IMGLOAD"] and len(words) > 3 and self.wanted == IMAGE_NAMES:
            return _loaded(words[2], words[3:])
        for name in self.wanted:
            rest = text[len(name) :]
            if text[: len(name)].casefold() == name and rest[:1] in (" ", ":", "="):
                return {"image": rest.lstrip(" :=").strip()}
        return None

    def export(self, left_out: Counter[str]) -> Export:
        """The file's table; what is left out is counted."""
        rows = list(self._samples() if self.samples else self._fixations(left_out))
        if not rows:
            kind = "sample" if self.samples else "fixation (EFIX)"
            fix = (
                "edf2asc without -ns and -e"
                if self.samples
                else "edf2asc without -ne and -s; or detect fixations in its samples: --detect ivt"
            )
            raise InputError(f"{self.path} has no {kind}. Fix: {fix}")
        for trial in self.trials:
            trial.settle()
        kept = []
        for number, row, trial in rows:
            shown = trial.shown_at(row["start"])
            if shown is None:
                left_out["before the picture"] += 1
                continue
            where = {role: shown.get(role) for role in ("left", "top", "width", "height")}
            values = {"image": shown["image"], **row, "trial": trial.name}
            kept.append((number, {**values, **where, "subject": self.path.stem}))
        return plain_export(self.path, kept)

    def _fixations(self, left_out: Counter[str]) -> Iterator[tuple[int, dict[str, Any], _Trial]]:
        every = [(trial, one) for trial in self.trials for one in trial.fixations]
        counts = of_one_eye([("", "", one[1]) for _, one in every])
        eye = next((one[1] for (_, one), mine in zip(every, counts, strict=True) if mine), "")
        self.eye = eye if all(counts) else f"{eye} of two"
        for (trial, (number, _, start, duration, x, y)), mine in zip(every, counts, strict=True):
            if not mine:
                left_out[OTHER_EYE] += 1
                continue
            yield number, {"x": x, "y": y, "start": start, "duration": duration}, trial

    def _samples(self) -> Iterator[tuple[int, dict[str, Any], _Trial]]:
        first = 0
        if self.binocular:
            every = [words for trial in self.trials for _, _, words in trial.samples]
            lost = [sum(words[k] == "." for words in every) for k in (0, 3)]
            first = 0 if lost[0] < lost[1] else 3
            self.eye = f"{'RL'[first == 0]} of two"
        for trial in self.trials:
            for number, time, words in trial.samples:
                yield number, {"x": words[first], "y": words[first + 1], "start": time}, trial


def _loaded(how: str, rest: list[str]) -> dict[str, Any] | None:
    """A picture that Data Viewer is told to draw: its name, and where if its size is told."""
    numbers: list[float] = []
    while rest and len(numbers) < 4:
        try:
            numbers.insert(0, float(rest[-1]))
        except ValueError:
            break
        rest = rest[:-1]
    if not rest:
        return None
    shown: dict[str, Any] = {"image": " ".join(rest)}
    if len(numbers) == 4 and how in ("CENTER", "TOP_LEFT"):
        x, y, width, height = numbers
        left, top = (x, y) if how == "TOP_LEFT" else (x - width / 2, y - height / 2)
        shown.update(left=left, top=top, width=width, height=height)
    return shown
