"""`salbench`: sub-commands found by entry point, loaded when asked for, and their exit statuses.

0 done · 1 a negative verdict, or a run that stopped half-way · 2 usage, a path that does not exist
included · 3 input that exists but cannot be used · 129, 130, 143 stopped by SIGHUP, Ctrl-C,
SIGTERM.
"""

from __future__ import annotations

import errno
import sys
from functools import cache
from importlib.metadata import EntryPoint, entry_points

import click

from benchmark_kit.console.configuration import load_defaults
from benchmark_kit.console.noise import quiet_tensorflow
from benchmark_kit.console.signals import Stopped, stopped_by_signals
from benchmark_kit.console.streams import PrintedText, let_go_of_stdout, open_streams
from benchmark_kit.errors import KitError
from benchmark_kit.plugins import use_plugin
from benchmark_kit.systems import is_closed_pipe

# no path, or none of a file
NO_SUCH_PATH = (errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EISDIR)
OURS = ("benchmark_kit.", "keras_saliency.")


@cache
def found_entries(group: str) -> dict[str, EntryPoint]:
    """Entry points of a group by name; of two with one name ours wins and the other is reported."""
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=group):
        other = found.get(entry.name)
        if other is None or other.value == entry.value:
            found[entry.name] = entry
            continue
        ours = entry if entry.value.startswith(OURS) else other
        lost = other if ours is entry else entry
        click.echo(f"salbench: {entry.name!r} of {lost.value} is hidden by {ours.value}", err=True)
        found[entry.name] = ours
    return found


def _command(found: object) -> click.Command:
    if not isinstance(found, click.Command):
        raise TypeError(f"expected a click command, found {type(found).__name__}")
    return found


class EntryPointGroup(click.Group):
    """A group whose commands are entry points.

    Args:
        entries: name of the entry-point group.
    """

    def __init__(self, *args: object, entries: str, **kwargs: object):
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, sorted."""
        return sorted({*super().list_commands(ctx), *found_entries(self.entries)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command; a broken one is named once and left out."""
        built_in = super().get_command(ctx, cmd_name)
        entry = found_entries(self.entries).get(cmd_name)
        if built_in is not None or entry is None:
            return built_in
        return use_plugin(entry, "salbench: command", _command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command where one is unknown."""
        from difflib import get_close_matches
        from pathlib import Path

        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            known = [other for other in self.list_commands(ctx) if other != name]  # a broken one
            near = get_close_matches(name, known, n=1)
            if Path(name).exists() and "evaluate" in known:
                hint = f"did you mean `salbench evaluate {name} --dataset NAME --root DIR`?"
            else:
                hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}."
            ctx.fail(f"no such command {name!r}: {hint}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=EntryPointGroup,
    entries="benchmark_kit.commands",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="keras-saliency", prog_name="salbench")
def cli() -> None:
    """Score saliency maps against eye tracking, exactly as a named benchmark does.

    \b
    salbench demo                                        try it, no data needed
    salbench evaluate MAPS --dataset osie --root DIR     score a folder of maps
    salbench list datasets                               what can be scored on
    """  # noqa: D301 (click reads the backspace)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    open_streams()
    quiet_tensorflow()
    with stopped_by_signals():
        status = _status(arguments)
    sys.exit(status)


def _status(arguments: list[str] | None) -> int:
    """Run the command line; every error becomes one message and a status here."""
    try:
        status = cli.main(
            args=arguments,
            prog_name="salbench",
            standalone_mode=False,
            default_map=load_defaults(cli),
        )
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return 2
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt) as error:
        # click turns Ctrl-C into its Abort
        stop = error.__cause__ or error.__context__ if isinstance(error, click.Abort) else error
        return _stopped(stop)
    except (ImportError, RuntimeError) as error:
        # of what interrupts the making of a class (Python 3.11) or of a compiled module
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        return _stopped(error.__cause__)
    except KitError as error:
        click.echo(f"salbench: {error}", err=True)
        return error.exit_status
    except OSError as error:
        return _refused(error)
    return status if isinstance(status, int) else 0


def _stopped(stop: BaseException | None) -> int:
    """Tell what ended the command, with what it noted of what is kept."""
    how = f"stopped by {stop}" if isinstance(stop, Stopped) else "interrupted"
    click.echo("; ".join([f"salbench: {how}", *getattr(stop, "__notes__", [])]), err=True)
    return 128 + stop.number if isinstance(stop, Stopped) else 130


def _refused(error: OSError) -> int:
    """Tell what the system refused."""
    if isinstance(sys.stdout, PrintedText) and sys.stdout.failed:
        let_go_of_stdout()
        # a reader that went away (head, less) has seen what it wanted
        if not is_closed_pipe(error):
            click.echo(f"salbench: cannot write to standard output: {error.strerror}", err=True)
    else:
        where = "" if error.filename is None else f"{error.filename}: "
        fix = ""
        if error.errno == errno.EMFILE:
            fix = ". Fix: a higher limit (ulimit -n)"
        elif error.errno in NO_SUCH_PATH:
            fix = ". Fix: check the path"
        click.echo(f"salbench: {where}{error.strerror or error}{fix}", err=True)
        if error.errno in NO_SUCH_PATH:
            return 2
    return 1
