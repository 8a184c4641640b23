"""Every `--word` in a page or a message is an option of a command that can say it."""

import ast
import re
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import click
import pytest

from benchmark_kit.cli import cli

ROOT = Path(__file__).resolve().parents[2]
WORD = re.compile(r"(?<![\w-])--[a-z][a-z0-9-]*")
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
# programs of their own, and of other projects
OTHERS = re.compile(r"\bpython\b|\bpip\b|\bpytest\b|\bmake\b|benchmarks/|experiments/|weights/")


def commands(command=cli, words=()):
    """(words, command) of all commands."""
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from commands(command.get_command(context, name), (*words, name))


OPTIONS = {
    " ".join(words): {o for p in command.params for o in p.opts} | {"--help", "--version"}
    for words, command in commands()
}
EVERY = set().union(*OPTIONS.values())


def named_on(line):
    """Options of the commands that a line names."""
    known = set()
    for first, second in re.findall(r"\bsalbench ([a-z-]+)(?: ([a-z]+))?", line):
        known |= OPTIONS.get(first, set()) | OPTIONS.get(f"{first} {second}", set())
    return known


def whole_lines(text):
    """Lines, those that end in a backslash joined with what follows."""
    return re.sub(r"\\\n\s*", " ", text).splitlines()


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_pages_name_options_that_there_are(path):
    strange, before = [], ""
    for line in whole_lines(path.read_text(encoding="utf-8")):
        words = set(WORD.findall(line))
        if words and not OTHERS.search(before + line):
            known = (
                named_on(line) if line.strip().startswith(("salbench ", "$ salbench")) else EVERY
            )
            strange += [(word, line) for word in words - known]
        before = before + line if line.strip() else ""
    assert not strange


@cache
def architecture():
    """The import graph that the architecture test makes."""
    spec = spec_from_file_location("architecture", ROOT / "tests" / "test_architecture.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def reached_by(words):
    """Modules that a command may come to import."""
    house, seen = architecture(), set()
    command = dict(commands())[tuple(words.split())]
    waiting = [command.callback.__module__]
    while waiting:
        module = waiting.pop()
        if module in seen or module not in house.NAMES:
            continue
        seen.add(module)
        waiting += [
            target
            for target, _ in house.targets(house.NAMES[module])
            if (module, target) not in house.UPWARDS
        ]
    return seen


def statements(tree):
    """The parts of a program that say one thing: statements without a body, heads of the others."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        if not hasattr(node, "body"):
            yield node
        else:
            heads = ast.iter_child_nodes(node)
            yield from (head for head in heads if isinstance(head, ast.expr))


def messages(path):
    """(line, text) of what the statements of a file say, docstrings left out."""
    for node in statements(ast.parse(path.read_text(encoding="utf-8"))):
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_docstring or "add_argument(" in ast.unparse(node):
            continue
        strings = [c.value for c in ast.walk(node) if isinstance(c, ast.Constant)]
        yield node.lineno, " ".join(text for text in strings if isinstance(text, str))


def test_messages_name_options_of_a_command_that_can_say_them():
    house, strange = architecture(), []
    for module, path in house.NAMES.items():
        for line, text in messages(path):
            words = set(WORD.findall(text)) - named_on(text)
            if not words or OTHERS.search(text):
                continue
            able = [OPTIONS[name] for name in OPTIONS if name and module in reached_by(name)]
            known = set().union(*able) if able else EVERY
            strange += [f"{path.relative_to(ROOT)}:{line} {word}" for word in words - known]
    assert not strange
