import inspect
import re
import subprocess
import sys

import pytest

import keras_saliency
from benchmark_kit.errors import ConfigError, MissingExtra
from keras_saliency import build_model, model_card
from keras_saliency.base.card import Card
from keras_saliency.registry import build as registry
from keras_saliency.registry import cards as registered_cards
from keras_saliency.registry.cards import FOLDERS, collect_cards

LEAST = 'title = "A"\nkind = "training-free"\nbuilder = "{module}:build"\n'


@pytest.fixture
def registered(monkeypatch):
    """Stand-in for the registered cards."""

    def register(*cards):
        monkeypatch.setattr(registered_cards, "_cards", lambda: {card.name: card for card in cards})

    return register


def test_the_model_carries_its_card():
    assert build_model("spectral_residual").card is model_card("spectral_residual")


@pytest.mark.parametrize("call", [build_model, model_card])
def test_unknown_name_gets_the_nearest_three_and_how_to_list(registered, call):
    names = ("sam_vgg", "sam_resnet", "salnet", "bms")
    registered(*(Card(name, name, "network", "a:b") for name in names))
    with pytest.raises(ConfigError) as caught:
        call("SAM-VGG2")
    text = str(caught.value)
    assert "'SAM-VGG2'" in text
    nearest = re.search(r"nearest: (.*?)\.", text)[1].split(", ")
    assert nearest[0] == "sam_vgg"
    assert len(nearest) == 3
    assert "salbench list models" in text


def test_unknown_options_name_the_allowed_ones():
    with pytest.raises(ConfigError, match=r"'spectral_residual'.*\n.*'widht'; allowed: none"):
        build_model("spectral_residual", widht=3)


def test_options_of_a_card(tmp_path, monkeypatch, registered):
    (tmp_path / "optional_model.py").write_text(
        "class Model:\n    pass\n"
        "def build(size='small', seed=0):\n"
        "    model = Model()\n    model.given = (size, seed)\n    return model\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    text = LEAST.format(module="optional_model") + (
        '[options.size]\ndefault = "small"\nhelp = "a"\nchoices = ["small", "large"]\n'
        '[options.seed]\ndefault = 0\nhelp = "b"\n'
    )
    (tmp_path / "mine.toml").write_text(text)
    registered(*collect_cards([tmp_path], ()).values())
    assert build_model("mine").given == ("small", 0)
    assert build_model("mine", size="large", seed=5).given == ("large", 5)
    with pytest.raises(ConfigError) as caught:
        build_model("mine", size="huge", sed=1)
    assert "size must be one of 'small', 'large', got 'huge'" in str(caught.value)
    assert "unknown option 'sed'; allowed: size, seed" in str(caught.value)


def test_a_builder_that_is_not_there(registered):
    registered(Card("a", "A", "network", "keras_saliency.no_such_file:build", origin="here.toml"))
    with pytest.raises(ConfigError, match=r"no builder 'keras_saliency\.no_such_file.*here\.toml"):
        build_model("a")
    registered(Card("a", "A", "network", "keras_saliency.base.card:no_such_function"))
    with pytest.raises(ConfigError, match="no_such_function"):
        build_model("a")


def test_a_network_without_a_backend_says_what_to_install(tmp_path, monkeypatch, registered):
    (tmp_path / "needs_keras.py").write_text("import keras\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "keras", None)  # as if it were not installed
    registered(Card("a", "A", "network", "needs_keras:build"))
    with pytest.raises(MissingExtra, match=r'pip install "keras-saliency\[tensorflow\]"'):
        build_model("a")


@pytest.mark.parametrize("name", sorted(collect_cards(FOLDERS, ())))
def test_a_cards_options_are_its_builders(name):
    card = model_card(name)
    parameters = inspect.signature(registry._builder(card)).parameters
    given = {key: value.default for key, value in parameters.items()}
    if card.kind in registry.NETWORKS:
        # None: any size, and the card's is the largest that is not shrunk
        assert given.pop("input_shape") in (card.input_size, None)
    assert given == {key: option.default for key, option in card.options.items()}


def test_public_names():
    assert keras_saliency.__all__ == sorted(keras_saliency.__all__)
    assert dir(keras_saliency) == keras_saliency.__all__
    for name in keras_saliency.__all__:
        assert callable(getattr(keras_saliency, name))
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = keras_saliency.no_such_name


def modules_after(code):
    program = f"import sys\n{code}\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_importing_is_free():
    found = modules_after("import keras_saliency, keras_saliency.commands.models")
    assert not found & {"numpy", "scipy", "PIL", "keras", "tensorflow", "jax"}


def test_a_classical_model_needs_no_keras():
    found = modules_after(
        "import numpy, keras_saliency\n"
        "model = keras_saliency.build_model('spectral_residual')\n"
        "model.predict_map(numpy.eye(70, dtype=numpy.uint8))"
    )
    assert "numpy" in found
    assert not found & {"keras", "tensorflow", "jax", "torch", "matplotlib"}
