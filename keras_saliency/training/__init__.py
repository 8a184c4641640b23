"""How networks are trained where Keras' `fit` alone is not the paper's way."""
