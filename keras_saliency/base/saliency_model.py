"""`SaliencyModel`: a Keras model that also takes pictures of any size and gives maps of their size.

What differs from paper to paper is data of the entry: the frame, the geometry of the picture's way
into it, the colours, and how the raw output becomes a map.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from benchmark_kit.errors import ConfigError
from benchmark_kit.imaging.min_max import min_max
from keras_saliency.base.array_model import rgb_pixels
from keras_saliency.base.card import Card
from keras_saliency.base.colours import Colours
from keras_saliency.base.first_step import peek, warn_of_constant_maps
from keras_saliency.base.geometry import Geometry, Plan
from keras_saliency.base.leaves import leaves
from keras_saliency.base.many_pictures import Passes
from keras_saliency.base.weights_entry import write_entry

if TYPE_CHECKING:
    from keras_saliency.base.array_model import Picture

LARGE = 4096 * 4096  # pixels of a picture beyond which the user is warned
Finish = Callable[[np.ndarray, Plan], np.ndarray]


def onto_image(values: np.ndarray, plan: Plan) -> np.ndarray:
    """The plain way back: the network's output scaled to the picture, padding cut."""
    return plan.onto_image(values)


@dataclass(frozen=True)
class Front:
    """A paper's way from a picture to the network and from its output to the map.

    Args:
        frame: (height, width) that the network works at.
        geometry: how pictures come into the frame.
        colours: how their colours are prepared.
        finish: `(raw output (h, w) or (h, w, scales), plan) -> map` of the picture's size.
        names: of the maps, where the output holds several.
    """

    frame: tuple[int, int]
    geometry: Geometry
    colours: Colours
    finish: Finish = onto_image
    names: tuple[str, ...] = ()


@keras.saving.register_keras_serializable(package="keras_saliency")
class SaliencyModel(keras.Model):
    """A network of the registry; `build_model` makes it.

    It trains, saves and loads as any Keras model: a saved file holds the entry's name and options,
    from which the network is built again.

    Attributes:
        card: what is known of the model.
        entry: its name and the options it was built with.
        front: the way of pictures in and of maps out; None for inpainters.
        random_weights: True until weights are loaded or the model is fitted.
        trained_trunks: whether all its trunks were given weights.
        engine: `engine(network)` gives what runs that network over the pictures of one call.
    """

    card: Card | None = None
    front: Front | None = None
    random_weights = True
    trained_trunks = False
    engine: Callable[[Any], Callable[[Any], Any]] = Passes

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.entry: dict[str, Any] = {}

    def __repr__(self) -> str:
        kind = "network" if self.card is None else self.card.kind
        count = f", {self.count_params():,} parameters" if self.built else ""
        return f"<{self.entry.get('name', self.name)}: {kind}{count}, {self.training_state}>"

    @property
    def training_state(self) -> str:
        """Whether it has learned: `"trained"`, or what is still random."""
        if not self.random_weights:
            return "trained"
        return "random weights on a trained trunk" if self.trained_trunks else "random weights"

    def get_config(self) -> dict[str, Any]:
        """Name and options of the entry: the network is built from them again."""
        if not self.entry:
            raise ValueError(
                "this network was not made by build_model, so it cannot be saved whole. "
                "Fix: build_model(name, …), or save_weights"
            )
        return {
            "entry": keras.saving.serialize_keras_object(
                {**self.entry, "options": self._kept_options()}
            ),
            "random_weights": self.random_weights,
            "frozen": [k for k, layer in enumerate(_weighted(self)) if not layer.trainable],
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> SaliencyModel:
        """Build the entry again.

        Raises:
            ConfigError: an entry or option that this version does not have.
        """
        from keras_saliency.registry.build import build_model

        entry = keras.saving.deserialize_keras_object(config["entry"], custom_objects)
        model = build_model(entry["name"], **entry["options"])
        model.restore(config)
        return model

    def restore(self, config: dict[str, Any]) -> None:
        """Take what `get_config` holds besides the entry; the weights come later."""
        self.random_weights = config["random_weights"]
        if isinstance(frozen := config.get("frozen"), list):
            # as it was trained: an optimizer's state fits no other choice of layers
            for k, layer in enumerate(_weighted(self)):
                if layer.trainable == (k in frozen):
                    layer.trainable = k not in frozen

    def _kept_options(self) -> dict[str, Any]:
        """Those of the entry's options that a file of the network names."""
        return self.entry["options"]

    @property
    def map_names(self) -> tuple[str, ...]:
        """Names of the maps that `predict_map` gives along its last axis; empty for one map."""
        return () if self.front is None else self.front.names

    def fit(self, x: Any = None, *args: Any, **kwargs: Any) -> Any:
        """As Keras' `fit`; the first time, a map that is constant at the start is warned of.

        Batches of `keras_saliency.data` are told the epoch and come in their own order, and Keras
        is not asked to shuffle a `tf.data.Dataset`, which it cannot.
        """
        if hasattr(x, "for_fit"):
            kwargs = x.for_fit(kwargs)
        elif hasattr(x, "element_spec"):
            kwargs.setdefault("shuffle", False)
        if self.random_weights:
            inputs, x = peek(x)
            if inputs is not None:
                warn_of_constant_maps(self, inputs)
        history = super().fit(x, *args, **kwargs)
        self.random_weights = False
        return history

    def save(self, filepath: Any, *args: Any, **kwargs: Any) -> None:
        """As Keras' `save`, to `.keras`.

        Raises:
            ConfigError: Keras' older HDF5 form, which cannot hold a network of the registry.
        """
        if str(filepath).endswith((".h5", ".hdf5")):
            raise ConfigError(
                f"{filepath}: a network of the registry is saved whole as .keras, and its weights "
                "as .weights.h5 by save_weights. Fix: another suffix"
            )
        super().save(filepath, *args, **kwargs)

    def save_weights(self, filepath: Any, *args: Any, **kwargs: Any) -> None:
        """As Keras' `save_weights`; the file also says which network it belongs to."""
        super().save_weights(filepath, *args, **kwargs)
        if self.entry and str(filepath).endswith(".weights.h5"):
            write_entry(Path(filepath), self.get_config())

    def load_weights(self, *args: Any, **kwargs: Any) -> None:
        """As Keras' `load_weights`."""
        super().load_weights(*args, **kwargs)
        self.random_weights = False

    def passed(self) -> Any:
        """The network that pictures pass through: itself, or the part of it that maps come from."""
        return self

    def preprocess(self, image: Picture) -> tuple[np.ndarray, Plan]:
        """A picture as the network takes it.

        Args:
            image: as for `predict_map`.

        Returns:
            float32 (height, width, 3) of the network's frame, and the plan that leads back.
        """
        front = self._front()
        pixels = rgb_pixels(image)
        if pixels.shape[0] * pixels.shape[1] > LARGE:
            warnings.warn(
                f"a picture of {pixels.shape[1]}x{pixels.shape[0]}: its map has as many pixels. "
                "max_side=2048 predicts a smaller one",
                stacklevel=3,
            )
        plan = front.geometry.plan(pixels.shape[:2], front.frame)  # type: ignore[arg-type]
        return front.colours(plan.into_frame(pixels)), plan

    def predict_map(
        self, image: Picture, *, normalize: bool = False, max_side: int | None = None
    ) -> np.ndarray:
        """Saliency of one picture.

        Args:
            image: a path; a Pillow image; or an array (height, width[, 1, 3 or 4]): uint8, or float
                in 0..255 or 0..1. Gray counts as three equal channels, alpha is ignored.
            normalize: scale the map's minimum to 0 and its maximum to 1.
            max_side: scale a larger picture down to it first; the map has that size.

        Returns:
            float32 (height, width), at the picture's own size; (height, width, maps) of a network
            with `map_names`.

        Raises:
            ConfigError: a path that does not exist, or a model without maps.
            InputError: a file or an array that is no picture.
        """
        (found,) = self.predict_maps([image], normalize=normalize, max_side=max_side)
        return found

    def predict_maps(
        self,
        images: Iterable[Picture],
        *,
        batch_size: int = 8,
        normalize: bool = False,
        max_side: int | None = None,
    ) -> Iterator[np.ndarray]:
        """Saliency of pictures of any sizes, in order; the next ones are decoded meanwhile.

        Args:
            images: as for `predict_map`.
            batch_size: pictures in one pass of the network.
            normalize: scale each map's minimum to 0 and its maximum to 1.
            max_side: scale larger pictures down first.
        """
        front = self._front()
        if self.random_weights:
            warnings.warn(
                f"{self.name} has random weights: its maps say nothing. Fix: weights=FILE, "
                "load_weights, or fit",
                stacklevel=3,
            )

        def prepare(image: Picture) -> tuple[np.ndarray, Plan]:
            return self.preprocess(self._limited(image, max_side))

        def finish(raw: np.ndarray, plan: Plan) -> np.ndarray:
            found = front.finish(raw, plan)
            return min_max(found) if normalize else found

        network = self.engine(self.passed())
        waiting = iter(images)
        with ThreadPoolExecutor() as pool:
            ahead = [pool.submit(prepare, image) for image in islice(waiting, batch_size)]
            finished: list[Any] = []
            while ahead:
                ready = [future.result() for future in ahead]
                ahead = [pool.submit(prepare, image) for image in islice(waiting, batch_size)]
                for batch in _of_one_size(ready):
                    raw = self._raw_maps(np.stack([pixels for pixels, _ in batch]), network)
                    # maps of the batch before are finished by threads while this one is computed
                    yield from (future.result() for future in finished)
                    plans = [plan for _, plan in batch]
                    finished = [pool.submit(finish, *pair) for pair in zip(raw, plans, strict=True)]
            yield from (future.result() for future in finished)

    def _limited(self, image: Picture, max_side: int | None) -> Picture:
        return image if max_side is None else _smaller(image, max_side)

    def _raw_maps(self, pictures: np.ndarray, network: Callable[[Any], Any]) -> np.ndarray:
        outputs = network(pictures)
        if isinstance(outputs, list | tuple):
            outputs = outputs[-1]
        if isinstance(outputs, dict):
            outputs = outputs["map"]
        raw = np.asarray(outputs, np.float32)
        return raw[..., 0] if raw.ndim == 4 and raw.shape[-1] == 1 else raw

    def _front(self) -> Front:
        if self.front is None:
            raise ConfigError(
                f"{self.name} fills holes in pictures and gives no saliency map by itself. "
                "Fix: salbench inpainting-error IMAGES --out DIR"
            )
        return self.front


def _weighted(model: Any) -> list[Any]:
    return [layer for layer in leaves(model) if layer.weights]


def _of_one_size(ready: list[tuple[np.ndarray, Plan]]) -> Iterator[list[tuple[np.ndarray, Plan]]]:
    """Runs of neighbours of one size, so that order is kept."""
    run: list[tuple[np.ndarray, Plan]] = []
    for item in ready:
        if run and item[0].shape != run[0][0].shape:
            yield run
            run = []
        run.append(item)
    if run:
        yield run


def _smaller(image: Picture, max_side: int) -> np.ndarray:
    from keras_saliency.base.resample import resample

    pixels = rgb_pixels(image)
    scale = max_side / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    size = tuple(max(1, round(side * scale)) for side in pixels.shape[:2])
    scaled = resample(pixels.astype(np.float32), size, "antialiased")  # type: ignore[arg-type]
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
