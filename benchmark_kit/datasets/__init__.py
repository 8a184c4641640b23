"""Ground truth by name: one reader a data set, found lazily.

    truths = get_dataset("osie", "/data/osie")
    truths = get_dataset("salicon", "/data/salicon", edition="2017", split="val")

`list_datasets()` names them, `dataset_facts(name)` says what a folder must look like and which
options a reader takes; neither imports numpy. docs/datasets.md shows them all.
"""

from __future__ import annotations

import difflib
import importlib
import os
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from benchmark_kit.errors import ConfigError

if TYPE_CHECKING:
    from benchmark_kit.datasets.reading.reader import DatasetFacts
    from benchmark_kit.types import Truths

__all__ = ["dataset_facts", "get_dataset", "list_datasets"]

# every file of this folder is a reader; what readers share is in `reading/`
NAMES = tuple(
    sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem[0] != "_")
)


def list_datasets() -> tuple[str, ...]:
    """Canonical names of all data sets, sorted.

    Example:
        >>> "osie" in list_datasets()
        True
    """
    return NAMES


def dataset_facts(name: str) -> DatasetFacts:
    """What is known of a data set without its files.

    Raises:
        ConfigError: no data set of this name.
    """
    return _module(name).FACTS


def get_dataset(
    name: str,
    root: str | os.PathLike[str],
    *,
    cache: bool = True,
    max_outside: float | None = None,
    **options: Any,
) -> Truths:
    """Read a data set's ground truth from a folder.

    Args:
        name: canonical name, one of `list_datasets()`.
        root: the folder, laid out as `dataset_facts(name).tree` shows.
        cache: keep the parsed result in the user's cache directory and use a kept one whose files
            have not changed.
        max_outside: share of the points that may lie outside their pictures; None: 0.2.
        **options: those of the data set, `dataset_facts(name).options`.

    Returns:
        `Truths`; its `dropped` and `notes` say what was left out and how values were taken.

    Raises:
        ConfigError: unknown name or option, a value that is no choice, a root that is no folder.
        InputError: a folder that is not laid out as documented, or files that cannot be used;
            everything found wrong is listed. Or points that do not fit their pictures: the message
            tells what they look like.

    Example:
        >>> truths = get_dataset("folder", "mine")
        >>> truths
        Truths(folder: 6 images, 120 points)
        >>> truths["indoor/000"].fixations.x.shape
        (20,)
    """
    from benchmark_kit.datasets.reading import cache as _cache
    from benchmark_kit.datasets.reading import outside as _outside
    from benchmark_kit.datasets.reading import reader as _reader

    limit = _outside.MAX_OUTSIDE if max_outside is None else max_outside
    _outside.check_limit(limit)
    module = _module(name)
    values = _reader.check_options(module.FACTS, options)
    root = Path(root).expanduser()
    _reader.check_root(module.FACTS, root)

    def read() -> Truths:
        return _outside.settle(module.read(root, **values), f"The data set in {root}", limit)

    if not cache:
        return read()
    path = _cache.cache_file(name, root, values)
    key = _cache.cache_key(module.VERSION, values, root, module.FACTS.parts)
    truths = _cache.load(path, key, root)
    if truths is None or _outside.too_many(truths.dropped, truths.points_kept, limit):
        truths = read()
        _cache.store(path, key, root, truths)
    return truths


def _module(name: str) -> ModuleType:
    if name not in NAMES:
        nearest = difflib.get_close_matches(str(name).lower().replace("-", "_"), NAMES, 3, 0.4)
        hint = f"; nearest: {', '.join(nearest)}" if nearest else ""
        raise ConfigError(
            f"unknown data set {name!r}{hint}. Known: {', '.join(NAMES)}; any other is read as "
            "'folder'. These are data sets of where people look: saliency prediction is not "
            "salient-object detection, whose masks cannot be scored here."
        )
    return importlib.import_module(f"benchmark_kit.datasets.{name}")
