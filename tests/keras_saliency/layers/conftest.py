"""What the tests of several layers need."""

import numpy as np
import pytest


@pytest.fixture
def gradient():
    """`gradient(layer, inputs, weights)`: gradients of sum(layer(*inputs) * weights).

    One array for every input tensor, then one for every trainable weight of the layer, on either
    backend.
    """
    import keras
    from keras import ops

    def of_tensorflow(layer, inputs, weights):
        import tensorflow as tf

        tensors = [tf.constant(x) for x in inputs]
        with tf.GradientTape() as tape:
            tape.watch(tensors)
            loss = ops.sum(layer(*tensors) * weights)
        sources = [*tensors, *(v.value for v in layer.trainable_variables)]
        return tape.gradient(loss, sources, unconnected_gradients="zero")

    def of_jax(layer, inputs, weights):
        import jax

        def loss(tensors, values):
            outputs, _ = layer.stateless_call(values, [], *tensors)
            return ops.sum(outputs * weights)

        values = [v.value for v in layer.trainable_variables]
        tensors = [jax.numpy.asarray(x) for x in inputs]
        by_input, by_weight = jax.grad(loss, argnums=(0, 1))(tensors, values)
        return [*by_input, *by_weight]

    def compute(layer, inputs, weights):
        layer(*inputs)  # builds
        run = of_jax if keras.backend.backend() == "jax" else of_tensorflow
        return [np.asarray(g) for g in run(layer, inputs, weights)]

    return compute
