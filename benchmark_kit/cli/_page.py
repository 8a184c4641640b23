"""docs/commands.md from the commands themselves: `python -m benchmark_kit.cli._page`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from benchmark_kit.cli import cli

HEAD = """# Commands

Made from the commands' own help; to change it, change a command and run
`python -m benchmark_kit.cli._page > docs/commands.md`.

Exit statuses: 0 done; 1 a negative verdict, or a run that stopped half-way; 2 usage, a path that
does not exist included; 3 input that cannot be used; 129, 130 and 143 stopped by SIGHUP, Ctrl-C and
SIGTERM.
"""


def commands_page() -> str:
    """The page as text."""
    parts = [HEAD]
    for path, text in _helps(cli, "salbench"):
        parts.append(f"## `{path}`\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def _helps(
    command: click.Command, path: str, parent: click.Context | None = None
) -> Iterator[tuple[str, str]]:
    # a fixed width: the page must not depend on the terminal
    context = command.make_context(
        path, [], parent, resilient_parsing=True, terminal_width=100, max_content_width=100
    )
    yield (
        path,
        command.get_help(context).replace(f"Usage: {context.command_path}", f"Usage: {path}"),
    )
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                yield from _helps(child, f"{path} {name}", context)


if __name__ == "__main__":
    print(commands_page(), end="")
