"""What several rooms' tests need: a new process, gradients on both backends, saved losses."""

import gc
import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark_kit.systems import kept_memory


@pytest.fixture(scope="module", autouse=True)
def _give_memory_back():
    """Traced functions keep networks alive: without this a process of all files takes 9 GB.

    JAX would compile the same operations again for the next file, and its processes are short.
    """
    yield
    keras = sys.modules.get("keras")
    if keras is None or keras.config.backend() != "tensorflow":
        return
    keras.backend.clear_session()
    gc.collect()
    with kept_memory():  # gives free pages back at its end
        pass


@pytest.fixture(scope="session")
def in_fresh_process():
    """`in_fresh_process(code, **values)`: run code as a new process would; fails where it fails."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(Path(__file__).parent / "fresh_process.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"

    def run(code, **values):
        values = {name: str(v) if isinstance(v, Path) else v for name, v in values.items()}
        process.stdin.write(json.dumps({"code": code, "values": values}) + "\n")
        process.stdin.flush()
        wrong = json.loads(process.stdout.readline())
        assert wrong is None, wrong

    yield run
    process.stdin.close()
    process.wait(60)
    process.stdout.close()


@pytest.fixture
def value_and_gradient():
    """`value_and_gradient(function, x)` as numpy float32 arrays, on both backends."""
    import keras

    def of(function, x):
        x = keras.ops.convert_to_tensor(x)
        if keras.config.backend() == "jax":
            import jax

            value, slope = jax.value_and_grad(function)(x)
        else:
            import tensorflow as tf

            with tf.GradientTape() as tape:
                tape.watch(x)
                value = function(x)
            slope = tape.gradient(value, x)
        return tuple(
            keras.ops.convert_to_numpy(keras.ops.cast(a, "float32")) for a in (value, slope)
        )

    return of


@pytest.fixture
def assert_round_trip():
    """Assert that a loss comes back from its serialised form with the same attributes."""
    import keras

    def check(loss):
        form = keras.losses.serialize(loss)
        assert form["registered_name"] == f"keras_saliency>{type(loss).__name__}"
        again = keras.losses.deserialize(form)
        assert again.get_config() == loss.get_config()
        return again

    return check
