import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, InputError
from keras_saliency import build_model
from keras_saliency.classical._dkl import read_dkl_table


def arrays(seed=0):
    rng = np.random.default_rng(seed)
    return {
        "lut_rgb": np.sort(rng.random((256, 3)), axis=0),
        "rgb_to_lms": rng.random((3, 3)),
        "lms0": rng.random(3),
        "lms_to_dkl": rng.normal(size=(3, 3)),
        "dkl_scale": np.array([0.5, 2.0, 1.5]),
    }


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "dkl.npz"
    np.savez(path, **arrays())
    return path


def test_colours_go_through_the_three_steps(table):
    a = arrays()
    rgb = np.array([0.5, 0.2, 1.0])
    # rows counted from 1: ceil(127.5) = 128, ceil(51) = 51, 255
    light = np.array([a["lut_rgb"][127, 0], a["lut_rgb"][50, 1], a["lut_rgb"][254, 2]])
    expected = a["dkl_scale"] * (a["lms_to_dkl"] @ (a["rgb_to_lms"] @ light - a["lms0"]))
    np.testing.assert_allclose(read_dkl_table(table).convert(rgb), expected, rtol=1e-12)


def test_black_and_the_darkest_level_share_a_row_and_the_last_is_never_read(tmp_path):
    a = arrays()
    a["lut_rgb"][255] = 1e6
    np.savez(tmp_path / "dkl.npz", **a)
    found = read_dkl_table(tmp_path / "dkl.npz").convert(np.arange(256)[:, None] / 255 * np.ones(3))
    np.testing.assert_array_equal(found[0], found[1])
    assert np.abs(found).max() < 1e4


def test_the_published_colours(shared):
    table = read_dkl_table(shared / "data" / "classical_bases" / "gbvs_dkl.npz")
    levels = (np.array([[0, 0, 0], [128, 128, 128]]) + 0.5) / 255  # of the rows of those numbers
    expected = [
        [-0.96843181, 0.00171289, 0.02109993],
        [-0.38614972, -0.01642204, 0.03166541],
    ]
    np.testing.assert_allclose(table.convert(levels), expected, atol=1e-8, rtol=0)


def test_without_a_table_the_message_says_what_where_and_which_way_round_it(monkeypatch):
    monkeypatch.delenv("GBVS_DKL", raising=False)
    with pytest.raises(ConfigError) as caught:
        build_model("gbvs")
    message = str(caught.value)
    for part in ("lut_rgb (256, 3)", "rgb2dkl.m", "dkl=", "GBVS_DKL", "gbvs_srgb"):
        assert part in message
    with pytest.raises(ConfigError, match=r"image_signature.*color"):
        build_model("image_signature", color="dkl")
    with pytest.raises(ConfigError, match=r"channel D of itti.*channel C"):
        build_model("itti", channels="DIO")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match=r"absent\.npz.*gbvs_srgb"):
        build_model("gbvs", dkl=tmp_path / "absent.npz")


def test_the_variable_and_the_option_name_the_same_file(table, monkeypatch):
    picture = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    expected = build_model("gbvs", dkl=table).predict_map(picture)
    monkeypatch.setenv("GBVS_DKL", str(table))
    np.testing.assert_array_equal(build_model("gbvs").predict_map(picture), expected)


def test_everything_wrong_with_a_table_is_named_at_once(tmp_path):
    a = arrays()
    a["lut_rgb"] = a["lut_rgb"][:255]
    a["rgb_to_lms"] = a["rgb_to_lms"].astype(int)
    a["dkl_scale"][1] = np.nan
    del a["lms0"]
    np.savez(tmp_path / "dkl.npz", **a)
    with pytest.raises(InputError) as caught:
        build_model("gbvs", dkl=tmp_path / "dkl.npz")
    message = str(caught.value)
    for part in (
        "lut_rgb: expected floats (256, 3), found float64 (255, 3)",
        "rgb_to_lms: expected floats (3, 3), found int64",
        "lms0: missing",
        "dkl_scale: expected finite",
    ):
        assert part in message
    assert "lms_to_dkl:" not in message


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04broken"])
def test_a_file_that_is_no_archive(tmp_path, content):
    (tmp_path / "dkl.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"no \.npz archive"):
        read_dkl_table(tmp_path / "dkl.npz")


def test_a_single_array_is_no_table(tmp_path):
    np.save(tmp_path / "dkl.npy", np.zeros((256, 3)))
    with pytest.raises(InputError, match=r"no \.npz archive|missing"):
        read_dkl_table(tmp_path / "dkl.npy")
