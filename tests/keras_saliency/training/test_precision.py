import pytest

pytest.importorskip("keras")

import keras

from benchmark_kit.errors import ConfigError
from keras_saliency.training import precision
from keras_saliency.training.precision import choose_precision, warn_of_slow_bfloat16


@pytest.fixture
def processor(tmp_path, monkeypatch):
    def has(flags):
        (tmp_path / "cpuinfo").write_text(f"flags : fpu {flags}\n")
        monkeypatch.setattr(precision, "CPUINFO", tmp_path / "cpuinfo")

    return has


def test_what_is_asked_for_is_taken():
    assert choose_precision("mixed_float16") == "mixed_float16"


def test_another_name_is_refused():
    with pytest.raises(ConfigError, match="one of auto, float32"):
        choose_precision("bfloat16")


@pytest.mark.parametrize(
    ("flags", "backend", "wanted"),
    [
        ("amx_bf16", "tensorflow", "mixed_bfloat16"),
        ("avx512_bf16", "tensorflow", "mixed_bfloat16"),
        ("avx512f", "tensorflow", "float32"),
        ("amx_bf16", "jax", "float32"),
    ],
)
def test_auto_asks_the_processor(processor, monkeypatch, flags, backend, wanted):
    processor(flags)
    monkeypatch.setattr(keras.config, "backend", lambda: backend)
    assert choose_precision() == wanted


def test_auto_is_bfloat16_on_a_gpu(processor, monkeypatch):
    processor("fpu")
    monkeypatch.setattr(keras.distribution, "list_devices", lambda *_: ["gpu:0"])
    assert choose_precision("auto") == "mixed_bfloat16"


@pytest.mark.parametrize(
    ("policy", "flags", "said"),
    [
        ("mixed_bfloat16", "avx512f", True),
        ("mixed_bfloat16", "amx_bf16", False),
        ("float32", "avx512f", False),
    ],
)
def test_imitated_bfloat16_is_said(processor, monkeypatch, policy, flags, said):
    processor(flags)
    monkeypatch.setattr(keras.config, "backend", lambda: "tensorflow")
    found = warn_of_slow_bfloat16(policy)
    assert (found is not None) == said
    if said:
        assert found.endswith("Fix: --precision auto")
