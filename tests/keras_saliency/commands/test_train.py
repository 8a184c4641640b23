"""`salbench train` as a user runs it."""

import json

import pytest
from click.testing import CliRunner

pytest.importorskip("keras")

import keras

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency import build_model
from keras_saliency.commands.train import command

SMALL = (
    *("--model", "icf", "--stage", "mit1003", "--option", "input_shape=64,64"),
    *("--precision", "float32"),
)


@pytest.fixture(scope="module")
def data(tmp_path_factory, make_folder_set):
    return make_folder_set(tmp_path_factory.mktemp("data"), images=10)


@pytest.fixture
def run(data, tmp_path):
    def call(*arguments, root=data.root, out=tmp_path / "run"):
        given = ("--dataset", "folder", "--root", root, "--out", out, "--no-cache", *arguments)
        return CliRunner().invoke(command, list(map(str, given)), standalone_mode=False)

    return call


def test_a_network_is_trained_scored_and_named(run, tmp_path):
    done = run(*SMALL, "--epochs", 1, "--batch", 4, "--augment", "mirror=0.5,crop=0.8")
    assert done.exception is None, done.exception
    assert done.return_value == 0
    assert "NSS" in done.stdout
    assert f"{tmp_path / 'run' / 'best.keras'}: the network after epoch 1" in done.stdout
    assert "first batch:" in done.stderr
    assert "epoch 1/1: loss" in done.stderr
    again = run(*SMALL, "--epochs", 1, "--batch", 4)
    assert isinstance(again.exception, ConfigError)
    assert "holds a run" in str(again.exception)
    quiet = run(
        *SMALL, "--epochs", 1, "--batch", 4, "--augment", "mirror=0.5,crop=0.8", "--resume", "-q"
    )
    assert (quiet.return_value, quiet.output) == (0, "")


def test_it_starts_from_the_weights_of_another_run(run, tmp_path):
    build = build_model("icf", input_shape=(64, 64))
    build.save_weights(tmp_path / "start.weights.h5")
    done = run(*SMALL, "--epochs", 1, "--batch", 4, "--init", tmp_path / "start.weights.h5")
    assert done.exception is None, done.exception
    assert '"init": "sha256:' in (tmp_path / "run" / "run.json").read_text()


def test_a_recipe_builds_the_network_with_its_options(run, tmp_path):
    small = ("--option", "input_shape=96,96", "--precision", "float32")
    done = run("--model", "juntingnet", "--recipe", "paper", *small, "--epochs", 1, "--batch", 4)
    assert done.exception is None, done.exception
    settings = json.loads((tmp_path / "run" / "run.json").read_text())["settings"]
    assert settings["recipe"] == "paper"
    assert settings["options"]["start"] == "paper"
    assert settings["options"]["label_range"] == "unit"


def lambda_network(path):
    inputs = keras.Input((8, 8, 3))
    keras.Model(inputs, keras.layers.Lambda(lambda x: x * 2)(inputs)).save(path)


def cut(path):
    build_model("icf", input_shape=(64, 64)).save_weights(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("name", "make", "says"),
    [
        ("other.keras", lambda path: build_model("icf_color").save(path), "another network"),
        ("code.keras", lambda_network, "another network"),
        ("cut.weights.h5", cut, "no weights file, damaged"),
        ("start.pkl", lambda path: path.write_bytes(b"\x80\x04N."), "is a pickle"),
    ],
)
def test_weights_that_do_not_fit_are_refused_before_anything_is_written(
    run, tmp_path, name, make, says
):
    make(tmp_path / name)
    done = run(*SMALL, "--init", tmp_path / name)
    assert isinstance(done.exception, InputError), done.exception
    assert says in str(done.exception)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((*SMALL, "--recipe", "best"), "icf has no recipe 'best'; its card has: "),
        ((*SMALL, "--freeze", "block9*"), "--freeze 'block9*' matches no layer"),
        ((*SMALL, "--split", "half"), "rule"),
        ((*SMALL, "--trunk", "imagenet"), "icf has 0 trunks"),
        ((*SMALL, "--sigma", "1deg"), "folder: '1deg': this data set states no pixels per degree"),
        ((*SMALL, "--sigma", "4px"), "the loss of icf learns from fixations as they are"),
        (("--model", "sun_dog", "--sigma", "1deg"), "sun_dog learns in one go and has no --sigma"),
        (("--model", "icv"), "unknown model 'icv'"),
        (("--model", "sun_dog", "--epochs", "3"), "sun_dog learns in one go and has no --epochs"),
        (("--model", "spectral_residual"), "does not learn"),
    ],
)
def test_what_cannot_be_done_as_asked_is_told(run, tmp_path, arguments, says):
    done = run(*arguments)
    assert isinstance(done.exception, ConfigError), done.exception
    assert says in str(done.exception)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("text", ["turn", "mirror=much"])
def test_an_unknown_change_of_pictures_is_a_usage_error(run, text):
    done = run(*SMALL, "--augment", text)
    assert "write one of mirror, crop" in str(done.exception)


def test_data_sets_and_roots_come_in_pairs(run):
    done = run(*SMALL, "--root", "elsewhere")
    assert "1 --dataset and 2 --root: give them in pairs" in str(done.exception)


def test_options_of_a_reader_follow_its_name(run, data):
    done = run(*SMALL, "--dataset", "salicon,edition=2017", "--root", data.root)
    assert "salicon" in str(done.exception).lower()


def test_a_folder_that_cannot_be_written_is_told_first(run, tmp_path):
    (tmp_path / "file").write_text("")
    done = run(*SMALL, out=tmp_path / "file" / "run")
    assert isinstance(done.exception, ConfigError)
    assert "is no folder" in str(done.exception)


def test_the_precision_of_other_networks_stays(run):
    run("--model", "icf", "--recipe", "best", "--precision", "mixed_bfloat16")
    assert keras.config.dtype_policy().name == "float32"


def test_an_estimator_is_trained_too(run, tmp_path):
    done = run("--model", "centre_bias")
    assert done.exception is None, done.exception
    assert str(tmp_path / "run" / "centre_bias.npz") in done.stdout
