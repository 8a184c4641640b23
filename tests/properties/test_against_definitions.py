"""Every metric that draws nothing at random, in every dialect, against its definition.

The definitions are written out once more here, in plain Python numbers: docs/metrics.md and the
programs it names. Maps are small and of all kinds: few levels, many ties, constants, zeros,
negative values, repeats, one fixation, every pixel fixated.
"""

import math
from itertools import pairwise

import numpy as np
import pytest

from benchmark_kit import metrics
from benchmark_kit.dialects import DIALECTS

CASES = 150
EPS, FIVE = 2.0**-52, 2.2204e-16
NAN = math.nan
REFUSED = "refused"


def flat(values):
    return [float(v) for v in np.asarray(values, np.float64).ravel()]


def at(values, points):
    return [float(values[y][x]) for x, y in points]


def once(points):
    return list(dict.fromkeys(points))


def min_max(values):
    low, high = min(values), max(values)
    return [(v - low) / (high - low) for v in values]


def shared(values, rule):
    """The map as a density; None where the rule has none."""
    low, high = min(values), max(values)
    if rule == "min-max":
        if low == high:
            return None if any(values) else values
        values = min_max(values)
    elif rule == "shift" and low < 0:
        values = [v - low for v in values]
    total = math.fsum(values)
    if total == 0:
        return [1 / len(values)] * len(values) if rule == "shift" else values
    return [v / total for v in values]


def exact_auc(positives, negatives):
    if not positives or not negatives:
        return NAN
    wins = sum((q < p) + 0.5 * (q == p) for p in positives for q in negatives)
    return wins / (len(positives) * len(negatives))


def trapezoid(points):
    return math.fsum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(points))


def judd(values, fixated):
    if len(fixated) in (0, len(values)) or min(values) == max(values):
        return NAN
    points = [(0.0, 0.0)]
    for i, t in enumerate(sorted(fixated, reverse=True), start=1):
        above = sum(v >= t for v in values)
        points.append(((above - i) / (len(values) - len(fixated)), i / len(fixated)))
    return trapezoid([*points, (1.0, 1.0)])


def thresholds(step, top, colon):
    if colon == "arange":
        return [k * step for k in range(math.ceil(top / step))]
    n = round(top / step)
    if n * step - top > 2 * EPS * top:
        n -= 1
    last = n * step
    if last - top > -2 * EPS * top:
        last = top
    found = [k * step if k <= n / 2 else last - (n - k) * step for k in range(n + 1)]
    if n % 2 == 0 and n:
        found[n // 2] = last / 2
    return found


def weighted_sauc(values, points, counts, step, colon):
    if min(values) == max(values):
        if colon != "arange":
            return NAN
        positives = at(counts, points)
        return 0.5 if positives and sum(erased(counts, points)) else NAN
    scaled = min_max(values)
    width = len(counts[0])
    positives = [scaled[y * width + x] for x, y in points]
    weights = erased(counts, points) if colon == "arange" else flat(counts)
    if not positives or not sum(weights):
        return NAN
    negatives = [(s, w) for s, w in zip(scaled, weights, strict=True) if w]
    top = max([*positives, *(s for s, _ in negatives)])
    roc = [(0.0, 0.0)]
    for t in reversed(thresholds(step, top, colon)):
        fp = sum(w for s, w in negatives if s >= t) / sum(weights)
        roc.append((fp, sum(p >= t for p in positives) / len(positives)))
    return trapezoid([*roc, (1.0, 1.0)])


def erased(counts, points):
    kept = np.array(counts, np.float64)
    for x, y in points:
        kept[y, x] = 0
    return flat(kept)


def deviation(values, ddof):
    mean = math.fsum(values) / len(values)
    if min(values) == max(values):
        return mean, 0.0
    return mean, math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (len(values) - ddof))


def nss(values, fixated, ddof, constant):
    if not fixated:
        return NAN
    mean, spread = deviation(values, ddof)
    if spread == 0:
        return constant
    return math.fsum((v - mean) / spread for v in fixated) / len(fixated)


def cc(a, b, constant):
    (mean_a, spread_a), (mean_b, spread_b) = deviation(a, 0), deviation(b, 0)
    if spread_b == 0:
        return NAN
    if spread_a == 0:
        return constant
    products = math.fsum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    return products / len(a) / spread_a / spread_b


def sim(a, b, rule):
    p, q = shared(a, rule), shared(b, rule)
    return NAN if p is None or q is None else math.fsum(map(min, p, q))


def kl(a, b, rule, eps):
    p, q = shared(a, rule), shared(b, rule)
    inside = [(y, eps + y / (x + eps)) for x, y in zip(p, q, strict=True) if y]
    if any(quotient < 0 for _, quotient in inside):
        return REFUSED  # no logarithm
    return math.fsum(y * math.log(quotient) for y, quotient in inside)


def ig(a, baseline, places, rule):
    p, b = shared(a, rule), shared(baseline, rule)
    if p is None or b is None or not places or (rule == "min-max" and not (any(p) and any(b))):
        return NAN
    return math.fsum(math.log2(p[k] + EPS) - math.log2(b[k] + EPS) for k in places) / len(places)


def right(metric, dialect, case):
    """The metric by its definition; None where the definition needs random numbers."""
    values, points, density = flat(case["map"]), case["points"], flat(case["density"])
    if case["map"].dtype == np.uint8 and DIALECTS[dialect].unit:
        values = [v / 255 for v in values]
    if case["density"].dtype == np.uint8 and DIALECTS[dialect].unit:
        density = [v / 255 for v in density]
    binary = DIALECTS[dialect].binary
    points = once(points) if binary else points
    width = case["map"].shape[1]
    places = [y * width + x for x, y in points]
    fixated = [values[k] for k in places]
    matlab = dialect in ("mit", "salicon2017")
    if metric == "auc" and dialect == "tuebingen":
        return exact_auc(fixated, values)
    if metric == "auc_judd" and matlab:
        return judd(values, fixated)
    if metric == "sauc" and dialect == "tuebingen":
        counts = flat(case["counts"])
        negatives = [v for v, n in zip(values, counts, strict=True) for _ in range(int(n))]
        return exact_auc(fixated, negatives)
    if metric == "sauc" and dialect != "mit":
        step, colon = (0.01, "arange") if dialect == "salicon2015" else (0.1, "matlab")
        return weighted_sauc(values, points, case["counts"].tolist(), step, colon)
    if metric == "nss":
        return nss(values, fixated, 1 if matlab else 0, NAN if matlab else 0.0)
    if metric == "cc":
        return cc(values, density, 0.0 if dialect == "tuebingen" else NAN)
    if metric == "sim":
        return sim(values, density, "min-max" if matlab else "shift")
    if metric == "kl":
        return kl(values, density, "sum" if matlab else "shift", EPS if matlab else FIVE)
    if metric == "ig":
        return ig(values, flat(case["baseline"]), places, "min-max" if matlab else "shift")
    return None


def map_of(rng, size):
    kind = rng.integers(8)
    if kind == 0:
        return rng.integers(0, 256, size).astype(np.uint8)
    if kind == 1:
        return rng.integers(0, 3, size).astype(np.uint8)
    if kind == 2:
        return np.full(size, rng.choice([0.0, 1.0, 0.37, 7.0]))
    if kind == 3:
        return np.zeros(size, np.uint8)
    if kind == 4:
        return rng.normal(0, 1, size)
    if kind == 5:
        return rng.random(size).astype(np.float32)
    if kind == 6:
        return rng.random(size) ** 8 * rng.choice([1e-6, 1.0, 1e6])
    return rng.integers(0, 4, size).astype(np.float64)


def case_of(seed):
    rng = np.random.default_rng([7, seed])
    size = tuple(int(n) for n in rng.integers(2, 7, 2))
    pixels = size[0] * size[1]
    density = (
        rng.integers(0, 256, size).astype(np.uint8) if rng.random() < 0.5 else rng.random(size)
    )
    if rng.random() < 0.1:
        density = np.full(size, 3.0)
    number = int(rng.choice([1, 2, 5, pixels]))
    places = rng.permutation(pixels) if number == pixels else rng.integers(0, pixels, number)
    return {
        "map": map_of(rng, size),
        "points": [(int(k % size[1]), int(k // size[1])) for k in places],
        "density": density,
        "counts": rng.integers(0, 3, size) * (rng.random(size) < rng.choice([0.0, 0.3, 1.0])),
        "baseline": rng.random(size) if rng.random() < 0.8 else np.full(size, 2.0),
    }


PAIRS = [(m, d) for d in DIALECTS for m in DIALECTS[d].constants if m != "emd"]


def found(metric, dialect, case):
    function = getattr(metrics, metric).in_dialect(dialect)
    points = np.array(case["points"])
    given = {
        "sauc": lambda: function(case["map"], points, negative_counts=case["counts"]),
        "ig": lambda: function(case["map"], points, case["baseline"]),
    }
    if getattr(metrics, metric).facts.needs == "density":
        return float(function(case["map"], case["density"]))
    return float(given.get(metric, lambda: function(case["map"], points))())


@pytest.mark.parametrize(("metric", "dialect"), PAIRS)
def test_the_definition_on_small_maps_of_all_kinds(metric, dialect):
    judged = 0
    for seed in range(CASES):
        case = case_of(seed)
        wanted = right(metric, dialect, case)
        if wanted is None:
            continue
        judged += 1
        if wanted == REFUSED:
            with pytest.raises(ValueError, match="negative map has no KL"):
                found(metric, dialect, case)
            continue
        if metric == "auc_judd":
            # the jitter of up to 1e-7 orders ties at random: only maps without ties at fixations
            values = case["map"].astype(np.float64).ravel()
            if np.diff(np.sort(values)).min(initial=1) < 1e-6:
                continue
        value = found(metric, dialect, case)
        assert value == pytest.approx(wanted, rel=1e-9, abs=1e-12, nan_ok=True), (seed, case)
    drawn = {("auc", "salicon2015"), ("auc_judd", "tuebingen"), ("sauc", "mit")}
    assert judged == CASES or (metric, dialect) in drawn or metric == "auc_borji"
