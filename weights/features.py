"""The frozen trunk's features of all training and validation pictures, kept in a folder.

    python weights/features.py --set osie=osie/ … --trunk efficientnet_lite0.npz --out features/

`SET/PICTURE.npy` holds the block outputs on the grid of stride 16, float16. What is there is not
made again. An epoch of a head over them takes a sixth of the time that it takes with the trunk.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import keras
import numpy as np
from pictures import Picture, read_parts

from keras_saliency.backbones.weights import load_trunk
from keras_saliency.models.saliency_lite import saliency_lite


def feature_file(folder: Path, one: Picture) -> Path:
    """Where the features of a picture lie."""
    return folder / f"{one.key}.npy"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", action="append", required=True, metavar="NAME=FOLDER")
    parser.add_argument("--trunk", type=Path, required=True, help="ImageNet weights, .npz")
    parser.add_argument("--encoder", default="efficientnet_lite0")
    parser.add_argument("--out", type=Path, required=True, help="folder to make")
    given = parser.parse_args()
    model = saliency_lite(encoder=given.encoder, pretrained=False)
    load_trunk(model.trunks[0], given.trunk)
    colours = model.front.colours
    features = keras.Model(model.inputs[0], model.get_layer("features").output)
    parts = read_parts(given.set)
    for one in (*parts[0], *parts[1]):
        file = feature_file(given.out, one)
        if file.exists():
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        prepared = colours(one.pixels[None].astype(np.float32))
        found = np.asarray(features.predict_on_batch(prepared))[0]
        partial = file.with_suffix(".part")
        with partial.open("wb") as stream:
            np.save(stream, found.astype(np.float16))
        partial.rename(file)
    print(f"{given.out}: {len(parts[0])} to train, {len(parts[1])} to validate")


if __name__ == "__main__":
    main()
