"""What every arm of a finding is given, and what it gives: maps of the judged pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark_kit.types import Truths

Maps = dict[str, np.ndarray]


@dataclass(frozen=True)
class Work:
    """Pictures, ImageNet weights and limits of a run.

    Args:
        learn: small pictures to learn from.
        judge: small pictures to judge by.
        out: folder for what is kept between runs.
        lite0: weights of EfficientNet-Lite0; None: a random trunk (tests).
        mobilenet: weights of MobileNet v1, alpha 0.75; None: likewise.
        epochs: of every training; None: those of the finding.
    """

    learn: Truths
    judge: Truths
    out: Path
    lite0: Path | None = None
    mobilenet: Path | None = None
    epochs: int | None = None


@dataclass(frozen=True)
class Finding:
    """A question, its arms and which of them are compared.

    Args:
        question: in a line.
        arms: name -> `(work, seed) -> maps`. All arms of a finding have the same budget, and for
            one seed the same order of pictures.
        pairs: (a, b): is b better than a?
    """

    question: str
    arms: dict[str, Callable[[Work, int], Maps]]
    pairs: tuple[tuple[str, str], ...]


def every_second(truths: Truths) -> Truths:
    """Half of the pictures, for networks that are trained whole."""
    return truths.subset(truths.names[::2])
