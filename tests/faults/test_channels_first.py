"""A `keras.json` that says channels first changes nothing: networks say channels last."""

import json
import os
import subprocess
import sys

import pytest

CODE = """
import numpy as np, keras, sys
from keras_saliency import build_model
assert keras.config.image_data_format() == sys.argv[1]
keras.utils.set_random_seed(0)
for name, size in (("msi_net", (48, 64)), ("salnet", (48, 64)), ("eml_net_resnet50", (32, 64))):
    model = build_model(name, input_shape=size)
    rng = np.random.default_rng(0)
    values = [rng.normal(0, 0.05, weight.shape) for weight in model.get_weights()]
    model.set_weights([np.abs(v) if v.ndim == 1 else v for v in values])
    picture = np.random.default_rng(1).normal(size=(1, *size, 3)).astype("float32")
    found = np.asarray(model.predict_on_batch(picture))
    print(name, found.shape, float(found.mean()), float(found.std()))
"""


@pytest.mark.slow
def test_networks_do_not_depend_on_it(tmp_path):
    said = {}
    for order in ("channels_last", "channels_first"):
        home = tmp_path / order
        home.mkdir()
        (home / "keras.json").write_text(json.dumps({"image_data_format": order}))
        done = subprocess.run(
            [sys.executable, "-c", CODE, order],
            env={**os.environ, "KERAS_HOME": str(home)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        said[order] = [line.split(" (") for line in done.stdout.splitlines()]
    assert len(said["channels_last"]) == 3
    assert said["channels_first"] == said["channels_last"]
