"""Which images are shown, and that gains, pictures and sizes are right."""

import base64
import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

from benchmark_kit import evaluate
from benchmark_kit.errors import ResultsError
from benchmark_kit.imaging.centre_bias import CentreBias
from benchmark_kit.imaging.density import DensitySpec, density_of
from benchmark_kit.imaging.images import read_map
from benchmark_kit.reporting._gain import gain_map, gain_picture
from benchmark_kit.reporting.pictures import LONGEST, choose_images, data_uri, make_gallery, small
from benchmark_kit.results.record import Results


def results_of(values, better="higher", key="nss", label="NSS"):
    rows = [{"name": name, key: value} for name, value in values.items()]
    metrics = {key: {"label": label, "better": better}}
    return Results({"metrics": metrics, "variants": {key: f"{key}@mit"}, "images": rows})


def decoded(uri):
    head, _, body = uri.partition(",")
    assert head == "data:image/webp;base64"
    return Image.open(io.BytesIO(base64.b64decode(body)))


def test_best_and_worst_follow_the_metrics_direction():
    values = {f"{k:02d}": float(k) for k in range(20)}
    chosen = choose_images([results_of(values)], ["m"])
    assert chosen["NSS: best"] == ["19", "18", "17", "16", "15", "14"]
    assert chosen["NSS: worst"] == ["00", "01", "02", "03", "04", "05"]
    lower = choose_images([results_of(values, "lower", "kl", "KL")], ["m"])
    assert lower["KL: best"][0] == "00"


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [
        (["auc", "kl", "ig_map", "cc", "nss", "nss@mit"], ["nss", "ig_map"]),
        (["kl", "sim", "nss"], ["nss", "kl"]),
        (["kl", "ig"], ["ig", "kl"]),
        (["auc", "cc", "sim"], ["auc", "cc"]),
        (["cc", "nss@mit", "sim", "kl@mit"], ["cc", "nss@mit"]),
    ],
)
def test_two_columns_choose_the_first_of_points_and_one_of_distributions(keys, chosen):
    found = Results(
        {
            "metrics": {key: {"label": key, "better": "higher"} for key in keys},
            "variants": {key: key.replace("_map", "") for key in keys},
            "images": [{"name": name, **dict.fromkeys(keys, 1.0)} for name in "ab"],
        }
    )
    shown = choose_images([found], ["m"])
    assert [reason.split(":")[0] for reason in shown][::2] == chosen


def test_few_images_are_in_one_list_only_and_missing_values_in_none():
    chosen = choose_images([results_of({"a": 1.0, "b": None, "c": 2.0, "d": 3.0})], ["m"])
    assert chosen == {"NSS: best": ["d", "c"], "NSS: worst": ["a"]}
    assert choose_images([results_of({"a": 1.0})], ["m"]) == {"NSS: best": ["a"]}
    assert choose_images([results_of({"a": None})], ["m"]) == {}


def test_two_models_also_show_where_each_wins_most():
    first = results_of({"a": 1.0, "b": 5.0, "c": 2.0, "d": 2.5})
    second = results_of({"a": 4.0, "b": 1.0, "c": 2.2, "d": None})
    chosen = choose_images([first, second], ["one", "two"])
    assert chosen["NSS: one wins most"] == ["b", "c"]
    assert chosen["NSS: two wins most"] == ["a"]


def test_gains_add_up_to_the_information_gain():
    rng = np.random.default_rng(0)
    truth, baseline = rng.random((12, 15)), rng.random((12, 15))
    baseline /= baseline.sum()
    saliency = rng.random((12, 15)) - 0.2
    gain = gain_map(saliency, truth, baseline)
    shifted = saliency - saliency.min()
    model = shifted / shifted.sum()
    weights = truth / truth.sum()
    expected = (weights * (np.log2(model + 2.0**-52) - np.log2(baseline))).sum()
    assert gain.sum() == pytest.approx(expected, rel=1e-12)
    log = gain_map(np.log(baseline), truth, baseline, log_density=True)
    assert np.abs(log).max() < 1e-15


def test_gain_colours_are_orange_for_wins_and_purple_for_losses():
    gain = np.array([[1.0, 0.0, -1.0, 9.0]])
    found = gain_picture(gain, 1.0, np.full((1, 4, 3), 255, np.uint8)).astype(int)
    win, none, loss, beyond = found[0]
    assert win[0] > win[2]
    assert loss[2] > loss[1]
    assert loss[2] > loss[0] - 60
    assert none.tolist() == [255, 255, 255]
    assert beyond.tolist() == win.tolist()


def test_pictures_are_bounded_and_keep_their_mean():
    large = np.random.default_rng(0).random((900, 1200))
    shrunk = small(large)
    assert shrunk.shape == (300, LONGEST)
    assert shrunk.mean() == pytest.approx(large.mean(), abs=1e-4)
    picture = np.random.default_rng(0).integers(0, 256, (30, 20, 3)).astype(np.uint8)
    assert np.array_equal(small(picture), picture)
    assert decoded(data_uri(picture)).size == (20, 30)


@pytest.fixture
def gallery_of(folder_set):
    truths = folder_set.truths()
    results = evaluate(folder_set.maps, truths, metrics="nss,ig", workers=1, bootstrap=0)

    def make(**options):
        return make_gallery([results], ["good"], truths, [folder_set.maps], **options)

    return folder_set, truths, results, make


def test_a_gallery_holds_every_chosen_image_once_with_its_gain(gallery_of):
    folder_set, truths, _, make = gallery_of
    gallery = make()
    assert sorted(image.name for image in gallery.images) == sorted(folder_set.names)
    assert gallery.lists == ("NSS: best", "NSS: worst", "IG (map): best", "IG (map): worst")
    bias = CentreBias(truths)
    for image in gallery.images:
        truth = truths[image.name]
        (model,) = image.models
        pixels = read_map(folder_set.maps / f"{image.name}.png")
        density = density_of(truth.fixations, DensitySpec())
        baseline = bias.density(truth.size, without=truth.fixations)
        gain = gain_map(pixels, density.values, baseline)
        assert model.bits == pytest.approx(gain.sum())
        for uri in (image.stimulus, model.map, model.overlay, model.gain):
            assert decoded(uri).size == (truth.size[1], truth.size[0])


def test_a_gallery_tells_how_far_it_is(gallery_of):
    *_, make = gallery_of
    seen = []
    made = make(progress=lambda done, total: seen.append((done, total)))
    steps = 2 * len(made.images)  # each is read, then drawn
    assert seen == [(done, steps) for done in range(1, steps + 1)]


def test_another_data_set_is_refused(gallery_of, make_folder_set, tmp_path):
    folder_set, _, results, _ = gallery_of
    other = make_folder_set(tmp_path / "other", seed=5).truths()
    with pytest.raises(ResultsError, match="not the one that was scored"):
        make_gallery([results], ["good"], other, [folder_set.maps])


@pytest.mark.parametrize("dialect", ["tuebingen", "mit", "salicon2015", "salicon2017"])
def test_other_maps_than_those_that_were_scored_are_refused(folder_set, dialect):
    truths = folder_set.truths()
    options = {"metrics": "nss", "workers": 1, "bootstrap": 0, "dialect": dialect}
    results = evaluate(folder_set.maps, truths, **options)
    assert make_gallery([results], ["m"], truths, [folder_set.maps]).images
    maps = {name: read_map(folder_set.maps / f"{name}.png") for name in folder_set.names}
    others = {name: 255 - values for name, values in maps.items()}
    with pytest.raises(ResultsError, match="of m are not those that were scored: NSS of indoor"):
        make_gallery([results], ["m"], truths, [others])


def test_maps_in_memory_and_stimuli_that_are_gone(gallery_of):
    folder_set, truths, results, _ = gallery_of
    arrays = {name: read_map(folder_set.maps / f"{name}.png") for name in folder_set.names}
    for path in (folder_set.root / "stimuli").rglob("*.png"):
        path.unlink()
    bare = dataclasses.replace(
        truths, images=tuple(dataclasses.replace(t, stimulus=None) for t in truths)
    )
    gallery = make_gallery([results], ["good"], bare, [arrays])
    pixels = np.asarray(decoded(gallery.images[0].stimulus).convert("RGB"))
    assert np.abs(np.median(pixels, axis=(0, 1)) - 128).max() <= 3


def test_transposed_maps_are_shown_upright(gallery_of):
    folder_set, truths, _, make = gallery_of
    turned = {
        name: np.ascontiguousarray(read_map(folder_set.maps / f"{name}.png").T)
        for name in folder_set.names
    }
    options = {"metrics": "nss,ig", "workers": 1, "bootstrap": 0}
    results = evaluate(turned, truths, transpose=True, **options)
    gallery = make_gallery([results], ["good"], truths, [turned])
    assert gallery == make()


def test_log_densities_are_shown_as_densities(gallery_of):
    folder_set, truths, _, _ = gallery_of
    densities = {}
    for name in folder_set.names:
        values = read_map(folder_set.maps / f"{name}.png") + 0.5
        densities[name] = values / values.sum()
    options = {"metrics": "nss,ig", "workers": 1, "bootstrap": 0}
    plain = evaluate(densities, truths, **options)
    logs = {name: np.log(values) for name, values in densities.items()}
    results = evaluate(logs, truths, log_density=True, **options)
    shown = make_gallery([results], ["m"], truths, [logs])
    expected = make_gallery([plain], ["m"], truths, [densities])
    by_name = {image.name: image.models[0] for image in expected.images}
    for image in shown.images:
        (model,) = image.models
        other = by_name[image.name]
        assert model.bits == pytest.approx(other.bits, abs=1e-9)
        pixels = [
            np.asarray(decoded(uri).convert("RGB")).astype(int) for uri in (model.map, other.map)
        ]
        assert np.abs(pixels[0] - pixels[1]).mean() < 1
