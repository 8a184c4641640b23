"""How networks are trained: recipes of their cards, and where `fit` alone is not the way."""
