"""Epochs of training: learn, judge, keep what is needed to go on.

Batches are the same for the same seed, epoch and step, and a checkpoint holds every variable, so a
run that was killed and goes on ends with the same weights, to the last bit on one device. Backend
neutral: a step is one call of the compiled network.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import keras
import numpy as np

from benchmark_kit.imaging.images import write_png
from keras_saliency.training.best_network import BestNetwork
from keras_saliency.training.checkpoint import save_state
from keras_saliency.training.curves import draw_curves
from keras_saliency.training.health import check_loss, check_maps, check_weights
from keras_saliency.training.log import OF_A_GAME, EventLog, write_log
from keras_saliency.training.run_folder import RunFolder
from keras_saliency.training.steps import Steps

BETWEEN = 300.0  # seconds between checkpoints inside an epoch, at least
TOLD = (("loss", "loss"), (OF_A_GAME, "discriminator"), ("val_loss", "validation"))
START: dict[str, Any] = {
    "epoch": 0,
    "step": 0,
    "sums": {},
    "images": 0,
    "seconds": 0.0,
    "rows": [],
    "best": None,
    "stage": 0,
}


class Loop:
    """Training of one compiled network.

    Args:
        steps: what learns and judges.
        batches: to learn from, `keras_saliency.data.Batches`.
        validation: the same, to judge by.
        folder: where everything goes.
        epochs: in all.
        last: number of epochs after which this loop ends; None: all.
        rates: learning rates of the epochs (`chain.Rates`), or None.
        position: where to begin; `START`, or what a checkpoint held.
        minutes: training ends after so many of this call, or None.
        progress: called with (pictures done, pictures in all).
        on_note: called with a line for every epoch.
    """

    def __init__(
        self,
        steps: Steps,
        batches: Any,
        validation: Any,
        folder: RunFolder,
        epochs: int,
        *,
        last: int | None = None,
        rates: Any = None,
        position: dict[str, Any] | None = None,
        minutes: float | None = None,
        progress: Callable[[int, int], None] | None = None,
        on_note: Callable[[str], None] | None = None,
    ):
        self.steps, self.model = steps, steps.model
        self.batches, self.validation, self.folder, self.epochs = (
            batches,
            validation,
            folder,
            epochs,
        )
        self.last, self.rates = epochs if last is None else last, rates
        self.position = {**START, "rows": [], **(position or {})}
        self.progress, self.on_note = progress, on_note
        self._an_epoch = sum(len(batches.names(0, step)) for step in range(batches.steps))
        self._best = BestNetwork(folder.best)
        self._events = EventLog(folder / "tensorboard")
        self._ends = None if minutes is None else time.monotonic() + 60 * minutes

    def run(self) -> bool:
        """Train until the last epoch is done or the time is up.

        Returns:
            whether it is.

        Raises:
            RunFailed: training broke, or the folder cannot be written; the last checkpoint stands.
        """
        try:
            while self.position["epoch"] < self.last:
                if not self._learn_epoch():
                    return False
            return True
        finally:
            self._events.close()

    def save(self) -> None:
        """Write the checkpoint."""
        if not self.steps.writes:
            return
        save_state(self.folder.last, self.steps.variables, self.position)

    def _learn_epoch(self) -> bool:
        here, epoch = self.position, self.position["epoch"]
        saved = time.monotonic()
        self._began = saved - here["seconds"]
        before: tuple[str, ...] = ()
        begin = here["step"]
        if self.rates is not None:
            self.rates.start(epoch)
        # closed here: what interrupts a generator that is left to be collected is lost
        with closing(self.batches.stream(epoch, begin)) as stream:
            for step, (inputs, targets) in enumerate(stream, begin):
                names = self.batches.names(epoch, step)
                place = f"epoch {epoch + 1}, step {step + 1}"
                count = _count(inputs)
                for name, loss in self.steps.learn(inputs, targets).items():
                    check_loss(loss, place, names, before)
                    total, learned = here["sums"].get(name, (0.0, 0))
                    here["sums"] = {
                        **here["sums"],
                        name: (total + loss * count, learned + count),
                    }
                here["images"] += count
                here["step"], here["seconds"] = step + 1, time.monotonic() - self._began
                before = names
                self._tell_progress()
                if here["step"] == self.batches.steps:
                    break
                late = self._ends is not None and time.monotonic() > self._ends
                if late or time.monotonic() - saved > BETWEEN:
                    check_weights(self.model, place, names)
                    if late:
                        self._keep_best(self._judged(), epoch + here["step"] / self.batches.steps)
                    self.save()
                    saved = time.monotonic()
                if late:
                    return False
        self._end_epoch(before)
        return self._ends is None or time.monotonic() < self._ends or here["epoch"] == self.last

    def _end_epoch(self, names: tuple[str, ...]) -> None:
        """Judge, keep the best, and put down the row and the checkpoint that begins the next."""
        here = self.position
        number = here["epoch"] + 1
        place = f"epoch {number}"
        check_weights(self.model, place, names)
        pictures = self.validation.arrays(0, 0)[0]
        steps = number * self.batches.steps
        check_maps(self.model, pictures, place, self.validation.names(0, 0), steps)
        row = {
            "epoch": number,
            "loss": None,  # of a game whose generator had no turn
            **{name: total / learned for name, (total, learned) in here["sums"].items()},
            "val_loss": self._judged(),
            "learning_rate": _learning_rate(self.model),
            "images": here["images"],
        }
        self._keep_best(row["val_loss"], number)
        row["seconds"] = time.monotonic() - self._began
        row["images_per_second"] = here["images"] / max(here["seconds"], 1e-9)
        here["rows"] = [*here["rows"], row]
        ends = self.rates is not None and self.rates.end(row)
        done = {"rows": here["rows"], "best": here["best"], "stage": here["stage"]}
        here |= {**START, **done, "epoch": self.last if ends else number}
        self.save()
        if self.steps.writes:
            self._events.add(row)
        self.write_log()
        if self.on_note is not None:
            left = (self.epochs - number) * row["seconds"]
            if self._ends is not None:
                left = min(left, max(0.0, self._ends - time.monotonic()))
            told = [f"{what} {row[name]:.4g}" for name, what in TOLD if row.get(name) is not None]
            self.on_note(
                f"epoch {number}/{self.epochs}: {', '.join(told)}"
                f"{' (best)' if here['best']['epoch'] == number else ''}, "
                f"{row['images_per_second']:.3g} pictures/s"
                + (f", {_minutes(left)} left" if left else "")
            )

    def write_log(self) -> None:
        """Write the table of the epochs and its picture."""
        rows = self.position["rows"]
        if not self.steps.writes:
            return
        write_log(self.folder / "log.csv", rows)
        if rows:
            write_png(self.folder / "curves.png", draw_curves(self.model.name, rows))

    def _keep_best(self, loss: float, epoch: float) -> None:
        best = self.position["best"]
        if best is None or loss < best["val_loss"]:
            if self.steps.writes:
                self._best.write(self.model)
            self.position["best"] = {"epoch": epoch, "val_loss": loss}

    def _judged(self) -> float:
        total, count = 0.0, 0
        for step, (inputs, targets) in enumerate(self.validation.stream(0)):
            loss = self.steps.judge(inputs, targets)
            check_loss(loss, "validation", self.validation.names(0, step), ())
            total += loss * _count(inputs)
            count += _count(inputs)
        return total / count

    def _tell_progress(self) -> None:
        if self.progress is not None:
            here = self.position
            done = here["epoch"] * self._an_epoch + here["images"]
            self.progress(done, self.epochs * self._an_epoch)


def _count(inputs: Any) -> int:
    return len(keras.tree.flatten(inputs)[0])


def _learning_rate(model: Any) -> float:
    return float(np.asarray(keras.ops.convert_to_numpy(model.optimizer.learning_rate)))


def _minutes(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
