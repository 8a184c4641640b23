"""Results made of given values, for comparisons."""

import copy

import numpy as np
import pytest

from benchmark_kit.results.record import Results

LABELS = {
    "nss": ("NSS", "higher"),
    "kl": ("KL", "lower"),
    "sauc": ("sAUC", "higher"),
    "ig_map": ("IG (map)", "higher"),
}


def make(columns, names=None, categories=None):
    """Results with the given per-image values: key -> list, None where there is none."""
    images = len(next(iter(columns.values())))
    names = names or [f"{k:03d}" for k in range(images)]
    rows = [
        {
            "name": name,
            "category": categories[k] if categories else None,
            "fixations": 9,
            **{key: values[k] for key, values in columns.items()},
            "flags": [],
        }
        for k, name in enumerate(names)
    ]
    metrics = {}
    for key, values in columns.items():
        known = [value for value in values if value is not None]
        label, better = LABELS[key]
        metrics[key] = {
            "label": label,
            "dialect": "tuebingen",
            "better": better,
            "unit": "",
            "value": float(np.mean(known)) if known else None,
            "low": None,
            "high": None,
            "n": len(known),
        }
    return Results(
        {
            "schema": 1,
            "kind": "evaluation",
            "dataset": {
                "name": "made",
                "edition": None,
                "split": "val",
                "points": "fixations",
                "images": images,
                "scored": images,
                "without_fixations": [],
                "missing_maps": [],
                "dropped": {},
                "fingerprint": "sha256:" + 64 * "a",
                "density": {"tuebingen": "counts, Gaussian sigma 24 px"},
                "notes": [],
            },
            "maps": {
                "source": "folder maps",
                "count": images,
                "fingerprint": "sha256:" + 64 * "b",
                "stored_as": "PNG",
                "resized": None,
                "transposed": 0,
                "kind": "maps",
            },
            "dialect": "tuebingen",
            "made": {"numbers_version": 1, "software": {"keras-saliency": "0.1.0"}},
            "variants": {key: f"{key.removesuffix('_map')}@tuebingen" for key in columns},
            "negatives": {"sauc": {"images": images}} if "sauc" in columns else {},
            "bootstrap": {"n": 0, "level": 0.95},
            "groups": {"category": {}},
            "seed": 0,
            "warnings": [],
            "yardsticks": {},
            "ig_baseline": "centre bias" if "ig_map" in columns else None,
            "metrics": metrics,
            "images": rows,
        }
    )


def make_noisy(seed, images=40, shift=0.0):
    rng = np.random.default_rng(seed)
    shared = np.random.default_rng(99).normal(1, 1, images)
    return {
        "nss": (shared + rng.normal(shift, 0.3, images)).tolist(),
        "kl": (1 - 0.2 * shared + rng.normal(-shift, 0.3, images)).tolist(),
    }


def make_changed(results, *path, to):
    """The same results with one fact changed."""
    data = copy.deepcopy(results.data)
    inner = data
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = to
    return Results(data)


@pytest.fixture(scope="session")
def made():
    """The maker of results."""
    return make


@pytest.fixture(scope="session")
def noisy():
    """The maker of values of two metrics."""
    return make_noisy


@pytest.fixture(scope="session")
def changed():
    """Gives the same results with one fact changed."""
    return make_changed
