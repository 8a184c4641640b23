"""The folder's public names: all there, and free to import."""

import subprocess
import sys

import pytest

from keras_saliency import losses


def test_every_name_resolves():
    assert all(callable(getattr(losses, name)) for name in losses.__all__)
    assert dir(losses) == losses.__all__
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = losses.Nothing


@pytest.mark.parametrize("folder", ["losses", "metrics"])
def test_importing_the_folder_costs_no_keras(folder):
    code = f"import sys, keras_saliency.{folder}; assert 'keras' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
