"""The test set of CAT2000: 20 folders of 100 images, even numbers only."""

from __future__ import annotations

from benchmark_kit.leaderboards.rules import Split

FOLDERS = (
    *("Action", "Affective", "Art", "BlackWhite", "Cartoon", "Fractal", "Indoor", "Inverted"),
    *("Jumbled", "LineDrawing", "LowResolution", "Noisy", "Object", "OutdoorManMade"),
    *("OutdoorNatural", "Pattern", "Random", "Satelite", "Sketch", "Social"),
)

TEST = Split(
    "test",
    2000,
    rf"(?:{'|'.join(FOLDERS)})/(?:[01]\d[02468](?<!000)|200)",
    size=(1920, 1080),
    folders=FOLDERS,
    shown="Action/002 to Social/200, even numbers; the folder is spelled Satelite",
)
STRANGERS = ((r"[A-Za-z]+/[012]\d[13579]", "the training set of CAT2000 (odd numbers)"),)
