"""`ProbabilisticModel`: a saliency network whose output is a log density under a centre bias."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, islice, repeat
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.imaging.min_max import min_max
from keras_saliency.base.centre_bias import Source, log_centre_bias, normalised
from keras_saliency.base.geometry import Plan
from keras_saliency.base.saliency_model import SaliencyModel

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from keras_saliency.base.array_model import Picture

PAST = 4  # fixations of the past that a scanpath model knows
KEPT = (64, 64)  # cells of a centre bias that goes with a network; a weights file holds 64 KiB


@keras.saving.register_keras_serializable(package="keras_saliency")
class ProbabilisticModel(SaliencyModel):
    """A network with inputs `picture` and, where it knows them, `centre_bias` and `history`.

    The Keras model takes prepared pictures (b, h, w, 3), log centre biases (b, h, w, 1) and
    histories (b, 4, 2), and gives log densities (b, rows, columns, 1). A network without a centre
    bias inside gets one at prediction, added to its log density.

    Attributes:
        default_centre_bias: what predictions take where the user names none.
    """

    default_centre_bias: Any = "uniform"

    def keep_centre_bias(self, biases: Sequence[Source]) -> None:
        """Predict under this centre bias where the user names none; it is saved with the network.

        Args:
            biases: one, or one for each data set that the network learned from: their mean density
                is taken. Each as for `predict_log_density`.
        """
        every = [log_centre_bias(bias, KEPT) for bias in biases]
        self.default_centre_bias = normalised(np.logaddexp.reduce(every))

    def get_config(self) -> dict[str, Any]:
        """As `SaliencyModel.get_config`, with the centre bias that goes with the network."""
        kept = self.default_centre_bias
        if not isinstance(kept, np.ndarray):
            return super().get_config()
        return {**super().get_config(), "centre_bias": kept.round(3).tolist()}

    def restore(self, config: dict[str, Any]) -> None:
        """As `SaliencyModel.restore`.

        Raises:
            InputError: a centre bias that is no log density.
        """
        super().restore(config)
        if "centre_bias" in config:
            try:
                found = np.array(config["centre_bias"], np.float64)
            except (TypeError, ValueError):
                raise InputError(
                    f"the centre bias of {self.name} is damaged. Fix: copy its file again"
                ) from None
            self.keep_centre_bias([found])

    @property
    def takes_centre_bias(self) -> bool:
        """Whether the centre bias is an input."""
        return any(tensor.name == "centre_bias" for tensor in self.inputs)

    @property
    def takes_history(self) -> bool:
        """Whether earlier fixations are an input."""
        return any(tensor.name == "history" for tensor in self.inputs)

    def predict_log_density(
        self,
        image: Picture,
        centre_bias: Source | None = None,
        *,
        history: ArrayLike | None = None,
        max_side: int | None = None,
    ) -> np.ndarray:
        """Natural-log density of one picture's next fixation.

        Args:
            image: as for `predict_map`.
            centre_bias: `"uniform"`, a fitted `centre_bias.CentreBias`, an array of log density of
                any size, or a `.npy` file of one; None: the model's own, as `salbench train` leaves
                it, `"uniform"` where it has none.
            history: for scanpath models the earlier fixations, oldest first, (n, 2) columns and
                rows in pixels of the picture; the last four count. None: none is known.
            max_side: scale a larger picture down to it first; the density has that size.

        Returns:
            float64 (height, width) at the picture's own size; |logsumexp| <= 1e-6.

        Raises:
            ConfigError: a history for a model without scanpath, a path that does not exist.
            InputError: a file or an array that is no picture, or no log density.
        """
        (found,) = self.predict_log_densities(
            [image],
            centre_bias,
            histories=None if history is None else [history],
            max_side=max_side,
        )
        return found

    def predict_log_densities(
        self,
        images: Iterable[Picture],
        centre_bias: Source | None = None,
        *,
        histories: Iterable[ArrayLike | None] | None = None,
        batch_size: int = 4,
        max_side: int | None = None,
    ) -> Iterator[np.ndarray]:
        """Log densities of pictures of any sizes, in order.

        Args:
            images: as for `predict_map`.
            centre_bias: as for `predict_log_density`.
            histories: one for each picture.
            batch_size: neighbours of one size in one pass of the network, at most.
            max_side: scale larger pictures down first.
        """
        if histories is not None and not self.takes_history:
            raise ConfigError(f"{self.name} knows no scanpath: leave history out")
        if self.random_weights:
            warnings.warn(
                f"{self.name} has random weights: its densities say nothing. Fix: weights=FILE, "
                "load_weights, or fit",
                stacklevel=3,
            )
        if centre_bias is None:
            centre_bias = self.default_centre_bias
        pairs = zip(images, repeat(None) if histories is None else histories, strict=False)

        def prepare(image: Picture, history: ArrayLike | None) -> tuple[list[np.ndarray], Plan]:
            pixels, plan = self.preprocess(self._limited(image, max_side))
            return self._network_inputs(pixels, plan, centre_bias, history), plan

        network = self.engine(self.passed())
        while chunk := [prepare(*pair) for pair in islice(pairs, batch_size)]:
            for _, run in groupby(chunk, key=lambda item: item[0][0].shape):
                inputs, plans = zip(*run, strict=True)
                raw = self._raw([np.stack(parts) for parts in zip(*inputs, strict=True)], network)
                for found, plan in zip(raw, plans, strict=True):
                    yield self._density(found, plan, centre_bias)

    def _network_inputs(
        self, pixels: np.ndarray, plan: Plan, centre_bias: Source, history: ArrayLike | None
    ) -> list[np.ndarray]:
        """What the network takes of one picture."""
        inputs = [pixels]
        if self.takes_centre_bias:
            inputs.append(log_centre_bias(centre_bias, plan.inner)[..., None])
        if self.takes_history:
            inputs.append(_latest(history, plan))
        return inputs

    def _raw(self, stacked: list[np.ndarray], network: Callable[[Any], Any]) -> np.ndarray:
        """Outputs of the network, (b, rows, columns)."""
        raw = network(stacked if len(stacked) > 1 else stacked[0])
        return np.asarray(raw, np.float32)[..., 0]

    def _density(self, found: np.ndarray, plan: Plan, centre_bias: Source) -> np.ndarray:
        """The log density of one picture from the network's output."""
        scores = self._front().finish(found, plan).astype(np.float64)
        if not self.takes_centre_bias:
            scores = scores + log_centre_bias(centre_bias, plan.image)
        return normalised(scores)

    def predict_maps(  # type: ignore[override]
        self,
        images: Iterable[Picture],
        *,
        centre_bias: Source | None = None,
        batch_size: int = 4,
        normalize: bool = False,
        max_side: int | None = None,
    ) -> Iterator[np.ndarray]:
        """Densities, the exponentials of `predict_log_densities`, float64, each of sum one.

        Args:
            images: as for `predict_map`.
            centre_bias: as for `predict_log_density`.
            batch_size: as for `predict_log_densities`.
            normalize: scale each map's minimum to 0 and its maximum to 1.
            max_side: scale larger pictures down first.
        """
        for found in self.predict_log_densities(
            images, centre_bias, batch_size=batch_size, max_side=max_side
        ):
            yield min_max(np.exp(found)) if normalize else np.exp(found)

    def predict_map(  # type: ignore[override]
        self,
        image: Picture,
        *,
        centre_bias: Source | None = None,
        normalize: bool = False,
        max_side: int | None = None,
    ) -> np.ndarray:
        """The density of one picture, see `predict_maps`."""
        (found,) = self.predict_maps(
            [image], centre_bias=centre_bias, normalize=normalize, max_side=max_side
        )
        return found


def _latest(history: ArrayLike | None, plan: Plan) -> np.ndarray:
    """The last four fixations in pixels of the frame, latest first; NaN where there are fewer."""
    latest = np.full((PAST, 2), np.nan, np.float32)
    if history is None:
        return latest
    points = np.asarray(history, np.float32).reshape(-1, 2)[::-1][:PAST]
    scale = np.array([plan.inner[1] / plan.image[1], plan.inner[0] / plan.image[0]], np.float32)
    latest[: len(points)] = points * scale
    return latest
