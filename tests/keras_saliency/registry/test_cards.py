import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from benchmark_kit.errors import ConfigError
from keras_saliency import list_models, model_card
from keras_saliency.base.card import KINDS
from keras_saliency.registry.cards import FOLDERS, GROUP, collect_cards

LEAST = 'title = "A"\nkind = "training-free"\nbuilder = "{module}:build"\n'


def test_list_models():
    assert "spectral_residual" in list_models()
    assert list_models() == tuple(sorted(list_models()))
    assert list_models("spectral_residua?") == ("spectral_residual",)
    assert list_models("no such *") == ()
    assert "spectral_residual" in list_models(kind="training-free")
    assert "spectral_residual" not in list_models(kind="network")
    split = [name for kind in KINDS for name in list_models(kind=kind)]
    assert sorted(split) == list(list_models())
    with pytest.raises(ConfigError, match=r"unknown kind 'oracle'.*training-free"):
        list_models(kind="oracle")


def test_two_cards_of_one_name_show_both(tmp_path):
    for folder in ("models", "classical"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.toml").write_text(LEAST.format(module="m"))
    with pytest.raises(ConfigError, match=r"'a'.*models/a\.toml.*classical/a\.toml"):
        collect_cards([tmp_path / "models", tmp_path / "classical"], ())


def entry(name, value):
    return EntryPoint(name, value, GROUP)


def test_other_packages_add_models(tmp_path, monkeypatch, capsys):
    (tmp_path / "their_card.toml").write_text(LEAST.format(module="theirs"))
    (tmp_path / "theirs.py").write_text(
        "from pathlib import Path\n"
        "from keras_saliency.base.card import Card\n"
        "path = Path(__file__).with_name('their_card.toml')\n"
        "card = Card('other', 'B', 'network', 'theirs:build')\n"
        "number = 5\n"
        "bad = Path(__file__)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    entries = [
        entry("by_path", "theirs:path"),
        entry("by_card", "theirs:card"),
        entry("broken", "no_such_package_at_all:card"),
        entry("number", "theirs:number"),
        entry("bad", "theirs:bad"),
        entry("spectral_residual", "theirs:card"),
    ]
    ours = collect_cards(FOLDERS, ())
    cards = collect_cards(FOLDERS, entries)
    assert set(cards) == {*ours, "by_path", "by_card"}
    assert cards["by_path"].name == "by_path"
    assert cards["by_card"].name == "by_card"
    assert cards["spectral_residual"] == ours["spectral_residual"]
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    for name, says in {
        "broken": "no_such_package_at_all",
        "number": "found int",
        "bad": "TOML",
        "spectral_residual": ours["spectral_residual"].origin,
    }.items():
        (line,) = (line for line in lines if repr(name) in line)
        assert says in line


def test_listing_needs_no_arrays():
    code = "import sys; from keras_saliency import list_models; list_models(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found = {name.split(".")[0] for name in done.stdout.split()}
    assert not found & {"scipy", "PIL", "keras", "tensorflow", "jax"}


def test_models_by_what_they_have_learned():
    assert set(list_models(trained=True)) == {"saliency_lite", "saliency_best"}
    without = list_models(trained=False)
    assert "ml_net" in without
    assert "judd" in without
    assert not set(without) & {"saliency_lite", "bms", "uniform"}
    small = list_models(max_parameters=10**7)
    assert all(model_card(name).parameters <= 10**7 for name in small)
    assert list_models(max_parameters=0) == ()


def test_a_notebook_shows_lists_and_cards():
    assert "<td>ml_net</td>" in list_models("ml_*")._repr_html_()
    shown = model_card("saliency_lite")._repr_html_()
    assert "trained in this package" in shown
    assert "4,381,053" in shown
