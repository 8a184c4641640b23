"""Networks and data sets that the tests of the pipeline share."""

import numpy as np
import pytest

from benchmark_kit.datasets import get_dataset


@pytest.fixture(scope="package")
def generated(tmp_path_factory, make_folder_set):
    """A generated data set of seven pictures in two sizes, read once."""
    return make_folder_set(tmp_path_factory.mktemp("set"), images=7)


@pytest.fixture(scope="package")
def truths(generated):
    return get_dataset("folder", generated.root, cache=False)


@pytest.fixture(scope="package")
def network():
    """`network(name, input_shape=…, recipe=…)`: each built once."""
    pytest.importorskip("keras")
    from keras_saliency import build_model

    built = {}

    def build(name, **options):
        key = (name, *sorted(options.items()))
        if key not in built:
            built[key] = build_model(name, **options)
        return built[key]

    return build


@pytest.fixture
def rng():
    return np.random.default_rng(0)
