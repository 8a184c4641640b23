"""`salbench densities`: blurred counts and binary maps, against scipy."""

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter


def densities(salbench, folder_set, out, *options):
    return salbench(
        "densities",
        *("--dataset", "folder", "--root", folder_set.root, "--no-cache"),
        *("--out", out, *options),
    )


def counts(truth):
    """Fixations on each pixel, one by one."""
    found = np.zeros(truth.size)
    for x, y in zip(truth.fixations.x, truth.fixations.y, strict=True):
        found[int(y), int(x)] += 1
    return found


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture).astype(np.int64)


def names_below(folder, suffix):
    return sorted(
        str(path.relative_to(folder).with_suffix(""))
        for path in folder.rglob("*")
        if path.is_file() and path.suffix == suffix
    )


@pytest.mark.parametrize("border", ["reflect", "constant", "nearest"])
def test_float_densities_are_scipys_blur_of_the_counts(folder_set, salbench, tmp_path, border):
    out = tmp_path / "out"
    done = densities(
        salbench, folder_set, out, "--sigma", "5.5px", "--depth", "float", "--border", border
    )
    assert done.returncode == 0, done.stderr
    assert names_below(out / "densities", ".npy") == sorted(folder_set.names)
    for truth in folder_set.truths():
        made = np.load(out / "densities" / f"{truth.name}.npy")
        expected = gaussian_filter(counts(truth), 5.5, mode=border, truncate=4.0)
        assert made.dtype == np.float64
        assert np.allclose(made, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("depth", ["8", "16"])
def test_stored_densities_fill_the_range_and_keep_small_values(
    folder_set, salbench, tmp_path, depth
):
    """8 bits: the ceiling of the min-max scaled blur; 16 bits: rounded over its maximum, or 1."""
    out = tmp_path / "out"
    assert densities(salbench, folder_set, out, "--sigma", "5", "--depth", depth).returncode == 0
    assert names_below(out / "densities", ".png") == sorted(folder_set.names)
    for truth in folder_set.truths():
        blurred = gaussian_filter(counts(truth), 5.0, truncate=4.0)
        made = pixels(out / "densities" / f"{truth.name}.png")
        slack = 1e-6  # the last bit of a value on a step may fall either way
        if depth == "8":
            scaled = 255 * (blurred - blurred.min()) / (blurred.max() - blurred.min())
            assert made.max() == 255
            assert np.all((made > scaled - slack) & (made < scaled + 1 + slack))
        else:
            scaled = 65535 * blurred / blurred.max()
            assert made.max() == 65535
            assert np.all(np.abs(made - np.maximum(scaled, blurred > 0)) < 0.5 + slack)


def test_binary_maps_are_white_where_somebody_looked(folder_set, salbench, tmp_path):
    out = tmp_path / "out"
    assert densities(salbench, folder_set, out, "--sigma", "5").returncode == 0
    assert names_below(out / "fixations", ".png") == sorted(folder_set.names)
    for truth in folder_set.truths():
        made = pixels(out / "fixations" / f"{truth.name}.png")
        assert np.array_equal(made, 255 * (counts(truth) > 0))


def test_degrees_are_turned_into_pixels_of_the_data_set(folder_set, salbench, tmp_path):
    (folder_set.root / "dataset.toml").write_text("pixels_per_degree = 3.5\n")
    done = densities(
        salbench, folder_set, tmp_path / "out", "--sigma", "2deg", "--depth", "float", "-q"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    truth = folder_set.truths().images[0]
    made = np.load(tmp_path / "out" / "densities" / f"{truth.name}.npy")
    assert np.allclose(made, gaussian_filter(counts(truth), 7.0, truncate=4.0), rtol=0, atol=1e-13)


def test_without_a_width_it_is_a_share_of_the_longer_side(folder_set, salbench, tmp_path):
    assert densities(salbench, folder_set, tmp_path / "out", "--depth", "float").returncode == 0
    for truth in folder_set.truths():
        made = np.load(tmp_path / "out" / "densities" / f"{truth.name}.npy")
        sigma = 24 / 1024 * max(truth.size)
        expected = gaussian_filter(counts(truth), sigma, truncate=4.0)
        assert np.allclose(made, expected, rtol=0, atol=1e-13)


def test_it_says_what_was_written_and_how(folder_set, salbench, tmp_path):
    out = tmp_path / "out"
    done = densities(salbench, folder_set, out, "--sigma", "5px")
    assert done.stdout == (
        "6 densities (counts, Gaussian sigma 5 px, border reflect, truncate 4) "
        f"and fixation maps in {out}\n"
    )
    assert done.stderr.startswith("writing 6 images\nwriting done in ")


def test_images_without_fixations_are_left_out_and_counted(folder_set, salbench, tmp_path):
    lonely = folder_set.names[2]
    table = folder_set.root / "fixations.csv"
    lines = [line for line in table.read_text().splitlines() if not line.startswith(lonely)]
    table.write_text("\n".join(lines))
    done = densities(salbench, folder_set, tmp_path / "out", "--sigma", "5px")
    assert done.stdout.endswith("; 1 images without fixations left out\n")
    assert lonely not in names_below(tmp_path / "out", ".png")


@pytest.mark.parametrize(
    ("sigma", "message"),
    [
        ("1deg", "'1deg': this data set states no pixels per degree. Fix: give the width in "),
        ("wide", "not a width: 'wide'. Fix: write for instance 35px or 1deg"),
        ("0px", "a width must be positive, got '0px'"),
        ("-2", "a width must be positive, got '-2'"),
    ],
)
def test_widths_that_cannot_be_are_refused(folder_set, salbench, tmp_path, sigma, message):
    done = densities(salbench, folder_set, tmp_path / "out", "--sigma", sigma)
    assert done.returncode == 2
    assert message in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_not_empty_is_left_alone(folder_set, salbench, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    assert densities(salbench, folder_set, out).returncode == 0  # empty: taken
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    again = densities(salbench, folder_set, out)
    assert again.returncode == 2
    assert again.stderr == f"salbench: --out {out} exists and is not empty. Fix: another folder\n"
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    file = tmp_path / "file"
    file.write_text("mine")
    assert densities(salbench, folder_set, file).returncode == 2
    assert file.read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_2(folder_set, salbench, tmp_path):
    (tmp_path / "file").write_text("mine")
    done = densities(salbench, folder_set, tmp_path / "file" / "out")
    assert done.returncode == 2
    assert "file is no folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_written_binary_maps_are_ground_truth_again(folder_set, salbench, tmp_path):
    """The folder reader takes `fixations/` as points: the same pixels, once each."""
    from benchmark_kit.datasets import get_dataset

    out = tmp_path / "out"
    assert densities(salbench, folder_set, out, "--sigma", "5").returncode == 0
    (out / "stimuli").symlink_to(folder_set.root / "stimuli", target_is_directory=True)
    again = get_dataset("folder", out, cache=False)
    for truth in folder_set.truths():
        found = np.sort(again[truth.name].fixations.flat_index)
        assert np.array_equal(found, truth.fixations.unique_index)


def test_a_stopped_folder_is_finished_with_what_is_there_kept(folder_set, tmp_path):
    from benchmark_kit.calls.write_densities import write_densities
    from benchmark_kit.errors import ConfigError

    truths, out = folder_set.truths(), tmp_path / "out"
    whole = tmp_path / "whole"
    write_densities(truths, whole, sigma="5px")

    def stop(done, count):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_densities(truths, out, sigma="5px", progress=stop)
    kept = {path: path.stat().st_mtime_ns for path in out.rglob("*.png")}
    assert len(kept) == 6
    one = sorted(kept)[0]
    one.unlink()  # half of an image: made again
    for wrong in ({"sigma": "6px"}, {"sigma": "5px", "depth": "16"}, {"border": "constant"}):
        with pytest.raises(ConfigError, match="other settings"):
            write_densities(truths, out, **wrong, resume=True)
    with pytest.raises(ConfigError, match="not empty"):
        write_densities(truths, out, sigma="5px")
    write_densities(truths, out, sigma="5px", resume=True)
    files = {path.relative_to(whole): path.read_bytes() for path in whole.rglob("*.png")}
    assert {path.relative_to(out): path.read_bytes() for path in out.rglob("*.png")} == files
    assert not [path for path in out.iterdir() if path.is_file()]
    same = [path for path, time in kept.items() if path.stat().st_mtime_ns == time]
    assert len(same) == 4
    with pytest.raises(ConfigError, match="nothing to resume"):
        write_densities(truths, out, sigma="5px", resume=True)
