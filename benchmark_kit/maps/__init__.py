"""Saliency maps from outside: where they lie, which image each belongs to, what is wrong."""
