"""Taps of an encoder on one grid of stride 8: what ML-Net and MSI-Net read, and SAM of others."""

from __future__ import annotations

from typing import Any

from keras_saliency.backbones.adapters import encode
from keras_saliency.backbones.trunk import Trunk
from keras_saliency.layers.upsample import ResizeLike


def taps_at_stride_8(
    encoder: Any, picture: Any, vgg_taps: tuple[str, ...], **vgg_options: Any
) -> tuple[Trunk, list[Any]]:
    """The taps and the trunk they come from.

    Args:
        encoder: `"vgg16"` gives `vgg_taps` of the trunk whose late strides are 1; any other
            encoder its deepest tap of stride 8 and of each larger stride, scaled to the first by
            half-pixel bilinear interpolation.
        picture: prepared pictures.
        vgg_taps: names for VGG16.
        **vgg_options: of VGG16's function.
    """
    if encoder == "vgg16":
        trunk = encode("vgg16", picture, **vgg_options)
        return trunk, [trunk.taps[name] for name in vgg_taps]
    return deep_taps_at_stride_8(encoder, picture)


def deep_taps_at_stride_8(encoder: Any, picture: Any) -> tuple[Trunk, list[Any]]:
    """The deepest taps of stride 8 and of each larger stride, on the first one's grid.

    Args:
        encoder: as for `encode`.
        picture: prepared pictures.
    """
    trunk = encode(encoder, picture)
    first = trunk.tap(8)
    deeper = [trunk.tap(stride) for stride in sorted(set(trunk.backbone.strides)) if stride > 8]
    return trunk, [first, *(ResizeLike("half_pixel")(tap, first) for tap in deeper)]
