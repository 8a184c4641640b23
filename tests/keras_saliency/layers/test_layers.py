import subprocess
import sys

import pytest

import keras_saliency.layers as layers


def test_importing_the_package_costs_no_keras():
    code = "import sys, keras_saliency.layers; assert 'keras' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=600)


def test_every_name_loads_the_class_of_that_name():
    pytest.importorskip("keras")
    assert set(layers.__all__) <= set(dir(layers))
    for name in layers.__all__:
        assert getattr(layers, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'Minout'"):
        layers.Minout  # noqa: B018
