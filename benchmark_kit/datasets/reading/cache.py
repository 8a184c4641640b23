"""Parsed ground truth kept in the user's cache directory, so that the second run starts at once.

One file a root, data set and set of options. It holds packed arrays and a JSON text, no pickles.
It counts only if its key equals the present one: version of this format, version of the reader,
options, and the list of all files the reader may look at with their sizes and times. The time of
change counts besides that of modification, which tools set back at will. A file that changed a
moment ago may change again within the same tick of the clock: until it has settled its content
counts. A damaged cache is read as absent and written anew; a directory that cannot be written never
fails a run.
The environment variable KERAS_SALIENCY_CACHE names another directory.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark_kit.containers.damage import DamagedFile
from benchmark_kit.datasets.reading.files import files_below
from benchmark_kit.files import state_of, written_beside

if TYPE_CHECKING:
    import numpy as np

    from benchmark_kit.types import Fixations, Truths

FORMAT = 3
SETTLED = 3.0  # seconds; the coarsest clock of a file system in use ticks every two
COLUMNS = ("x", "y", "subject", "duration", "order")
DAMAGED = (
    DamagedFile,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    EOFError,
    OSError,
    RuntimeError,
    MemoryError,
)
log = logging.getLogger(__name__)


def cache_directory() -> Path:
    """Where parsed ground truth is kept."""
    if chosen := os.environ.get("KERAS_SALIENCY_CACHE"):
        return Path(chosen).expanduser() / "datasets"
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("keras-saliency")) / "datasets"


def cache_file(name: str, root: Path, options: Mapping[str, Any]) -> Path:
    """The file that holds this data set at this root, read with these options."""
    identity = json.dumps([name, str(root.resolve()), dict(options)], sort_keys=True)
    return (
        cache_directory() / f"{name}-{hashlib.sha256(os.fsencode(identity)).hexdigest()[:16]}.npz"
    )


def cache_key(version: int, options: Mapping[str, Any], root: Path, parts: Sequence[str]) -> str:
    """Digest of everything that decides the result: versions, options, names, sizes, times, and the
    content of files that changed within the last seconds.

    Args:
        version: of the reader.
        options: canonical options.
        root: the data set's folder.
        parts: glob patterns below the root of what the reader may look at.
    """
    digest = hashlib.sha256(json.dumps([FORMAT, version, dict(options)], sort_keys=True).encode())

    now = time.time()

    def note(name: str, path: str | Path, status: os.stat_result) -> None:
        line = f"{name}\0{state_of(status)}\n"
        digest.update(line.encode("utf-8", "surrogateescape"))
        if max(status.st_ctime, status.st_mtime) > now - SETTLED:
            digest.update(_content(path))

    for part in parts:
        for path in sorted(root.glob(part)):
            place = path.relative_to(root).as_posix()
            if path.is_dir():
                for relative, entry in files_below(path):
                    note(f"{place}/{relative}", entry.path, entry.stat())
            elif path.is_file():
                note(place, path, path.stat())
    return digest.hexdigest()


def _content(path: str | Path) -> bytes:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:  # the reader will say so
        return b""


def load(path: Path, key: str, root: Path) -> Truths | None:
    """The kept ground truth, or None if there is none that is whole and of this key."""
    from benchmark_kit.containers.npy import read_npz

    if not path.is_file():
        return None
    try:
        archive = read_npz(path)
        head = json.loads(archive["head"].tobytes())
        if head["key"] != key:
            return None
        return _unpack(head, {name: archive[name] for name in COLUMNS if name in archive}, root)
    except DAMAGED as error:
        log.debug("cache file %s is damaged and will be written anew: %s", path, error)
        return None


def store(path: Path, key: str, root: Path, truths: Truths) -> None:
    """Keep ground truth: written beside its place, then renamed."""
    import numpy as np

    head, columns = _pack(truths, root)
    text = np.frombuffer(json.dumps({"key": key, **head}).encode(), dtype=np.uint8)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_beside(path) as beside:
            np.savez(beside, head=text, **columns)
    except OSError as error:
        log.debug("parsed ground truth is not kept: %s", error)


def _pack(truths: Truths, root: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    import numpy as np

    def below(path: Path | None) -> str | None:
        return None if path is None else os.path.relpath(path, root)

    def present(fixations: Fixations | None) -> list[str] | None:
        if fixations is None:
            return None
        return [name for name in COLUMNS if getattr(fixations, name) is not None]

    images = [
        {
            "name": truth.name,
            "size": truth.size,
            "category": truth.category,
            "stimulus": below(truth.stimulus),
            "density_file": below(truth.density_file),
            "columns": present(truth.fixations),
            "points": 0 if truth.fixations is None else len(truth.fixations),
        }
        for truth in truths.images
    ]
    columns = {}
    for name in COLUMNS:
        parts = [
            values
            for truth in truths.images
            if truth.fixations is not None
            and (values := getattr(truth.fixations, name)) is not None
        ]
        if parts:
            columns[name] = _compact(np.concatenate(parts))
    facts = ("name", "edition", "split", "points", "dialect", "sigma_px", "pixels_per_degree")
    head = {name: getattr(truths, name) for name in (*facts, "density_source", "notes", "subjects")}
    return {**head, "dropped": dict(truths.dropped), "images": images}, columns


def _compact(values: np.ndarray) -> np.ndarray:
    """The same values in the smallest type that holds them exactly."""
    import numpy as np

    for kind in (np.uint8, np.uint16, np.float32):
        with np.errstate(all="ignore"):
            smaller = values.astype(kind)
        if np.array_equal(smaller, values):
            return smaller
    return values


def _unpack(head: dict[str, Any], columns: dict[str, np.ndarray], root: Path) -> Truths:
    from benchmark_kit.types import Fixations, GroundTruth, Truths

    def at(relative: str | None) -> Path | None:
        return None if relative is None else root / relative

    del head["key"]
    place = dict.fromkeys(COLUMNS, 0)
    images = []
    for image in head.pop("images"):
        size = (int(image["size"][0]), int(image["size"][1]))
        fixations = None
        if image["columns"] is not None:
            values = {}
            for name in image["columns"]:
                values[name] = columns[name][place[name] : place[name] + image["points"]]
                place[name] += image["points"]
            fixations = Fixations(size=size, **values)
            if len(fixations) != image["points"]:
                raise ValueError("fewer points than the head says")
        images.append(
            GroundTruth(
                image["name"],
                size,
                fixations,
                category=image["category"],
                stimulus=at(image["stimulus"]),
                density_file=at(image["density_file"]),
            )
        )
    words = {name: tuple(head[name]) for name in ("notes", "subjects")}
    return Truths(images=tuple(images), **{**head, **words})
