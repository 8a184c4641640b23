"""How a user wants `saliency_lite` to predict: for which data set, under which centre bias."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency.base.array_file import read_arrays, write_arrays
from keras_saliency.base.centre_bias import log_centre_bias
from keras_saliency.base.resample import Size
from keras_saliency.lite.adapt import Adaptation
from keras_saliency.lite.calibration import Calibration, mean_calibration
from keras_saliency.lite.weights import PRIOR_GRID, UNKNOWN, LiteWeights

NAME = "saliency_lite"


@dataclass(frozen=True)
class Settings:
    """Calibration and centre bias of predictions.

    Args:
        priors: log densities by name.
        prior: name of the one that is taken where a user names none.
        dataset: training set whose calibration is taken; None: the mean of all.
        gain: factor of the scores besides.
        own: what was fitted to one's own pictures, instead.
    """

    priors: dict[str, np.ndarray]
    prior: str = UNKNOWN
    dataset: str | None = None
    gain: float = 1.0
    own: Calibration | None = None

    def calibration(self, known: Mapping[str, Calibration]) -> Calibration:
        """The calibration of predictions.

        Args:
            known: what the network learned for each of its training sets.
        """
        chosen = self.own
        if chosen is None:
            chosen = (
                mean_calibration(known.values()) if self.dataset is None else known[self.dataset]
            )
        return replace(chosen, gain=chosen.gain * self.gain)

    def log_prior(self, source: Any, size: Size) -> np.ndarray:
        """The log centre bias that a user names.

        Args:
            source: None for the settings' own; a name of `priors`; or what
                `centre_bias.log_centre_bias` takes.
            size: (height, width) in pixels.

        Returns:
            float64 (height, width).

        Raises:
            ConfigError: an unknown name.
        """
        source = self.prior if source is None else source
        if isinstance(source, str) and source in self.priors:
            source = self.priors[source]
        elif isinstance(source, str) and source != "uniform" and not source.endswith(".npy"):
            raise ConfigError(
                f"unknown centre bias {source!r}: known are {', '.join(self.priors)}, uniform, "
                "or the path of a .npy file of log density"
            )
        return log_centre_bias(source, size)

    def adapted(self, found: Adaptation) -> Settings:
        """The settings with what was fitted to one's own pictures."""
        priors = {**self.priors, "own": found.prior}
        return Settings(priors, "own", own=found.calibration)

    def record(self) -> dict[str, Any] | None:
        """What was adapted, for JSON; None where nothing was."""
        if self.own is None:
            return None
        one = self.calibration({})
        prior = self.priors["own"].astype("<f4").tobytes()
        return {
            "calibration": [one.sigma, one.prior_weight, one.gain],
            "prior": base64.b64encode(prior).decode("ascii"),
        }

    def restored(self, record: Any) -> Settings:
        """The settings with what `record` gave.

        Raises:
            InputError: it gave something else.
        """
        try:
            prior = np.frombuffer(base64.b64decode(record["prior"], validate=True), "<f4")
            held = _checked(np.array(record["calibration"], np.float64), prior.reshape(PRIOR_GRID))
        except (KeyError, TypeError, ValueError):
            raise InputError(
                f"what {NAME} was adapted to is damaged in this file. Fix: copy it again"
            ) from None
        own, prior = held
        return Settings({**self.priors, "own": prior}, "own", own=own)

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write what was adapted, as `.npz`; `load_model`, or `fitted=`, reads it.

        Raises:
            ConfigError: nothing was adapted.
            RunFailed: the folder cannot be written.
        """
        if self.own is None:
            raise ConfigError(f"{NAME} was not adapted. Fix: adapt(truths) first")
        one = self.calibration({})
        arrays = {
            "model": np.array(NAME),
            "options": np.array("{}"),
            "calibration": np.array([one.sigma, one.prior_weight, one.gain]),
            "prior": self.priors["own"].astype(np.float32),
        }
        write_arrays(Path(path), arrays)


def settings_of(
    weights: LiteWeights,
    dataset: str | None,
    gain: float,
    fitted: Any = None,
    name: str = NAME,
) -> Settings:
    """Settings from a user's options.

    Args:
        weights: what the network learned.
        dataset: one of its training sets, whose calibration and centre bias are taken; None: their
            means, for pictures of no known set.
        gain: factor of the scores besides; below 1 the densities are flatter.
        fitted: a file that `Settings.write` wrote, instead of `dataset`.
        name: of the model, for messages.

    Raises:
        ConfigError: an unknown data set, both `dataset` and `fitted`, a gain that is not above 0.
        InputError: a file that is none of these.
    """
    if not 0 < gain < np.inf:
        raise ConfigError(f"gain must be a number above 0, got {gain}")
    priors = dict(weights.priors)
    if fitted is not None:
        if dataset is not None:
            raise ConfigError("dataset and fitted exclude each other: leave one of them out")
        own, priors["own"] = _read(Path(fitted).expanduser())
        return Settings(priors, "own", None, gain, own)
    if dataset is not None and dataset not in weights.calibrations:
        raise ConfigError(
            f"{name} did not learn from {dataset!r}; known: {', '.join(weights.calibrations)}. "
            "Fix: leave dataset out, or adapt saliency_lite to some pictures of it (salbench adapt)"
        )
    return Settings(priors, dataset or UNKNOWN, dataset, gain)


def _read(path: Path) -> tuple[Calibration, np.ndarray]:
    held = read_arrays(path, ["model", "calibration", "prior"])
    try:
        if str(held["model"]) != NAME:
            raise ValueError("of another model")
        return _checked(held["calibration"], held["prior"])
    except (TypeError, ValueError):  # texts in place of numbers, too
        raise InputError(
            f"{path} is no adaptation of {NAME}. Fix: a file of salbench adapt"
        ) from None


def _checked(values: np.ndarray, prior: np.ndarray) -> tuple[Calibration, np.ndarray]:
    """A calibration and a centre bias that can be used; else ValueError."""
    values, prior = values.astype(np.float64), prior.astype(np.float32)
    finite = np.isfinite(values).all() and np.isfinite(prior).all()
    if values.shape != (3,) or prior.shape != PRIOR_GRID or not finite or values[0] <= 0:
        raise ValueError("not three numbers and a log density")
    return Calibration(*map(float, values)), prior
