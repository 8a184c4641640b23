"""Dilated convolution: on a processor in place, where TensorFlow would shuffle pixels for it.

`tf.nn.convolution`, and with it `keras.ops.conv`, makes a dilated convolution of plain ones: it
sorts the pixels into d x d smaller pictures, convolves those and sorts back. `tf.nn.conv2d` skips
through the picture instead. On 30 x 40 pixels at dilation 12 that takes two fifths of the time,
backwards as well.

In bfloat16 the kernel's gradient is made of products here. That of oneDNN (TensorFlow 2.21) is not
a number in the last channels wherever these are more than 16 and no multiple of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import keras
from keras import ops

from keras_saliency.ops.pair import pair


def convolve(
    images: Any,
    kernel: Any,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    dilation_rate: int | Sequence[int] = 1,
) -> Any:
    """The same numbers as `keras.ops.conv` of images with channels last.

    Args:
        images: tensor (batch, rows, columns, channels), any floating dtype.
        kernel: tensor (rows, columns, channels, filters) of the same dtype; fewer channels than the
            images have make groups.
        strides: a number or (rows, columns).
        padding: `"valid"` or `"same"`.
        dilation_rate: a number or (rows, columns); above 1 only with strides of 1.

    Returns:
        Tensor (batch, rows', columns', filters) of the same dtype.
    """
    strides, dilation_rate = pair(strides), pair(dilation_rate)
    if keras.config.backend() == "tensorflow" and max(dilation_rate) > 1:
        import tensorflow as tf

        # a layer's own kernel is a variable until here, in the dtype that it is kept in
        images, kernel = tf.convert_to_tensor(images), tf.convert_to_tensor(kernel)
        if images.shape[-1] == kernel.shape[-2] and _learns_in_place(images.dtype.name):
            return _in_place(images, kernel, padding.upper(), dilation_rate)
    return ops.conv(
        images,
        kernel,
        strides,
        padding=padding,
        dilation_rate=dilation_rate,
        data_format="channels_last",
    )


def _in_place(images: Any, kernel: Any, padding: str, dilations: tuple[int, int]) -> Any:
    import tensorflow as tf

    if images.dtype != tf.bfloat16:
        return tf.nn.conv2d(images, kernel, 1, padding, dilations=dilations)

    @tf.custom_gradient
    def convolved(images: Any, kernel: Any) -> tuple[Any, Any]:
        def backwards(upstream: Any) -> tuple[Any, Any]:
            to_images = tf.raw_ops.Conv2DBackpropInput(
                input_sizes=tf.shape(images),
                filter=kernel,
                out_backprop=upstream,
                strides=[1] * 4,
                padding=padding,
                dilations=[1, *dilations, 1],
            )
            return to_images, _kernel_gradient(images, kernel.shape, upstream, padding, dilations)

        return tf.nn.conv2d(images, kernel, 1, padding, dilations=dilations), backwards

    return convolved(images, kernel)


def _kernel_gradient(
    images: Any, size: Any, upstream: Any, padding: str, dilations: tuple[int, int]
) -> Any:
    """Of each place of the kernel: the picture as that place sees it, times what comes back."""
    import tensorflow as tf

    if padding == "SAME":
        around = [step * (side - 1) for step, side in zip(dilations, size[:2], strict=True)]
        border = [[0, 0], *([n // 2, n - n // 2] for n in around), [0, 0]]
        images = tf.pad(images, border)
    channels, filters = size[2:]
    rows, columns = tf.shape(upstream)[1], tf.shape(upstream)[2]
    back = tf.reshape(upstream, (-1, filters))
    products = []
    for down in range(0, size[0] * dilations[0], dilations[0]):
        for across in range(0, size[1] * dilations[1], dilations[1]):
            seen = images[:, down : down + rows, across : across + columns]
            products.append(tf.matmul(tf.reshape(seen, (-1, channels)), back, transpose_a=True))
    return tf.reshape(tf.stack(products), size)


@cache
def _learns_in_place(dtype: str) -> bool:
    """Whether this processor has the gradients too: oneDNN has them, TensorFlow's own code not."""
    if dtype not in ("float32", "bfloat16"):
        return False
    import tensorflow as tf

    options = {"strides": [1] * 4, "padding": "SAME", "dilations": [1, 2, 2, 1]}
    # outside any graph or distribution strategy that a network is being built or trained in
    with tf.init_scope(), tf.device("CPU:0"):
        pixels, kernel = tf.ones((1, 3, 3, 1), dtype), tf.ones((2, 2, 1, 1), dtype)
        try:
            tf.raw_ops.Conv2DBackpropInput(
                input_sizes=pixels.shape, filter=kernel, out_backprop=pixels, **options
            )
            if dtype == "float32":
                tf.raw_ops.Conv2DBackpropFilter(
                    input=pixels, filter_sizes=kernel.shape, out_backprop=pixels, **options
                )
        except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError):
            return False
    return True
