"""What all trunks share: how a picture's colours are prepared, and a record of every trunk.

A trunk is a function from a Keras tensor (pictures prepared by its `Colours`) to taps: a dict of
layer name -> tensor, the names being those of `keras.applications` where it has the network, so
that its weight files load by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmark_kit.errors import ConfigError

Taps = dict[str, Any]


@dataclass(frozen=True)
class Colours:
    """From RGB in 0..255 to what a network was trained on: reorder, scale, shift, divide.

    Args:
        order: `"rgb"` or `"bgr"`.
        scale: factor of the values before the mean is taken off.
        mean: taken off each channel, in `order`, in scaled units.
        deviation: each channel is divided by it at the end.
    """

    order: str = "rgb"
    scale: float = 1.0
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    deviation: tuple[float, float, float] = (1.0, 1.0, 1.0)

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        """Prepare pictures.

        Args:
            pictures: float32 (…, 3), RGB in 0..255.

        Returns:
            float32 of the same shape.
        """
        ordered = pictures[..., ::-1] if self.order == "bgr" else pictures
        mean, deviation = (np.array(v, np.float32) for v in (self.mean, self.deviation))
        return np.ascontiguousarray((ordered * np.float32(self.scale) - mean) / deviation)


PLAIN = Colours()
UNIT = Colours(scale=1 / 255)
SIGNED = Colours(scale=1 / 127.5, mean=(1.0, 1.0, 1.0))
CAFFE = Colours("bgr", mean=(103.939, 116.779, 123.68))
TORCH = Colours(scale=1 / 255, mean=(0.485, 0.456, 0.406), deviation=(0.229, 0.224, 0.225))
LITE = Colours(mean=(127.0, 127.0, 127.0), deviation=(128.0, 128.0, 128.0))


@dataclass(frozen=True)
class Backbone:
    """One trunk.

    Args:
        name: what `encoder=` takes.
        build: `(inputs, **options) -> taps`.
        colours: the preparation that its ImageNet weights expect.
        taps: names of the layers whose outputs saliency networks use, shallow to deep.
        strides: input pixels per pixel of each tap.
        file: name of its ImageNet file at `keras.applications`, without top; "" if there is none.
        url: where that file comes from.
        md5: the file's MD5, as `keras.applications` states it.
        read: `path -> arrays by layer name`, where its files have a layout of their own.
    """

    name: str
    build: Callable[..., Taps]
    colours: Colours
    taps: tuple[str, ...]
    strides: tuple[int, ...]
    file: str = ""
    url: str = ""
    md5: str = ""
    read: Callable[[Path], dict[str, list[np.ndarray]]] | None = None


@dataclass
class Trunk:
    """A trunk inside a model.

    Args:
        backbone: what it is.
        taps: layer name -> output.
        layers: its layers that have weights.
        prefix: what their names begin with.
        heads: further layers with weights that were trained with it and come with it from a file of
            a network of ours.
    """

    backbone: Backbone
    taps: Taps
    layers: list[Any] = field(default_factory=list)
    prefix: str = ""
    heads: list[Any] = field(default_factory=list)

    def tap(self, stride: int) -> Any:
        """The deepest of the backbone's taps at a stride of the undilated trunk.

        Raises:
            ConfigError: the trunk has none.
        """
        for name, found in reversed(
            list(zip(self.backbone.taps, self.backbone.strides, strict=True))
        ):
            if found == stride and name in self.taps:
                return self.taps[name]
        raise ConfigError(
            f"encoder {self.backbone.name} has no tap of stride {stride}; it has "
            f"{', '.join(map(str, self.backbone.strides))}"
        )


def leaves(model: Any) -> list[Any]:
    """The layers of a model and of models inside it, which are no layers themselves here."""
    return [
        leaf
        for layer in model.layers
        for leaf in (leaves(layer) if hasattr(layer, "layers") else [layer])
    ]
