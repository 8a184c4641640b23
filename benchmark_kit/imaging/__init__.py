"""Pixels: decoding and encoding, resizing, densities, the centre bias."""
