"""What scores are possible at all: maps made from the ground truth alone, scored like any other.

chance           uniform noise
centre_gaussian  a Gaussian of a quarter of each side, centred
centre_bias      the other images' fixations (leave one image out)
permutation      another image's density
one_human        one observer's density judged by the other observers, mean over observers
inter_observer   even observers' density judged by the odd observers
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from benchmark_kit.imaging.centre_bias import CentreBias
from benchmark_kit.imaging.density import blur_points, default_sigma
from benchmark_kit.scoring.scorer import Scorer
from benchmark_kit.types import Density, Fixations, GroundTruth, Row, Truths

KINDS = ("chance", "centre_gaussian", "centre_bias", "permutation", "one_human", "inter_observer")
OBSERVER_KINDS = ("one_human", "inter_observer")
UNIFORM_SHARE = 0.01  # mixed into densities of few fixations, so that KL and IG stay finite
PREFIX = "yardstick"


@dataclass(frozen=True, eq=False)
class Yardstick:
    """One yardstick for one image.

    Args:
        kind: one of `KINDS`.
        sigma_px: blur of densities made from fixations; None: 24/1024 of the longer side.
        bias: centre bias, for kind `"centre_bias"`.
        other: another image's fixations, for kind `"permutation"`.
    """

    kind: str
    sigma_px: float | None = None
    bias: CentreBias | None = None
    other: Fixations | None = None

    def name(self, truth: GroundTruth) -> str:
        """The row's name: apart from the names of maps."""
        return row_name(self.kind, truth.name)

    def row(self, scorer: Scorer, truth: GroundTruth) -> Row:
        """The row of this yardstick for an image with fixations."""
        assert truth.fixations is not None
        pairs = list(self._pairs(truth))
        scores = []
        whole = self._blurred(truth.fixations, truth.size) if self.kind in OBSERVER_KINDS else None
        for predicting, judging in pairs:
            if predicting is None or whole is None:
                judged, density = truth, None
                pixels = self._map(truth, scorer.plan.seed)
            else:
                judged = replace(truth, fixations=judging)
                own = self._blurred(predicting, truth.size)
                # a blur of the others is the blur of all without the own, but for rounding
                density = Density(np.maximum(whole - own, 0.0), self._sigma(truth.size))
                pixels = _as_map(own)
            if scorer.plan.log_density:
                pixels = np.log(pixels / pixels.sum())
            scores.append(scorer.scores(judged, pixels, density, own=truth.fixations))
        values: dict[str, float | None] = dict.fromkeys(scorer.plan.keys)
        for key in scorer.plan.keys:
            found = [score[key] for score in scores if np.isfinite(score[key])]
            values[key] = float(np.mean(found)) if found else None
        flags = () if pairs else ("fewer than two observers",)
        return Row(self.name(truth), len(truth.fixations), values, flags)

    def count(self, truth: GroundTruth) -> int:
        """How many maps its row is made of."""
        if self.kind not in OBSERVER_KINDS:
            return 1
        observers = len(_observers(truth))
        return observers if self.kind == "one_human" else min(observers, 1)

    def _pairs(self, truth: GroundTruth) -> Iterator[tuple[Fixations | None, Fixations]]:
        """(fixations that predict, fixations that judge)."""
        fixations = truth.fixations
        assert fixations is not None
        if self.kind not in OBSERVER_KINDS:
            yield None, fixations
            return
        subject, observers = fixations.subject, _observers(truth)
        if subject is None or not len(observers):
            return
        if self.kind == "one_human":
            for one in observers:
                yield fixations.select(subject == one), fixations.select(subject != one)
            return
        even = np.isin(subject, observers[0::2])
        yield fixations.select(even), fixations.select(~even)

    def _map(self, truth: GroundTruth, seed: int) -> np.ndarray:
        height, width = truth.size
        if self.kind == "chance":
            digest = hashlib.sha256(
                f"{seed}\0chance\0{truth.name}".encode("utf-8", "surrogateescape")
            ).digest()
            generator = np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "little")))
            return generator.random(truth.size)
        if self.kind == "centre_gaussian":
            y = (np.arange(height) + 0.5 - height / 2) / (height / 4)
            x = (np.arange(width) + 0.5 - width / 2) / (width / 4)
            return np.outer(np.exp(-0.5 * y**2), np.exp(-0.5 * x**2))
        if self.kind == "centre_bias":
            assert self.bias is not None
            return self.bias.density(truth.size, without=truth.fixations)
        assert self.other is not None
        return _as_map(self._blurred(self.other, truth.size))

    def _sigma(self, size: tuple[int, int]) -> float:
        return self.sigma_px or default_sigma(size)

    def _blurred(self, points: Fixations, size: tuple[int, int]) -> np.ndarray:
        """Blurred counts of an image's points, brought to another's size."""
        height, width = size
        scaled_x = np.minimum(points.x * (width / points.size[1]), width - 1).astype(np.int64)
        scaled_y = np.minimum(points.y * (height / points.size[0]), height - 1).astype(np.int64)
        return blur_points(scaled_y * width + scaled_x, size, self._sigma(size))


def _as_map(blurred: np.ndarray) -> np.ndarray:
    """Blurred counts as a density with its uniform share; overwrites them."""
    total = blurred.sum()
    blurred *= 1 - UNIFORM_SHARE
    blurred /= total
    blurred += UNIFORM_SHARE / blurred.size
    return blurred


def _observers(truth: GroundTruth) -> np.ndarray:
    """Numbers of the observers of an image; none where there are fewer than two."""
    subject = None if truth.fixations is None else truth.fixations.subject
    observers = np.empty(0, np.int32) if subject is None else np.unique(subject)
    return observers if len(observers) > 1 else observers[:0]


def row_name(kind: str, name: str) -> str:
    """Name of a yardstick's row."""
    return f"{PREFIX}:{kind}/{name}"


def make_yardsticks(
    truths: Truths, names: list[str], bias: CentreBias, sigma_px: float | None, seed: int
) -> tuple[list[tuple[GroundTruth, Yardstick]], list[str]]:
    """All yardsticks of the images that are scored.

    Args:
        truths: the whole data set.
        names: images scored.
        bias: its centre bias.
        sigma_px: blur of densities made from fixations.
        seed: seed of chance and of the permutation.

    Returns:
        (image and yardstick of every row, notes on what could not be made).
    """
    usable = [t for t in truths if t.fixations is not None and len(t.fixations)]
    usable.sort(key=lambda t: t.name)
    judged = [truths[n] for n in names]
    judged = [t for t in judged if t.fixations is not None and len(t.fixations)]
    kinds, notes = list(KINDS), []
    if not any(t.fixations.subject is not None for t in judged if t.fixations is not None):
        kinds = [kind for kind in kinds if kind not in OBSERVER_KINDS]
        notes.append("no yardsticks of observers: the data set does not say who looked where")
    if len(usable) < 2:
        kinds = [kind for kind in kinds if kind not in ("permutation", "centre_bias")]
        notes.append("no centre bias and no permutation: there is only one image with fixations")
    work = []
    for kind in kinds:
        for truth in judged:
            other = _another(usable, truth, seed).fixations if kind == "permutation" else None
            work.append(
                (truth, Yardstick(kind, sigma_px, bias if kind == "centre_bias" else None, other))
            )
    return work, notes


def _another(ordered: list[GroundTruth], truth: GroundTruth, seed: int) -> GroundTruth:
    """Another image, drawn by the name of this one from all in order of their names."""
    digest = hashlib.sha256(
        f"{seed}\0permutation\0{truth.name}".encode("utf-8", "surrogateescape")
    ).digest()
    k = int.from_bytes(digest[:8], "little") % len(ordered)
    drawn = ordered[k]
    return drawn if drawn.name != truth.name else ordered[(k + 1) % len(ordered)]
