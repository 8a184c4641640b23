"""Options of a command under headings in its `--help`.

@click.command(cls=HeadedCommand)
@headed("Data set", *dataset_options)
@headed("Output", out_file("Results file (JSON)."), force_option())
"""

from __future__ import annotations

from collections.abc import Callable

import click

Decorator = Callable[[Callable], Callable]
OTHERS = "Options"  # what stands under no heading; comes last
WIDEST = 30  # characters of an option before its help begins on the next line, as in click


def headed(heading: str, *options: Decorator) -> Decorator:
    """Give a command these options, in this order, under one heading."""

    def add(command: Callable) -> Callable:
        for option in reversed(options):
            command = option(command)
            command.__click_params__[-1].heading = heading  # type: ignore[attr-defined]
        return command

    return add


class HeadedCommand(click.Command):
    """A command whose help shows its options under their headings, in aligned columns."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections in the order in which their first options stand."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            line = parameter.get_help_record(ctx)
            if line is not None and isinstance(parameter, click.Option):
                heading = getattr(parameter, "heading", OTHERS)
                sections.setdefault(heading, []).append(line)
        others = sections.pop(OTHERS, [])
        lines = [line for section in (*sections.values(), others) for line in section]
        width = min(WIDEST, max(len(option) for option, _ in lines))
        for heading, section in (*sections.items(), (OTHERS, others)):
            with formatter.section(heading):
                formatter.write_dl([(f"{option:{width}}", text) for option, text in section])
