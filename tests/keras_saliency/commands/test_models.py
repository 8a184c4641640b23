from click.testing import CliRunner

from benchmark_kit.cli import cli
from keras_saliency import list_models
from keras_saliency.base.card import Card, Option, Weights
from keras_saliency.commands.models import command
from keras_saliency.registry import cards


def run(*arguments):
    return CliRunner().invoke(command, arguments, standalone_mode=False)


def test_one_line_a_model():
    found = run()
    assert found.return_value == 0
    head, *lines = found.output.splitlines()
    assert head.split()[:4] == ["model", "kind", "parameters", "weights"]
    assert [line.split()[0] for line in lines] == list(list_models())
    (line,) = (line for line in lines if line.startswith("spectral_residual "))
    assert line.split()[:3] == ["spectral_residual", "training-free", "-"]
    assert "nothing to learn" in line
    assert line.endswith("2007  Spectral residual")
    (line,) = (line for line in lines if line.startswith("sam_resnet "))
    assert line.split()[1:5] == ["network", "70,146,561", "untrained", "240x320"]
    assert line.endswith("2018  SAM on ResNet-50")


def test_those_that_come_trained():
    found = run("--trained").output
    assert [line.split()[0] for line in found.splitlines()[1:]] == [
        "saliency_best",
        "saliency_lite",
    ]


def test_at_most_so_many_parameters():
    names = {line.split()[0] for line in run("--max-parameters", "5000000").output.splitlines()[1:]}
    assert "saliency_lite" in names
    assert "sam_resnet" not in names
    assert "bms" not in names


def test_it_joins_the_list_command():
    found = CliRunner().invoke(cli, ["list", "models", "spectral_residual"])
    assert found.exit_code == 0
    assert found.output == run("spectral_residual").output


def test_pattern_and_kind():
    assert run("spectral_residua?").output.count("\n") == 2
    assert "spectral_residual" in run("--kind", "training-free").output
    nothing = run("no_such*")
    assert nothing.return_value == 1
    assert "no model matches 'no_such*'" in nothing.stderr


def test_verbose_says_all(monkeypatch):
    card = Card(
        "net",
        "A net",
        "network",
        "a:b",
        authors=("B. C",),
        paper="Journal",
        parameters=1234,
        options={"seed": Option(0, "Seed of it.")},
        weights={"ours": Weights("made here")},
        uncertain=("Its bias.",),
    )
    monkeypatch.setattr(cards, "_cards", lambda: {"net": card})
    lines = [line.strip() for line in run("-v").output.splitlines()]
    assert lines[2:] == [
        "authors: B. C",
        "paper: Journal",
        "parameters: 1,234",
        "weights ours: made here",
        "option seed=0: Seed of it.",
        "uncertain: Its bias.",
    ]


def test_help():
    found = CliRunner().invoke(cli, ["list", "models", "--help"])
    assert found.exit_code == 0
    assert "PATTERN" in found.output
