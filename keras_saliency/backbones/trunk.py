"""What all trunks share: a record of every trunk, and of a trunk inside a model.

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
from keras_saliency.base.colours import Colours

Taps = dict[str, Any]


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
