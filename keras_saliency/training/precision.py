"""The precision that networks are trained in, as a Keras policy."""

from __future__ import annotations

from pathlib import Path

import keras

from benchmark_kit.errors import ConfigError

PRECISIONS = ("auto", "float32", "mixed_bfloat16", "mixed_float16")
CPUINFO = Path("/proc/cpuinfo")
FLAGS = ("amx_bf16", "avx512_bf16")


def choose_precision(name: str = "auto") -> str:
    """The policy of a precision; `"auto"` is bfloat16 where that is faster.

    Weights, statistics and losses stay float32 in every one of them. bfloat16 is faster on GPUs and
    on processors with the instructions for it under TensorFlow (with AVX512_BF16 alone a step of
    MSI-Net takes 0.55 of the time, benchmarks/network_steps.py); JAX is slower with it on a CPU.

    Args:
        name: one of `PRECISIONS`.

    Raises:
        ConfigError: another name.
    """
    if name not in PRECISIONS:
        raise ConfigError(f"precision must be one of {', '.join(PRECISIONS)}, got {name!r}")
    if name != "auto":
        return name
    if not all(device.startswith("cpu") for device in keras.distribution.list_devices()):
        return "mixed_bfloat16"
    fast = keras.config.backend() == "tensorflow" and _has_bfloat16()
    return "mixed_bfloat16" if fast else "float32"


def warn_of_slow_bfloat16(policy: str) -> str | None:
    """A sentence where a policy is bfloat16 and this processor only imitates it.

    It is no error: a run that began on a GPU goes on with its own numbers anywhere.
    """
    if policy != "mixed_bfloat16" or choose_precision("auto") == policy:
        return None
    return (
        "this processor has no instructions for bfloat16 that this backend uses: it is slower than "
        "float32 here. Fix: --precision auto"
    )


def _has_bfloat16() -> bool:
    try:
        words = CPUINFO.read_text(encoding="utf-8").split()
    except OSError:  # no Linux
        return False
    return any(flag in words for flag in FLAGS)
