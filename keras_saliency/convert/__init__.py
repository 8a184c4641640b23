"""Weight files of the original programs into networks of the registry.

    convert("ml_net", "mlnet_salicon_weights.pkl") -> the network with these weights, what was used

Each reader knows one kind of file and, for its networks, which arrays belong to which of our layers
and how they must be turned. docs/convert.md lists files and repositories.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmark_kit.errors import ConfigError
from keras_saliency.backbones.weights import assign
from keras_saliency.convert import caffe, keras1, tf1, theano, torch
from keras_saliency.convert._original import Original
from keras_saliency.registry.build import build_model
from keras_saliency.registry.cards import model_card

__all__ = ["READERS", "convert"]

READERS = {
    "dva": caffe.read,
    "eml_net_resnet50": torch.read,
    "ml_net": keras1.read,
    "msi_net": tf1.read,
    "salgan": theano.read,
    "salnet": caffe.read,
    "sam_resnet": keras1.read,
    "sam_vgg": keras1.read,
}
ON_THEANO = ("ml_net", "sam_resnet", "sam_vgg")


def convert(name: str, path: str | Path) -> tuple[Any, Original]:
    """Build a network and give it the weights of an original file.

    Where the original pooled as Theano does and the entry has the option, the network is built with
    `alignment="theano"`: its weights expect it.

    Args:
        name: one of `READERS`.
        path: the original's file.

    Returns:
        the network, and which arrays of the file it took and which are left.

    Raises:
        ConfigError: no such network or file, or one whose original is not known.
        InputError: a file that cannot be read, or of another network: all layers that do not fit
            are named, and none is set.
    """
    card = model_card(name)
    if name not in READERS:
        raise ConfigError(
            f"no original weights of {name} are known; they are of {', '.join(READERS)}"
        )
    path = Path(path).expanduser()
    original = READERS[name](name, path)
    options: dict[str, Any] = {}
    if name in ON_THEANO and "alignment" in card.options:
        options["alignment"] = "theano"
    model = build_model(name, **options)
    assign({layer.name: layer for layer in model.layers if layer.weights}, original.layers, path)
    model.random_weights = False
    return model, original
