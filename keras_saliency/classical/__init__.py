"""Models without training, in numpy and scipy: one file and one card a model, no Keras."""
