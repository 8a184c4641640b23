"""Maps that a model predicts while they are scored: nothing is written.

Models come from whoever registers in the entry-point group `benchmark_kit.predictors`: a function
`open_predictor(name)` that gives an object with `predict_map(path)` and, where it is probabilistic,
`predict_log_density(path)`. Where it gives several maps its `map_names` say so, and
`open_predictor(name, map_name=…)` gives one of them. Every worker process opens the model for
itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError, KitError
from benchmark_kit.files import state_of
from benchmark_kit.imaging.images import DecodeError, MapInfo, as_stored
from benchmark_kit.maps.sources import MapSource
from benchmark_kit.plugins import tell_left_out, use_plugin
from benchmark_kit.types import Truths

GROUP = "benchmark_kit.predictors"


def open_model(name: str, map_name: str | None = None) -> Any:
    """A model of one map by name or file, from whoever offers models; the last opened is kept
    while its file stays as it is.

    Args:
        name: the model's name or file.
        map_name: which map of a model that gives several.

    Raises:
        ConfigError: nobody has such a model, it cannot predict, or it gives several maps.
    """
    return _opened(name, map_name, _files_of(name))


def _files_of(name: str) -> str:
    """The state of the files that a model's name holds: itself, or before and in its options."""
    head, _, options = name.partition(":")
    named = [name, head, *(part.partition("=")[2] for part in options.split(","))]
    files = [each for each in dict.fromkeys(named) if os.path.isfile(each)]
    return " ".join(state_of(os.stat(each)) for each in files)


@lru_cache(maxsize=1)
def _opened(name: str, map_name: str | None, state: str) -> Any:
    chosen = {} if map_name is None else {"map_name": map_name}
    refused = "nothing that predicts is installed. Fix: predict first, and give the folder of maps"
    for entry in entry_points(group=GROUP):
        opener = use_plugin(entry, "salbench: models", _callable)
        if opener is None:
            continue
        try:
            model = opener(name, **chosen)
        except ConfigError as error:
            refused = str(error)
            continue
        except (KitError, KeyboardInterrupt):
            raise
        except (Exception, SystemExit) as error:  # another package's code may fail in any way
            tell_left_out(entry, "salbench: models", error)
            refused = f"{entry.value} failed: {type(error).__name__}: {error}"
            continue
        if names := getattr(model, "map_names", ()):
            raise ConfigError(
                f"{name} gives {len(names)} maps: {', '.join(names)}. Fix: --map {names[0]}, "
                "or --map mean"
            )
        return model
    raise ConfigError(f"model {name}: {refused}")


def _callable(found: Any) -> Callable[[str], Any]:
    if not callable(found):
        raise TypeError(f"expected a function, found {type(found).__name__}")
    return found


@dataclass(frozen=True)
class PredictedReference:
    """A map that is predicted when it is read.

    Args:
        model: name or file of the model.
        stimulus: the picture.
        size: (height, width) of the picture.
        log_density: ask for the log density.
        map_name: which of its maps; None: its only one.
        turned: as EXIF says, as a photograph is meant to be seen; else the stored grid.
    """

    model: str
    stimulus: Path
    size: tuple[int, int]
    log_density: bool
    map_name: str | None = None
    turned: bool = False

    def read(self, most_pixels: int) -> np.ndarray:
        """Predict it."""
        model = open_model(self.model, self.map_name)
        predict = model.predict_log_density if self.log_density else model.predict_map
        try:
            found = np.asarray(predict(self.stimulus if self.turned else as_stored(self.stimulus)))
        except KitError as error:
            raise DecodeError("E301", str(error), "mend the picture") from None
        except Exception as error:  # a model may fail in any way
            text = f"{self.model} failed: {type(error).__name__}: {error}"
            raise DecodeError("E301", text, "leave this picture out, or another model") from None
        if found.ndim != 2:
            text = f"{self.model} gave an array of shape {found.shape}, a map has two axes"
            raise DecodeError("E303", text, "a model of one map")
        return found

    def inspect(self, most_pixels: int) -> MapInfo:
        """The size that it will have."""
        return MapInfo(self.size, "", "predicted")

    def identity(self) -> str:
        """Changes when model or picture do."""
        own = _files_of(self.model)
        own += "" if self.map_name is None else f" map {self.map_name}"
        return f"{self.model} {own} {state_of(self.stimulus.stat())}"


def predicted_maps(
    model: str, truths: Truths, log_density: bool, map_name: str | None = None
) -> MapSource:
    """A map for every image of a data set, predicted when it is scored.

    Raises:
        ConfigError: no such model, one that cannot predict, one without densities where they are
            asked for, or pictures that are not at hand.
    """
    opened = open_model(model, map_name)
    if log_density and not hasattr(opened, "predict_log_density"):
        raise ConfigError(f"{model} gives no log densities. Fix: leave --log-density out")
    without = [truth.name for truth in truths if truth.stimulus is None]
    if without:
        raise ConfigError(
            f"{truths.name}: no pictures of {len(without)} images, for instance {without[0]}. "
            "Fix: put the stimuli where docs/datasets.md has them"
        )
    entries = tuple(
        (
            truth.name,
            PredictedReference(model, truth.stimulus, truth.size, log_density, map_name),
        )
        for truth in truths
        if truth.stimulus is not None
    )
    called = model if map_name is None else f"{model}, map {map_name}"
    return MapSource("model", called, entries)
