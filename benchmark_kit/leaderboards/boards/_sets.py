"""Sets of images that the boards of several hosts score."""

from __future__ import annotations

from benchmark_kit.leaderboards.rules import Split

# the sizes differ and are no part of the rule (our choice)
MIT300 = Split(
    "test",
    300,
    r"i(?:[1-9]|[1-9]\d|[12]\d\d|300)",
    size=None,
    shown="i1 to i300",
)

CAT2000_FOLDERS = (
    *("Action", "Affective", "Art", "BlackWhite", "Cartoon", "Fractal", "Indoor", "Inverted"),
    *("Jumbled", "LineDrawing", "LowResolution", "Noisy", "Object", "OutdoorManMade"),
    *("OutdoorNatural", "Pattern", "Random", "Satelite", "Sketch", "Social"),
)

# even numbers; the training set has the odd ones
CAT2000 = Split(
    "test",
    2000,
    rf"(?:{'|'.join(CAT2000_FOLDERS)})/(?:[01]\d[02468](?<!000)|200)",
    size=(1920, 1080),
    folders=CAT2000_FOLDERS,
    shown="Action/002 to Social/200, even numbers; the folder is spelled Satelite",
)
CAT2000_STRANGERS = ((r"[A-Za-z]+/[012]\d[13579]", "the training set of CAT2000 (odd numbers)"),)
