"""What the pixels say: each warning at its threshold, and the sums over all maps."""

import numpy as np
import pytest

from benchmark_kit.maps.sources import ArrayReference
from benchmark_kit.packaging.checks.look import LookTask, _plateau, look_at
from benchmark_kit.packaging.checks.looks import look_at_all, look_at_chunk
from benchmark_kit.packaging.checks.names import match_names
from benchmark_kit.packaging.checks.stimuli import read_board_stimuli
from benchmark_kit.packaging.submission import open_submission


def codes(report):
    return {problem.code for problem in (*report.problems, *report.warnings)}


def changed(s, change):
    """All maps, changed as float arrays, as `.npy`."""
    return s.zip({f"{n}.npy": s.npy(change(m.astype(np.float64))) for n, m in s.maps.items()})


def pictures(s, change):
    """All maps, changed, as PNG."""
    return s.zip(
        {f"{n}.png": s.png(array=np.ascontiguousarray(change(m))) for n, m in s.maps.items()}
    )


def test_good_maps_give_no_warning(stand_in):
    s = stand_in()
    assert codes(s.check(s.zip())) == set()


@pytest.mark.parametrize(("levels", "warned"), [(24, True), (40, False)])
def test_few_gray_levels(stand_in, levels, warned):
    s = stand_in()
    report = s.check(pictures(s, lambda m: (m // (256 / levels)).astype(np.uint8) * 5 + 60))
    assert ("W301" in codes(report)) == warned


@pytest.mark.parametrize(("share", "warned"), [(0.03, False), (0.08, True)])
def test_many_zeros(stand_in, share, warned):
    s = stand_in()

    def with_zeros(m):
        return np.where(m <= np.quantile(m, share), 0, m).astype(np.uint8)

    assert ("W302" in codes(s.check(pictures(s, with_zeros)))) == warned


@pytest.mark.parametrize(
    ("change", "warned"),
    [
        (lambda m: m // 3, True),  # dark
        (lambda m: 150 + m // 3, True),  # bright, but narrow
        (lambda m: (m // 3).astype(np.uint16) * 257, True),
        (lambda m: 40 + (m * 0.6).astype(np.uint8), False),
    ],
)
def test_half_of_the_range_unused(stand_in, change, warned):
    s = stand_in()
    assert ("W303" in codes(s.check(pictures(s, change)))) == warned


def test_inverted_maps(stand_in):
    s = stand_in()
    report = s.check(pictures(s, lambda m: 255 - m))
    assert "W304" in codes(report)
    assert "255 - map" in report.text()


def test_noise_has_no_centre_bias(stand_in):
    s = stand_in()
    noise = np.random.default_rng(3)
    report = s.check(pictures(s, lambda m: noise.integers(20, 256, m.shape, dtype=np.uint8)))
    assert "W305" in codes(report)
    assert "W304" not in codes(report)


def test_a_response_at_the_border(stand_in):
    s = stand_in()

    def framed(m):
        m = m.copy()
        m[[0, -1]] = 200
        return m

    assert "W306" in codes(s.check(pictures(s, framed)))


@pytest.mark.parametrize(("quality", "text"), [(75, "quality 75 to 75"), (95, "takes PNG")])
def test_jpeg_where_png_is_taken(stand_in, quality, text):
    s = stand_in()
    members = {f"{n}.jpg": s.png(n, form="JPEG", quality=quality) for n in s.names}
    report = s.check(s.zip(members))
    assert codes(report) == {"W307"}
    assert text in report.text()


@pytest.mark.parametrize(("quality", "expected"), [(75, {"W307", "W501"}), (95, {"W501"})])
def test_jpeg_where_only_jpeg_is_taken(stand_in, quality, expected):
    s = stand_in("mit300_jpg")
    members = {f"model/{n}.jpg": s.png(n, form="JPEG", quality=quality) for n in s.names}
    assert codes(s.check(s.zip(members))) == expected


def test_negative_values(stand_in):
    s = stand_in()
    assert codes(s.check(changed(s, lambda m: m - 20))) == {"W309"}


def test_maps_that_sum_to_one(stand_in):
    s = stand_in()
    assert codes(s.check(changed(s, lambda m: m / m.sum()))) == {"W311"}
    other = s.check(changed(s, lambda m: 1.01 * m / m.sum()))
    assert codes(other) == set()


def test_equalised_maps(stand_in):
    s = stand_in()

    def equalised(m):
        ranks = np.argsort(np.argsort(m.reshape(-1), kind="stable"), kind="stable")
        return (255 * ranks / ranks.max()).reshape(m.shape).astype(np.uint8)

    assert "W312" in codes(s.check(pictures(s, equalised)))


def test_some_equal_and_some_constant_maps(stand_in):
    s = stand_in("cat2000")
    members = s.members() | {"Action/004.png": s.png("Action/002")}
    report = s.check(s.zip(members | {"Satelite/002.png": s.png(array=np.ones((54, 96), "u1"))}))
    assert {"W201", "W202"} <= codes(report)
    assert report.ok


def test_one_map_for_all_images(stand_in):
    s = stand_in("cat2000")
    path = s.zip(dict.fromkeys(s.members(), s.png("Action/002")))
    report = s.check(path)
    assert {problem.code for problem in report.problems} == {"E306"}
    assert "--allow-identical" in report.text()
    allowed = s.check(path, allow_identical=True)
    assert allowed.ok
    assert {"W201", "W203"} <= codes(allowed)


def test_nearly_one_map_for_all_images(stand_in):
    s = stand_in("cat2000")
    rng = np.random.default_rng(0)
    one = s.maps["Action/002"].astype(int)
    members = {
        n: s.png(array=np.clip(one + rng.integers(-2, 3, one.shape), 0, 255).astype(np.uint8))
        for n in s.members()
    }
    report = s.check(s.zip(members))
    assert codes(report) == {"W203"}


def test_constant_maps_that_are_meant(stand_in):
    s = stand_in()
    path = s.zip({f"{n}.png": s.png(array=np.full_like(m, 9)) for n, m in s.maps.items()})
    assert not s.check(path).ok
    report = s.check(path, allow_constant=True)
    assert report.ok
    assert "W202" in codes(report)


@pytest.mark.parametrize(("base", "name"), [(np.e, "e"), (2, "2"), (10, "10")])
def test_the_base_of_log_densities_given_as_maps(stand_in, base, name):
    s = stand_in()
    arrays = {n: d / np.log(base) for n, d in s.densities().items()}
    report = s.check(s.hdf5(arrays))
    assert {problem.code for problem in report.problems} == {"E402"}
    assert f"to base {name}" in report.text()


def test_the_stimuli_in_gray(stand_in):
    from PIL import Image

    s = stand_in()
    members = {}
    for name in s.names:
        with Image.open(s.stimuli / f"{name}.jpg") as picture:
            members[f"{name}.png"] = s.png(array=picture.convert("L"))
    report = s.check(s.zip(members))
    assert "E107" in {problem.code for problem in report.problems}
    assert "in gray" in report.text()


def densities_of(s, change):
    arrays = s.densities(np.float64)
    return {n: change(d) for n, d in arrays.items()}


def normalised(values):
    return values - np.log(np.exp(values).sum())


def test_a_density_with_plateaus(stand_in):
    s = stand_in()
    arrays = densities_of(s, lambda d: normalised(np.maximum(d, np.quantile(d, 0.2))))
    report = s.check(s.hdf5(arrays), kind="densities")
    assert codes(report) == {"W403"}
    assert "up to 20 % of the pixels" in report.text()


def test_a_density_of_a_wide_range(stand_in):
    s = stand_in()

    def deep(d):
        d = d.copy()
        d[0, 0] -= 60
        return normalised(d)

    report = s.check(s.hdf5(densities_of(s, deep)), kind="densities")
    assert codes(report) == {"W404"}


@pytest.mark.parametrize(
    ("off", "expected"),
    [(5e-6, set()), (2e-5, {"W402"}), (9.9e-4, {"W402"}), (1.01e-3, {"E403"}), (-2e-3, {"E403"})],
)
def test_the_thresholds_of_the_sum(stand_in, off, expected):
    s = stand_in()
    report = s.check(s.hdf5(densities_of(s, lambda d: d + off)), kind="densities")
    assert codes(report) == expected


def test_the_sum_is_made_in_the_stored_type_too():
    """A float32 density whose sum is only wrong where it is made in float32."""
    from scipy.special import logsumexp

    size = (400, 500)
    values = np.log(np.random.default_rng(0).random(size) + 0.5)
    stored = normalised(values).astype(np.float32)
    look = look_at(LookTask("a", ArrayReference(stored), size, "densities"))
    both = [float(logsumexp(stored)), float(logsumexp(stored.astype(np.float64)))]
    assert look.facts.total == pytest.approx(max(both, key=abs), abs=1e-12)


def test_the_mean_correlation_is_that_over_all_pairs():
    rng = np.random.default_rng(5)
    maps = [rng.random((96, 128)).repeat(1, axis=0) ** k for k in (1, 2, 3, 4, 5)]
    maps.append(np.ones((96, 128)))  # constant: has no correlation
    tasks = [LookTask(str(k), ArrayReference(m), m.shape, "maps") for k, m in enumerate(maps)]
    _, sums = look_at_chunk(tasks)
    small = [m.reshape(48, 2, 64, 2).mean(axis=(1, 3)).reshape(-1) for m in maps[:-1]]
    table = np.corrcoef(small)
    expected = table[np.triu_indices(5, 1)].mean()
    assert sums.likeness == pytest.approx(expected, abs=1e-12)
    scaled = [(m - m.min()) / (m.max() - m.min()) for m in small]
    np.testing.assert_allclose(sums.scaled.reshape(-1), np.sum(scaled, axis=0), atol=1e-12)


def test_memory_does_not_grow_with_the_number_of_maps(tmp_path):
    import tracemalloc

    from benchmark_kit.imaging.images import write_png
    from benchmark_kit.maps.sources import FileReference

    size = (480, 640)
    write_png(tmp_path / "a.png", np.arange(size[0] * size[1], dtype="u1").reshape(size))
    peaks = []
    for count in (2, 16):
        tasks = [
            LookTask(str(k), FileReference(tmp_path / "a.png"), size, "maps") for k in range(count)
        ]
        tracemalloc.start()
        looks, _ = look_at_chunk(tasks)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert all(look.thumbnail is None for look in looks)
    assert peaks[1] < peaks[0] + 14 * 4096  # a map of 8 bits has 307,200


def test_processes_change_nothing(stand_in):
    s = stand_in()
    stimuli = read_board_stimuli(s.board, s.stimuli)
    matched = match_names(open_submission(s.zip(), s.board), stimuli).matched
    alone, sums = look_at_all(matched, stimuli, workers=1)
    import benchmark_kit.parallel as pool

    before, pool.FEW = pool.FEW, 0
    try:
        together, same = look_at_all(matched, stimuli, workers=2)
    finally:
        pool.FEW = before
    assert {n: look.facts for n, look in alone.items()} == {
        n: look.facts for n, look in together.items()
    }
    np.testing.assert_array_equal(sums.unit, same.unit)


def test_one_map_alone_is_not_identical_to_the_others(stand_in):
    s = stand_in()
    name = next(iter(s.maps))
    report = s.check(s.zip({f"{name}.png": s.png(name)}))
    assert "E306" not in codes(report)
    assert "E102" in codes(report)


@pytest.mark.parametrize(
    ("values", "share"), [([0, 0, 1, 1, 1, 1, 2, 3], 0.5), ([5, 1, 2, 3], 0.25), ([7, 7, 7], 1.0)]
)
def test_the_commonest_value_has_its_share_wherever_it_lies(values, share):
    many = np.repeat(np.array(values, np.float64), 40)
    assert _plateau(many.reshape(-1, 4)) == share
