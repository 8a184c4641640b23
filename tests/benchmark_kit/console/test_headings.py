"""Options under headings in a command's help."""

import click
from click.testing import CliRunner

from benchmark_kit.console.headings import OTHERS, HeadedCommand, headed


@click.command(cls=HeadedCommand)
@headed("Maps", click.option("--strip", help="A suffix."), click.option("--partial", is_flag=True))
@headed("Output", click.option("--a-rather-long-name", metavar="PLACE", help="Where to."))
@click.option("-q", "--quiet", is_flag=True, help="Say nothing.")
def command(**given):
    """Do something."""
    click.echo(given)


def help_lines():
    return CliRunner().invoke(command, ["--help"]).output.splitlines()


def test_sections_stand_in_the_order_of_their_options_and_the_rest_comes_last():
    sections = [line[:-1] for line in help_lines() if line.endswith(":") and line[0] != " "]
    assert sections == ["Maps", "Output", OTHERS]
    rest = help_lines()[help_lines().index(f"{OTHERS}:") :]
    assert any("--quiet" in line for line in rest)
    assert any("--help" in line for line in rest)


def test_help_texts_stand_in_one_column_over_all_sections():
    texts = ("A suffix.", "Where to.", "Say nothing.")
    columns = {line.index(text) for line in help_lines() for text in texts if text in line}
    assert len(columns) == 1


def test_options_are_parsed_as_without_headings():
    done = CliRunner().invoke(command, ["--strip", "_x", "-q"])
    assert "'strip': '_x'" in done.output
    assert "'quiet': True" in done.output
