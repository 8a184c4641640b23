"""Points that do not fit their pictures: counted, told, and above a share refused."""

import re

import numpy as np
import pytest

from benchmark_kit.datasets import get_dataset
from benchmark_kit.errors import ConfigError, InputError

SIZE = (60, 80)


def made(root, write, convert, settings="", n=60, seed=0):
    """Twelve points on each of five pictures, as `convert(x, y)` writes them."""
    rng = np.random.default_rng(seed)
    lines = ["image,x,y"]
    for k in range(n):
        x, y = rng.uniform(0, 80), rng.uniform(0, 60)
        lines.append(f"{k % 5}.png," + ",".join(map(repr, map(float, convert(x, y)))))
    sizes = {f"{k}.png": SIZE for k in range(5)}
    return write.folder(root, "\n".join(lines), sizes=sizes, settings=settings)


def refusal(root, **options):
    with pytest.raises(InputError) as caught:
        get_dataset("folder", root, cache=False, **options)
    assert [problem.code for problem in caught.value.problems] == ["E707"]
    return str(caught.value)


MENDED = {
    "screen": (lambda x, y: (x + 600, y + 354), "screen = [1280, 768]"),
    "normalised": (lambda x, y: (x / 80, y / 60), 'units = "normalised"'),
    "from the centre": (lambda x, y: (x - 40, y - 30), "offset = [-40, -30]"),
    "swapped": (lambda x, y: (y, x), "swap_xy = true"),
    "another size": (lambda x, y: (8 * x, 8 * y), "scale = 8"),
    "degrees": (lambda x, y: ((x - 40) / 20, (y - 30) / 20), 'units = "degrees"'),
}


@pytest.mark.parametrize("kind", MENDED)
def test_a_refusal_names_the_line_that_mends_it(tmp_path, write, kind):
    convert, line = MENDED[kind]
    root = made(tmp_path, write, convert)
    text = refusal(root)
    assert f"`{line}" in text
    if kind == "degrees":
        line += "\npixels_per_degree = 20"
    (root / "dataset.toml").write_text(line)
    truths = get_dataset("folder", root, cache=False)
    right = get_dataset("folder", made(tmp_path / "right", write, lambda x, y: (x, y)), cache=False)
    for truth in truths:
        np.testing.assert_allclose(truth.fixations.x, right[truth.name].fixations.x, atol=1e-9)
        np.testing.assert_allclose(truth.fixations.y, right[truth.name].fixations.y, atol=1e-9)
    assert truths.dropped == {}


def test_a_refusal_tells_counts_shares_and_ranges(tmp_path, write):
    text = refusal(made(tmp_path, write, lambda x, y: (x + 600, y + 354)))
    assert "60 of 60 fixations (100%) lie outside their pictures; up to 20% are accepted" in text
    assert "on pictures of 80x60 (60 outside)" in text
    assert "--max-outside" not in text  # nothing lies inside


def test_what_fits_nothing_is_told_with_its_ranges(tmp_path, write):
    rng = np.random.default_rng(1)
    root = made(tmp_path, write, lambda x, y: rng.uniform(-500, 9000, 2))
    text = refusal(root)
    assert "no usual unit, shift or scale" in text
    assert "check that the columns and the pictures are the right ones" in text


def test_the_share_decides_and_can_be_chosen(tmp_path, write):
    # a quarter lies outside
    root = made(tmp_path, write, lambda x, y: (x + 20, y))
    assert "--max-outside 1" in refusal(root)
    assert refusal(root, max_outside=0.1)
    truths = get_dataset("folder", root, cache=False, max_outside=0.5)
    assert truths.points_kept + truths.dropped["outside"] == 60
    with pytest.raises(ConfigError, match="max_outside must be a share from 0 to 1"):
        get_dataset("folder", root, max_outside=20)


def test_what_was_kept_is_judged_anew_by_another_limit(tmp_path, write):
    root = made(tmp_path, write, lambda x, y: (x + 20, y))
    for _ in range(2):
        assert get_dataset("folder", root, max_outside=0.5).dropped["outside"] > 5
        with pytest.raises(InputError, match="E707"):
            get_dataset("folder", root)


def test_missing_values_and_first_fixations_are_counted_but_are_not_outside(tmp_path, write):
    lines = [f"0.png,{'nan' if k % 2 else k},5,s{k % 4}" for k in range(40)]
    sizes, settings = {"0.png": SIZE}, "drop_first = true"
    root = write.folder(
        tmp_path, "\n".join(["image,x,y,subject", *lines]), sizes=sizes, settings=settings
    )
    truths = get_dataset("folder", root, cache=False)
    assert truths.dropped == {"first fixation": 4, "not finite": 18}


def test_a_few_points_outside_tell_nothing(tmp_path, write):
    rows = "image,x,y\na.png,1,2\n" + "a.png,100,100\n" * 4
    root = write.folder(tmp_path, rows, sizes={"a.png": SIZE})
    assert get_dataset("folder", root, cache=False).dropped == {"outside": 4}


def test_shares_lie_inside_and_are_refused_all_the_same(tmp_path, write):
    root = made(tmp_path, write, lambda x, y: (x / 80, y / 60))
    assert "are not in pixels" in refusal(root, max_outside=1)
    # unless it is said that they are pixels
    (root / "dataset.toml").write_text('units = "pixels"')
    assert get_dataset("folder", root, cache=False).points_kept == 60


def hints(root):
    return [note for note in get_dataset("folder", root).notes if "look" in note]


def test_swapped_columns_and_other_sizes_that_mostly_lie_inside_are_told(tmp_path, write):
    rng = np.random.default_rng(0)

    def gaze(x, y):
        return (rng.normal([40, 30], [12, 9])).clip(0, [79, 59])

    swapped = made(tmp_path / "a", write, lambda x, y: gaze(x, y)[::-1], n=200)
    smaller = made(tmp_path / "b", write, lambda x, y: gaze(x, y) / 2, n=200)
    right = made(tmp_path / "c", write, gaze, n=200)
    for _ in range(2):  # the second time from the cache
        assert "swap_xy = true" in hints(swapped)[0]
        assert "of a smaller picture of 40x30" in hints(smaller)[0]
        assert hints(right) == []


def test_pixels_counted_from_one_are_told(tmp_path, write):
    root = made(tmp_path, write, lambda x, y: (int(x) + 1, int(y) + 1), n=400)
    assert "index_base = 1" in hints(root)[0]
    (root / "dataset.toml").write_text("index_base = 1")
    assert hints(root) == []
    assert hints(made(tmp_path / "b", write, lambda x, y: (int(x), int(y)), n=400)) == []


def test_other_readers_point_to_the_files_and_to_the_folder_layout(tmp_path, write, monkeypatch):
    from benchmark_kit.datasets import osie

    monkeypatch.setattr(osie, "RECORDED", SIZE)
    rng = np.random.default_rng(0)
    x, y = rng.uniform(600, 680, 40), rng.uniform(354, 414, 40)
    write.osie(tmp_path, {"1001.jpg": [(list(x), list(y), [200] * 40)]}, SIZE)
    with pytest.raises(InputError, match=r"E707 (.|\n)*as its authors distribute them") as caught:
        get_dataset("osie", tmp_path, cache=False)
    assert "screen = [1280, 768]" in str(caught.value)


def test_settings_that_move_right_pixels_away_are_named_as_the_cause(tmp_path, write):
    root = made(tmp_path, write, lambda x, y: (x, y), settings="offset = [560, 240]")
    text = refusal(root)
    assert "as they are they look like pixels" in text
    assert "leave units, offset, scale, screen and swap_xy out" in text


def test_mixed_units_are_told_by_their_images(tmp_path, write):
    count = iter(range(60))
    root = made(tmp_path, write, lambda x, y: (x, y) if next(count) % 5 < 2 else (x * 900, -y - 9))
    assert "(of 3 of 5 images all points lie outside, as if units were mixed)" in refusal(root)


@pytest.mark.parametrize(("every", "told"), [(6, True), (1000, False)])
def test_points_where_trackers_put_what_they_lost_are_told(tmp_path, write, every, told):
    seen = iter(range(10**6))
    root = made(tmp_path, write, lambda x, y: (0, 0) if next(seen) % every == 1 else (x, y), n=120)
    notes = get_dataset("folder", root, cache=False).notes
    assert any("20 of 120 fixations" in note and "(0, 0)" in note for note in notes) == told


SHARES = {
    "0 to 1": lambda x, y: (x / 80, 1 - y / 60),
    "-0.5 to 0.5": lambda x, y: (x / 80 - 0.5, 0.5 - y / 60),
    "-1 to 1": lambda x, y: (x / 40 - 1, 1 - y / 30),
}


@pytest.mark.parametrize("shares", SHARES)
def test_lines_for_y_upwards_are_told_with_shares(tmp_path, write, shares):
    text = refusal(made(tmp_path, write, SHARES[shares]))
    offset, scale = re.search(r"if y counts upwards.* with `(.*)` and `(.*)`\)", text).groups()
    settings = f'units = "normalised"\n{offset}\n{scale}'
    truths = get_dataset(
        "folder", made(tmp_path / "b", write, SHARES[shares], settings), cache=False
    )
    right = get_dataset("folder", made(tmp_path / "c", write, lambda x, y: (x, y)), cache=False)
    assert truths.dropped == {}
    for truth in truths:
        np.testing.assert_allclose(truth.fixations.y, right[truth.name].fixations.y, atol=1e-9)


@pytest.mark.parametrize(
    "settings",
    ['units = "normalised"\nscale = [1, -1]', "index_base = 1", "offset = [2, 2]"],
)
def test_settings_that_do_not_mend_shares_are_told_which_do(tmp_path, write, settings):
    text = refusal(made(tmp_path, write, lambda x, y: (x / 80, y / 60), settings))
    assert 'write into dataset.toml `units = "normalised"` in place of its units' in text


@pytest.mark.parametrize("settings", ['units = "pixels"', "scale = 1"])
def test_shares_that_settings_call_pixels_are_told(tmp_path, write, settings):
    root = made(tmp_path, write, lambda x, y: (x / 80, y / 60), settings)
    told = [note for note in get_dataset("folder", root, cache=False).notes if "shares" in note]
    assert len(told) == 1
    assert told[0].startswith("60 of 60 fixations lie in the first pixel")


def test_shares_that_settings_turn_into_pixels_are_right(tmp_path, write):
    settings = f"scale = [{1 / 80!r}, {1 / 60!r}]"
    root = made(tmp_path, write, lambda x, y: (x / 80, y / 60), settings)
    truths = get_dataset("folder", root, cache=False)
    assert truths.dropped == {}
    assert not [note for note in truths.notes if "first pixel" in note]
