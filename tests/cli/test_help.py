"""`--help` of every command: few modules, free of libraries, with examples that parse."""

import re
import shlex
import subprocess
import sys

import click
import pytest

from benchmark_kit.cli import cli

HEAVY = {"numpy", "scipy", "PIL", "h5py", "rich", "tensorflow", "keras"}
MODULES = 300  # the whole program needs 244, which take a fifth of a second
PLAIN_AUC = re.compile(r"\bAUC\b(?!-Judd|-Borji| \(exact\)| \(sampled\))")


def tree(command=cli, path=()):
    """(words, command) of the program and all its commands."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from tree(command.get_command(context, name), (*path, name))


COMMANDS = dict(tree())
every_command = pytest.mark.parametrize("words", COMMANDS, ids=lambda w: " ".join(w) or "salbench")


def help_text(words):
    context = click.Context(COMMANDS[words], info_name=" ".join(("salbench", *words)))
    return COMMANDS[words].get_help(context)


def examples(text):
    """Lines of their own that begin with the program's name."""
    return [line.strip() for line in text.splitlines() if re.match(r"\s*salbench ", line)]


def test_the_tree_holds_the_known_commands():
    known = {"evaluate", "densities", "demo", "list datasets", "list metrics", "list dialects"}
    assert known <= {" ".join(words) for words in COMMANDS}


@every_command
def test_help_loads_few_modules_and_no_library(words):
    code = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        "from benchmark_kit.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words, "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: salbench")
    loaded = set(done.stderr.split())
    assert "benchmark_kit" in loaded
    assert not HEAVY & loaded
    assert len(loaded) < MODULES


@every_command
def test_every_command_and_option_says_what_it_is_for(words):
    command = COMMANDS[words]
    assert command.help.strip().split("\n")[0].endswith(".")
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{parameter.opts[0]} has no help text"
            assert parameter.opts[0] in help_text(words)


@every_command
def test_short_and_long_help_are_one(words, salbench):
    short, long = salbench(*words, "-h"), salbench(*words, "--help")
    assert short.returncode == long.returncode == 0
    assert short.stdout == long.stdout
    assert short.stderr == long.stderr == ""


@pytest.mark.parametrize("name", ["evaluate", "densities"])
def test_examples_in_the_help_parse(name):
    found = examples(help_text((name,)))
    assert len(found) >= 2
    for example in found:
        program, command, *arguments = shlex.split(example)
        assert (program, command) == ("salbench", name)
        context = COMMANDS[(name,)].make_context(name, arguments)
        assert context.params["dataset"]


def test_first_help_shows_one_example_a_line():
    text = help_text(())
    assert "\\b" not in text
    assert len(examples(text)) == 3


@pytest.mark.parametrize("name", ["demo", "list"])
def test_other_commands_show_examples(name):
    assert examples(help_text((name,)))


@every_command
def test_help_never_says_plain_auc(words):
    assert not PLAIN_AUC.search(help_text(words))


def test_the_rule_for_plain_auc_catches_it():
    assert PLAIN_AUC.search("AUC 0.8")
    assert PLAIN_AUC.search("AUC (best)")
    assert not PLAIN_AUC.search("AUC (exact), AUC-Judd, AUC-Borji, AUC (sampled), sAUC")


def test_version(salbench):
    from importlib.metadata import version

    assert salbench("--version").stdout == f"salbench, version {version('keras-saliency')}\n"
