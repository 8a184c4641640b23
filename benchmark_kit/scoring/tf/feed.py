"""What the host hands to the devices: full batches of one image size, decoded ahead by threads.

Images are grouped by size and stored type; no pixel is padded. Fixations are padded to the same
number and masked. The last batch of a group is filled with entries of index -1, so that every batch
is full, no replica is ever empty, and all workers take the same number of steps.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmark_kit.errors import InputError, KitError, Problem
from benchmark_kit.imaging.images import inspect_map, read_stimulus
from benchmark_kit.imaging.shipped_density import usable_density
from benchmark_kit.maps.facts import examine, unusable
from benchmark_kit.maps.pixels import most_pixels, prepare_pixels
from benchmark_kit.metrics import Needs
from benchmark_kit.prepared.forms import prepare
from benchmark_kit.prepared.negatives import CountNegatives
from benchmark_kit.scoring.plan import ScoringPlan
from benchmark_kit.scoring.points import dialect_index
from benchmark_kit.scoring.scorer import Scorer
from benchmark_kit.scoring.tf.columns import areas, density_slots, point_dialects
from benchmark_kit.scoring.worker import Task
from benchmark_kit.types import GroundTruth

STORED = ("uint8", "uint16", "float32", "float64")
FACT_BYTES = 256  # a map's facts as JSON: a digest of 64 letters and a few numbers

Batch = dict[str, np.ndarray]


@dataclass(frozen=True)
class Kind:
    """What batches of one dataset have in common: the types of their arrays."""

    map: str
    densities: tuple[str, ...]


@dataclass(frozen=True)
class Piece:
    """One replica's batch of one step: positions of its images, -1 for filling, and their size."""

    positions: tuple[int, ...]
    size: tuple[int, int]


def lay_out(
    positions: Sequence[int], tasks: Sequence[Task], batch: int, replicas: int
) -> list[Piece]:
    """Batches grouped by size, full, and as many as fill every replica in every step."""
    groups: dict[tuple[int, int], list[int]] = {}
    for k in positions:
        groups.setdefault(tasks[k].truth.size, []).append(k)
    pieces = []
    for size in sorted(groups):
        members = groups[size]
        for start in range(0, len(members), batch):
            part = members[start : start + batch]
            pieces.append(Piece((*part, *[-1] * (batch - len(part))), size))
    while len(pieces) % replicas:
        pieces.append(Piece((-1,) * batch, pieces[-1].size))
    return pieces


class Feed:
    """Makes batches from tasks.

    Args:
        plan: restricted to the device's columns.
        tasks: one an image.
        floats: type that the devices compute in.
        threads: threads that decode.
        stimuli: feed the pictures, for a predictor, instead of maps.
    """

    def __init__(
        self, plan: ScoringPlan, tasks: Sequence[Task], floats: str, threads: int, stimuli: bool
    ):
        self.plan, self.tasks, self.floats = plan, tasks, floats
        self.threads, self.stimuli = threads, stimuli
        self.scorer = Scorer(plan)
        self.areas = areas(plan)
        self.slots = density_slots(plan)
        self.dialects = {v.dialect.name: v.dialect for v in plan.variants}
        self.pointed = point_dialects(plan)
        self.shuffled = [v.dialect.name for v in plan.comparing_with(Needs.OTHERS)]
        self.baselines = plan.comparing_with(Needs.BASELINE)
        self.points = max([len(t.truth.fixations or ()) for t in tasks], default=0) or 1
        self.error: BaseException | None = None
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    @property
    def width(self) -> int:
        """Integers that travel with an image: its position, the areas' divisors, its facts."""
        return 1 + len(self.areas) + FACT_BYTES // 8

    def kinds(self) -> dict[Kind, list[int]]:
        """Positions of the tasks by kind, as the headers of their files say."""
        with ThreadPoolExecutor(self.threads) as pool:
            found = list(pool.map(self._kind, self.tasks))
        kinds: dict[Kind, list[int]] = {}
        for k, kind in enumerate(found):
            kinds.setdefault(kind, []).append(k)
        return dict(sorted(kinds.items(), key=lambda item: (item[0].map, item[0].densities)))

    def _kind(self, task: Task) -> Kind:
        densities = []
        for name in dict.fromkeys(self.slots.values()):
            shipped = self._spec(name).source == "shipped" and task.truth.density_file is not None
            densities.append(self._header(task.truth.density_file) if shipped else self.floats)
        if self.stimuli:
            return Kind("uint8", tuple(densities))
        if task.resize is not None or self.plan.log_density:
            return Kind(self.floats, tuple(densities))
        try:
            stored = task.source.inspect(most_pixels(task.truth.size)).dtype
        except KitError:
            stored = ""  # unreadable: reading it will say so
        return Kind(self._wire(stored), tuple(densities))

    def _header(self, path: Any) -> str:
        try:
            return self._wire(inspect_map(path).dtype)
        except KitError:
            return self.floats

    def _wire(self, stored: str) -> str:
        return self.floats if stored not in STORED or stored == "float64" else stored

    def _spec(self, slot: str) -> Any:
        return self.plan.densities[next(d for d, name in self.slots.items() if name == slot)]

    def signature(self, kind: Kind, batch: int) -> dict[str, tuple[tuple[int | None, ...], str]]:
        """Shape and type of every array of a batch; None where sizes differ between batches."""
        maps = (batch, None, None)
        out: dict[str, tuple[tuple[int | None, ...], str]] = {
            "passed": ((batch, self.width), "int64")
        }
        if self.stimuli:
            out["images"] = ((*maps, 3), "uint8")
        else:
            out["maps"] = (maps, kind.map)
            if self.plan.log_density:
                out["logs"] = (maps, self.floats)
        for name, stored in zip(dict.fromkeys(self.slots.values()), kind.densities, strict=True):
            out[name] = (maps, stored)
        for name in self.pointed:
            out[f"index/{name}"] = ((batch, None), "int64")
            out[f"mask/{name}"] = ((batch, None), "bool")
        for name in self.shuffled:
            out[f"own/{name}"] = ((batch, None), "int64")
            out[f"own_mask/{name}"] = ((batch, None), "bool")
            out[f"counts/{name}"] = ((None,), "int64")
        if self.baselines:
            out["baseline"] = ((batch, len(self.baselines)), self.floats)
        return out

    def batches(self, kind: Kind, pieces: Sequence[Piece]) -> Iterator[Batch]:
        """Batches in order; the images of the next ones are decoded meanwhile.

        An exception is kept in `error` and ends the batches: TensorFlow would report it as its own.
        """
        pool = ThreadPoolExecutor(self.threads)
        ahead: deque[tuple[Piece, list[Future]]] = deque()
        todo = iter(pieces)
        try:
            while not self._stopped.is_set():
                # enough pieces for every thread, and one more than the device is given next
                while len(ahead) < 2 or sum(len(f) for _, f in ahead) < 2 * self.threads:
                    piece = next(todo, None)
                    if piece is None:
                        break
                    futures = [pool.submit(self._image, kind, k) for k in piece.positions if k >= 0]
                    ahead.append((piece, futures))
                if not ahead:
                    return
                piece, futures = ahead.popleft()
                yield self._stack(kind, piece, [future.result() for future in futures])
        except Exception as error:
            self.error = error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def stop(self) -> None:
        """End `batches` early."""
        self._stopped.set()

    def _stack(self, kind: Kind, piece: Piece, images: list[Batch]) -> Batch:
        missing = len(piece.positions) - len(images)
        if missing:
            images = images + [self._blank(kind, piece.size)] * missing
        batch = {name: np.stack([image[name] for image in images]) for name in images[0]}
        for name in self.shuffled:
            batch[f"counts/{name}"] = self._counts(name, piece.size)
        return batch

    def _counts(self, dialect: str, size: tuple[int, int]) -> np.ndarray:
        with self._lock:
            return self.plan.pools[dialect].counts(size)

    def _blank(self, kind: Kind, size: tuple[int, int]) -> Batch:
        """A filling entry: index -1, everything zero."""
        image: Batch = {}
        for name, (shape, stored) in self.signature(kind, 1).items():
            if name.startswith("counts/"):
                continue
            own: list[Any] = list(shape[1:])
            if name.startswith(("index/", "mask/", "own/", "own_mask/")):
                own = [self.points]
            elif own[:2] == [None, None]:
                own[:2] = size
            image[name] = np.zeros(own, stored)
        image["passed"][0] = -1
        return image

    def _image(self, kind: Kind, position: int) -> Batch:
        """One image's arrays; one that cannot be fed is marked, for the reference to say why."""
        truth = self.tasks[position].truth
        image = self._blank(kind, truth.size)
        image["passed"][0] = position
        try:
            facts = self._read(image, kind, self.tasks[position])
            if facts is not None and truth.fixations is not None and len(truth.fixations):
                self._fill_truth(image, truth)
        except KitError:
            facts = None
        packed = json.dumps({"refused": True} if facts is None else facts).encode()
        image["passed"][1 + len(self.areas) :] = np.frombuffer(packed.ljust(FACT_BYTES), np.int64)
        return image

    def _read(self, image: Batch, kind: Kind, task: Task) -> dict[str, Any] | None:
        """Decode the map (or the picture) into `image`; its facts, or None where it is not fed."""
        truth = task.truth
        if self.stimuli:
            image["images"] = read_picture(truth)
            return {}
        pixels = prepare_pixels(task.source, truth.size, task.transpose, task.resize)
        prepared = prepare(pixels)
        if unusable(pixels, prepared, self.plan.log_density):
            return None
        facts = examine(pixels, prepared)
        if self.plan.log_density:
            image["logs"] = pixels.astype(self.floats)
            # on the host: the device's exp may break ties that numpy's makes
            image["maps"] = np.exp(pixels.astype(np.float64)).astype(self.floats)
            return facts
        return facts if self._put(image, "maps", prepared.pixels) else None

    def _put(self, image: Batch, name: str, values: np.ndarray) -> bool:
        """Store values under the type that the batch has for them; False where they do not fit."""
        stored = image[name].dtype
        if values.dtype != stored and not (values.dtype.kind == "f" and stored.name == self.floats):
            return False
        image[name] = values.astype(stored, copy=False)
        return True

    def _fill_truth(self, image: Batch, truth: GroundTruth) -> None:
        fixations = truth.fixations
        assert fixations is not None
        index = {name: dialect_index(fixations, self.dialects[name]) for name in self.pointed}
        for name, points in index.items():
            _pad(image, f"index/{name}", f"mask/{name}", points)
        for slot in dict.fromkeys(self.slots.values()):
            values = prepare(usable_density(truth, self._spec(slot)).values).pixels
            if not self._put(image, slot, values):
                raise InputError(f"{truth.name}: its density is stored as {values.dtype}")
        for k, variant in enumerate(self.areas, start=1):
            name = variant.dialect.name
            against = truth.size[0] * truth.size[1]
            if variant.facts.needs is Needs.OTHERS:
                with self._lock:
                    negatives = self.scorer.negatives(
                        variant.dialect, truth, index[name], fixations
                    )
                against = 0
                if negatives is not None:
                    assert isinstance(negatives, CountNegatives), "the pool scores drawn ones"
                    _pad(image, f"own/{name}", f"own_mask/{name}", negatives.own)
                    against = negatives.total - len(negatives.own)
            image["passed"][k] = 2 * len(index[name]) * against
        with self._lock:
            for k, variant in enumerate(self.baselines):
                points = index[variant.dialect.name]
                image["baseline"][k] = self.scorer.baseline(variant, truth, points, fixations)


def read_picture(truth: GroundTruth) -> np.ndarray:
    """The stimulus of an image, uint8 (height, width, 3).

    Raises:
        InputError: it is not at hand, unreadable, or of another size than its ground truth.
    """
    found, fix = (
        "the picture is not at hand, and a model needs it",
        "give the folder of the stimuli",
    )
    if truth.stimulus is not None:
        try:
            picture = read_stimulus(truth.stimulus)
        except KitError as error:
            found, fix = str(error), "copy the data set again"
        else:
            if picture.shape[:2] == truth.size:
                return picture
            (height, width), (own_height, own_width) = truth.size, picture.shape[:2]
            found = f"the picture is {own_width}x{own_height}, its ground truth {width}x{height}"
            fix = "check the data set"
    problem = Problem("E301", (truth.name,), found, fix=fix)
    raise InputError(f"{truth.name} cannot be predicted", [problem])


def unpack(passed: np.ndarray, areas: int) -> tuple[int, list[int], dict[str, Any]]:
    """Position, divisors of the areas and facts, as they travelled with an image."""
    filling = passed[0] < 0
    facts = {} if filling else json.loads(np.ascontiguousarray(passed[1 + areas :]).tobytes())
    return int(passed[0]), [int(value) for value in passed[1 : 1 + areas]], facts


def _pad(image: Batch, index: str, mask: str, points: np.ndarray) -> None:
    image[index][: len(points)] = points
    image[mask][: len(points)] = True
