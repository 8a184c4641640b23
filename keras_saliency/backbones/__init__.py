"""Trunks that networks stand on: tapped, dilatable, with their own preprocessing and weights."""
