"""A map over its picture: colours, opacity, contours and points fall where they should."""

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from benchmark_kit.imaging.colours import colourise
from benchmark_kit.imaging.images import write_png
from benchmark_kit.imaging.sheet import Words, sheet_pixels
from benchmark_kit.reporting.overlay import (
    COLOURS,
    overlay,
    overlay_sheet,
    picture_below,
    read_points,
)
from benchmark_kit.types import Fixations

SIZE = (40, 60)


def picture(seed=0):
    return np.random.default_rng(seed).integers(0, 256, (*SIZE, 3)).astype(np.uint8)


def bump(x=40, y=15, sigma=5.0):
    rows, columns = np.indices(SIZE)
    return np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sigma**2))


@pytest.mark.parametrize("colours", COLOURS)
def test_every_pixel_is_the_mix_of_gray_and_colour(colours):
    image, saliency = picture(), bump() - 3.0
    found = overlay(image, saliency, opacity=0.4, colours=colours)
    scaled = (saliency - saliency.min()) / (saliency.max() - saliency.min())
    for y, x in ((0, 0), (15, 40), (20, 30)):
        gray = image[y, x] @ np.array([0.299, 0.587, 0.114])
        expected = 0.6 * gray + 0.4 * colourise(scaled[y, x], colours)
        assert np.abs(found[y, x] - expected).max() <= 0.5 + 1e-9
    assert found.dtype == np.uint8


def test_the_ends_of_opacity_show_picture_or_map_alone():
    image, saliency = picture(), bump()
    bare = overlay(image, saliency, opacity=0)
    assert (bare[..., 0] == bare[..., 1]).all()
    assert (bare[..., 0] == bare[..., 2]).all()
    full = overlay(image, saliency, opacity=1)
    assert np.array_equal(full, overlay(picture(1), saliency, opacity=1))


def test_a_constant_map_takes_the_low_end():
    found = overlay(np.zeros((*SIZE, 3), np.uint8), np.full(SIZE, 7.0), opacity=1)
    assert np.abs(found - colourise(0.0)).max() <= 0.5


def test_points_are_white_dots_where_they_lie():
    image = np.full((*SIZE, 3), 100, np.uint8)
    points = np.array([[10.0, 30.0], [50.0, 8.0]])
    bare = overlay(image, np.zeros(SIZE))
    found = overlay(image, np.zeros(SIZE), fixations=points)
    changed = np.argwhere(np.abs(found.astype(int) - bare).sum(axis=2) > 60)
    for y, x in changed:
        assert min(np.hypot(x - 10, y - 30), np.hypot(x - 50, y - 8)) < 3
    assert all((np.abs(changed - (y, x)).sum(axis=1) <= 1).any() for x, y in points)
    fixations = Fixations(points[:, 0], points[:, 1], SIZE)
    assert np.array_equal(found, overlay(image, np.zeros(SIZE), fixations=fixations))


def test_a_contour_runs_around_its_share_of_the_mass():
    saliency = bump(sigma=4.0)
    image = np.full((*SIZE, 3), 90, np.uint8)
    bare = overlay(image, saliency, opacity=0)
    found = overlay(image, saliency, opacity=0, contours=(0.5,))
    y, x = np.nonzero(np.abs(found.astype(int) - bare).sum(axis=2) > 100)
    # half of a Gaussian's mass lies within sigma * sqrt(2 ln 2)
    radius = np.hypot(x - 40, y - 15)
    assert radius.mean() == pytest.approx(4.0 * np.sqrt(2 * np.log(2)), abs=0.5)
    assert radius.std() < 1.0


def test_contours_close_at_the_border_and_a_constant_map_has_none():
    image = np.full((*SIZE, 3), 90, np.uint8)
    corner = overlay(image, bump(0, 0), opacity=0, contours=(0.9,)).astype(int)
    changed = np.abs(corner - overlay(image, bump(0, 0), opacity=0)).sum(axis=2) > 20
    assert changed[0, :8].all()  # along the border, too
    assert changed[:8, 0].all()
    assert not changed[20:, 20:].any()
    flat = overlay(image, np.ones(SIZE), opacity=0, contours=(0.5,))
    assert np.array_equal(flat, overlay(image, np.ones(SIZE), opacity=0))


def test_wrong_requests_and_maps_are_refused_together():
    with pytest.raises(ConfigError, match="opacity"):
        overlay(picture(), bump(), opacity=1.5)
    with pytest.raises(
        ConfigError, match="magma, viridis, cividis, inferno, dusk, gray, got 'jet'"
    ):
        overlay(picture(), bump(), colours="jet")
    with pytest.raises(ConfigError, match="shares between 0 and 1"):
        overlay(picture(), bump(), contours=(50,))
    broken = np.full((20, 30), np.nan)
    with pytest.raises(InputError) as caught:
        overlay(picture(), broken)
    assert [problem.code for problem in caught.value.problems] == ["E202", "E304"]
    assert "the map is 30x20, the picture 60x40" in str(caught.value)


def test_points_of_a_table_are_matched_by_the_end_of_the_path(tmp_path):
    table = tmp_path / "fixations.csv"
    table.write_text("image,x,y\nin/a.png,1,2\nin/aa.png,3,4\nin/a.png,5.5,6\n")
    (tmp_path / "in").mkdir()
    write_png(tmp_path / "in" / "a.png", picture())
    assert read_points(table, tmp_path / "in" / "a.png").tolist() == [[1, 2], [5.5, 6]]
    with pytest.raises(InputError, match=r"no fixations of a\.png; it has in/a\.png, in/aa\.png"):
        read_points(table, tmp_path / "out" / "a.png")
    table.write_text("image,x\na.png,1\n")
    with pytest.raises(InputError, match="a header with y"):
        read_points(table, tmp_path / "a.png")


def test_points_of_a_table_are_read_as_the_settings_beside_it_say(tmp_path):
    write_png(tmp_path / "a.png", picture())
    table, dropped = tmp_path / "fixations.csv", {}
    rows = [(0.5, 0.5, "a"), (0.25, 0.75, "a"), (1.5, 0.5, "a"), (0.1, 0.1, "b")]
    lines = [f"a.png,{x},{y},{subject}" for x, y, subject in rows]
    table.write_text("\n".join(["image,x,y,subject", *lines]))
    settings = 'units = "normalised"\nsubjects = ["a"]\n'
    (tmp_path / "dataset.toml").write_text(settings)
    found = read_points(table, tmp_path / "a.png", dropped=dropped)
    assert found.tolist() == [[30, 20], [15, 30]]
    assert dropped == {"other observer": 1, "outside": 1}
    by_settings = read_points(tmp_path / "dataset.toml", tmp_path / "a.png")
    assert by_settings.tolist() == found.tolist()
    (tmp_path / "dataset.toml").write_text("scale = nan")
    with pytest.raises(InputError, match="E704 scale = nan"):
        read_points(table, tmp_path / "a.png")
    table.rename(tmp_path / "other.csv")
    with pytest.raises(InputError, match=r"beside it is not one fixations\.csv or fixations\.json"):
        read_points(tmp_path / "dataset.toml", tmp_path / "a.png")


def test_points_that_do_not_fit_their_picture_are_not_drawn(tmp_path):
    write_png(tmp_path / "a.png", picture())
    table = tmp_path / "fixations.csv"
    lines = [f"a.png,{900 + 3 * k},{500 + 2 * k}" for k in range(20)]
    table.write_text("\n".join(["image,x,y", *lines]))
    with pytest.raises(InputError, match=r"20 of 20 fixations \(100%\) lie outside"):
        read_points(table, tmp_path / "a.png")
    (tmp_path / "dataset.toml").write_text("screen = [1860, 1040]")
    assert len(read_points(table, tmp_path / "a.png")) == 20
    with pytest.raises(ConfigError, match="max_outside must be a share"):
        read_points(table, tmp_path / "a.png", 20)


def test_a_photograph_is_turned_as_its_map_is(tmp_path):
    from PIL import Image

    grid = picture()[:, :50]
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "a.png"
    Image.fromarray(grid).save(path, exif=exif)
    height, width = grid.shape[:2]
    seen = np.rot90(grid, -1)
    assert np.array_equal(picture_below(path, (width, height), stored=False), seen)
    assert np.array_equal(picture_below(path, (height, width), stored=False), grid)
    assert np.array_equal(picture_below(path, (height, width), stored=True), grid)
    with pytest.raises(InputError, match=r"E204 .*(.|\n)*numpy\.rot90\(map\)"):
        picture_below(path, (width, height), stored=True)


def test_the_page_has_a_bar_and_names_what_is_drawn():
    def words(**options):
        sheet = overlay_sheet(picture(), options.pop("saliency", 3.0 * bump()), **options)
        return [item.text for item in sheet.items if isinstance(item, Words)]

    low = f"{3 * bump().min():.3g}"
    assert words() == ["3", low]
    drawn = words(fixations=np.array([[1.0, 2.0], [3.0, 4.0]]), contours=(0.5, 0.9))
    assert drawn == ["3", low, "2 fixations", "50 %, 90 % of the map's mass"]
    assert words(saliency=np.full(SIZE, 7.0), contours=(0.5,)) == ["", "7"]


def test_the_page_shows_the_overlay_itself():
    image, saliency, points = picture(), bump(), np.array([[10.0, 30.0]])
    sheet = overlay_sheet(image, saliency, fixations=points, contours=(0.5,))
    wanted = overlay(image, saliency, fixations=points, contours=(0.5,))
    assert np.array_equal(sheet_pixels(sheet)[: SIZE[0], : SIZE[1]], wanted)
