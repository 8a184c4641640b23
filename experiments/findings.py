"""What the documents found, measured again in small: docs/findings.md.

    python experiments/findings.py NAME --osie osie/ --mit1003 mit1003_train/ --out runs/
        --lite0 efficientnet_lite0.npz --mobilenet mobilenet_7_5_224_tf_no_top.h5

runs every arm of a finding with each seed, keeps the kit's results of each in `--out` (a run that
was stopped goes on after the last whole arm), prints the table with paired differences, and puts
its rows into scores.csv and differences.csv beside this file.
"""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from paired import differences, scores
from record import markdown, put, rows_of
from scoring import results_of
from small_sets import READERS, small_sets
from work import Finding, Work

NAMES = (
    "ml_net_prior",
    "learned_priors",
    "eml_net",
    "inpainting_pretraining",
    "mask_sizes",
    "from_scratch",
    "likelihood",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=NAMES)
    for name in READERS:
        parser.add_argument(f"--{name}", type=Path, help="the data set's folder")
    parser.add_argument("--lite0", type=Path, help="EfficientNet-Lite0, .npz; else a random trunk")
    parser.add_argument("--mobilenet", type=Path, help="MobileNet v1, alpha 0.75, .h5; likewise")
    parser.add_argument("--out", type=Path, required=True, help="folder of what is kept")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--pictures", default="300/150", help="of each set: to learn, to judge by")
    parser.add_argument("--epochs", type=int, help="of every training; else the finding's")
    parser.add_argument("--record", type=Path, default=Path(__file__).parent, help="of the tables")
    given = parser.parse_args()
    roots = {name: getattr(given, name) for name in READERS if getattr(given, name)}
    if not roots:
        parser.error("give --osie, --mit1003 or both")
    learn, judge = map(int, given.pictures.split("/"))
    parts = small_sets(roots, learn, judge, given.out / "pictures")
    work = Work(
        parts["learn"], parts["judge"], given.out, given.lite0, given.mobilenet, given.epochs
    )
    finding: Finding = importlib.import_module(given.name).FINDING
    found = {
        (arm, seed): results_of(given.name, finding, arm, seed, work)
        for seed in range(given.seeds)
        for arm in finding.arms
    }
    tables = given.record / "scores.csv", given.record / "differences.csv"
    for path, rows in zip(tables, (scores(found), differences(finding, found)), strict=True):
        put(rows, given.name, path)
    shown = markdown(*(rows_of(path, given.name) for path in tables))
    print(f"\n{finding.question}\n\n{shown}")


if __name__ == "__main__":
    main()
