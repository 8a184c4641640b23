"""What a run writes of its epochs: a table, and TensorBoard's events where that is installed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmark_kit.files import write_text

OF_A_GAME = "discriminator_loss"  # a column where a row has it
COLUMNS = (
    "epoch",
    "loss",
    OF_A_GAME,
    "val_loss",
    "learning_rate",
    "images",
    "seconds",
    "images_per_second",
)


def write_log(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write all rows anew: after `resume` none is there twice.

    Args:
        path: the file, `.csv`.
        rows: one an epoch, from 1; `images` learned from and the `seconds` it took, the validation
            included. A value that an epoch does not have stays empty.

    Raises:
        RunFailed: the folder cannot be written.
    """
    rows = list(rows)
    game = any(OF_A_GAME in row for row in rows)
    columns = [name for name in COLUMNS if game or name != OF_A_GAME]
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _shown(row.get(name)) for name in columns} for row in rows)
    write_text(path, table.getvalue())


def _shown(value: Any) -> str:
    return "" if value is None else format(value, ".6g") if isinstance(value, float) else str(value)


class EventLog:
    """TensorBoard's events of a run; where TensorBoard is not installed, nothing.

    Args:
        folder: where events go; made with the first one.
    """

    def __init__(self, folder: Path):
        try:
            from tensorboard.summary import Writer
        except ImportError:
            self._writer = None
        else:
            self._writer = Writer(str(folder))

    def add(self, row: Mapping[str, Any]) -> None:
        """One epoch's numbers."""
        if self._writer is None:
            return
        for name in COLUMNS[1:]:
            if row.get(name) is not None:
                self._writer.add_scalar(name, row[name], step=row["epoch"])
        self._writer.flush()

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.close()
