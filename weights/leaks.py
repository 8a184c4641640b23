"""No test picture is a training picture: thumbnails of every one against every other, mirrored too.

    python weights/leaks.py --osie osie/ --train mit1003_train/ --train pascal_s/ --train eyecrowd/
        --test mit1003_test/

OSIE is parted by the rule `hash:500/50/150`; other folders are training or test sets whole. Prints
how many pictures were compared, and the pairs that are near-duplicates; ends with status 1 if there
is one.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmark_kit.datasets import get_dataset
from benchmark_kit.types import Truths
from keras_saliency.data import near_duplicates, split


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--osie", type=Path)
    parser.add_argument("--train", action="append", type=Path, default=[], metavar="DIR")
    parser.add_argument("--test", action="append", type=Path, default=[], metavar="DIR")
    given = parser.parse_args()
    train: list[Truths] = [get_dataset("folder", folder) for folder in given.train]
    test: list[Truths] = [get_dataset("folder", folder) for folder in given.test]
    if given.osie:
        parts = split(get_dataset("osie", given.osie), "hash:500/50/150")
        train += [parts["train"], parts["validate"]]
        test.append(parts["test"])
    compared, found = 0, []
    for looked_for in test:
        for place in train:
            compared += len(looked_for) * len(place)
            found += near_duplicates(looked_for, place)
    print(f"{sum(map(len, test))} test pictures, {sum(map(len, train))} others, {compared} pairs")
    for pair in found:
        print(f"{pair.one} is {pair.other} (correlation {pair.correlation:.3f})")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
