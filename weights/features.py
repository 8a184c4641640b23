"""The frozen trunk's features of all training and validation pictures, kept in a folder.

    python weights/features.py --set osie=osie/ … --trunk efficientnet_lite0.npz --out features/

`SET/PICTURE.npy` holds the block outputs on the grid of stride 16, float16; `pictures.npz` the
fixations and the part of every picture. What is there is not made again. An epoch of a head over
them takes a sixth of the time that it takes with the trunk.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import keras
import numpy as np
from pictures import Picture, read_parts
from train import prepared

from keras_saliency.backbones.weights import load_trunk
from keras_saliency.models.saliency_lite import saliency_lite

INDEX = "pictures.npz"


def feature_file(folder: Path, one: Picture) -> Path:
    """Where the features of a picture lie."""
    return folder / f"{one.key}.npy"


def read_index(folder: Path) -> tuple[list[Picture], list[Picture]]:
    """Training and validation pictures with their fixations; their pixels are all black."""
    found: tuple[list[Picture], list[Picture]] = ([], [])
    with np.load(folder / INDEX) as held:
        rows = {name: held[name] for name in held.files}
    ends = np.cumsum(rows["fixations"])[:-1]
    points = (np.split(rows[name], ends) for name in ("x", "y"))
    columns = (rows[name] for name in ("part", "dataset", "name", "frame"))
    for part, dataset, name, frame, x, y in zip(*columns, *points, strict=True):
        # a frame without memory: only its size is asked for
        black = np.broadcast_to(np.uint8(0), (*map(int, frame), 3))
        found[int(part)].append(Picture(int(dataset), str(name), black, x, y))
    return found


def _write_index(folder: Path, parts: tuple[list[Picture], list[Picture]]) -> None:
    pictures = [*parts[0], *parts[1]]
    np.savez(
        folder / INDEX,
        part=np.repeat((0, 1), [len(part) for part in parts]),
        dataset=[one.dataset for one in pictures],
        name=[one.name for one in pictures],
        frame=[one.frame for one in pictures],
        fixations=[len(one.x) for one in pictures],
        x=np.concatenate([one.x for one in pictures]),
        y=np.concatenate([one.y for one in pictures]),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", action="append", required=True, metavar="NAME=FOLDER")
    parser.add_argument("--trunk", type=Path, required=True, help="ImageNet weights, .npz")
    parser.add_argument("--encoder", default="efficientnet_lite0")
    parser.add_argument("--out", type=Path, required=True, help="folder to make")
    given = parser.parse_args()
    model = saliency_lite(encoder=given.encoder, pretrained=False)
    load_trunk(model.trunks[0], given.trunk)
    features = keras.Model(model.inputs[0], model.get_layer("features").output)
    parts = read_parts(given.set)
    for one in (*parts[0], *parts[1]):
        file = feature_file(given.out, one)
        if file.exists():
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        found = np.asarray(features.predict_on_batch(prepared(one.pixels)[None]))[0]
        partial = file.with_suffix(".part")
        with partial.open("wb") as stream:
            np.save(stream, found.astype(np.float16))
        partial.rename(file)
    _write_index(given.out, parts)
    print(f"{given.out}: {len(parts[0])} to train, {len(parts[1])} to validate")


if __name__ == "__main__":
    main()
