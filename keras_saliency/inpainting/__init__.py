"""Saliency from inpainting error: how badly a hole can be filled from what surrounds it."""
