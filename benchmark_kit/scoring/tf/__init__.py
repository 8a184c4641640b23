"""Scoring in TensorFlow graphs, on CPUs and GPUs, through `tf.distribute`."""
