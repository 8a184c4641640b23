"""A plug-in that fails in any way is named in one line and left out; the rest works."""

import sys
from importlib.metadata import EntryPoint

import pytest
from click.testing import CliRunner

from benchmark_kit import cli
from benchmark_kit.errors import ConfigError
from benchmark_kit.plugins import use_plugin
from benchmark_kit.scoring import predictions

BROKEN = {
    "missing": "import no_such_module_at_all\n",
    "syntax": "def (:\n",
    "exits": "raise SystemExit(7)\n",
    "exits_quietly": "import sys; sys.exit()\n",
    "base": "class Odd(BaseException): pass\nraise Odd('odd')\n",
    "speechless": ("class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd\n"),
    "silent": "raise RuntimeError\n",
    "long": "raise ValueError('x\\n' * 10_000)\n",
    "steers": "raise ValueError('\\x1b[2J')\n",
    "without": "other = 1\n",
    "wrong": "command = 5\n",
    "recursive": "def f(): f()\nf()\n",
    "bytes": "\udcff",
}


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """Entry points whose modules fail."""
    for name, text in BROKEN.items():
        (tmp_path / f"plugin_{name}.py").write_bytes(text.encode("utf-8", "surrogateescape"))
    monkeypatch.syspath_prepend(tmp_path)
    entries = [EntryPoint(name, f"plugin_{name}:command", "group") for name in BROKEN]
    yield [*entries, EntryPoint("value", "not an entry point", "group")]
    for name in BROKEN:
        sys.modules.pop(f"plugin_{name}", None)


def test_help_and_the_other_commands_work(broken, monkeypatch):
    known = cli.found_entries("benchmark_kit.commands")
    offered = {**known, **{entry.name: entry for entry in broken}}
    monkeypatch.setattr(cli, "found_entries", lambda group: offered)
    runner = CliRunner()
    for arguments in (["--help"], ["list", "--help"]):
        done = runner.invoke(cli.cli, arguments)
        assert done.exit_code == 0, done.output
    monkeypatch.setattr("benchmark_kit.plugins._said", set())
    done = runner.invoke(cli.cli, ["--help"])
    lines = done.stderr.splitlines()
    assert len(lines) == len(broken)
    for entry in broken:
        (line,) = (line for line in lines if f"command {entry.name!r} of" in line)
        assert "is left out: " in line
        assert len(line) < 500
    assert not any("\x1b" in line for line in lines)
    assert all(f"  {name} " in done.stdout for name in known)
    assert not any(f"  {entry.name} " in done.stdout for entry in broken)
    again = runner.invoke(cli.cli, ["missing"])
    assert again.exit_code == 2
    assert again.stderr.count("is left out") == 0  # told already
    assert "did you mean 'missing'" not in again.stderr


def test_models_of_a_sound_package_are_found_beside_broken_ones(broken, monkeypatch, capsys):
    sound = EntryPoint("sound", "builtins:len", "group")
    fails = EntryPoint("fails", "builtins:int", "group")  # once it is asked
    monkeypatch.setattr(predictions, "entry_points", lambda group: [*broken, fails, sound])
    monkeypatch.setattr("benchmark_kit.plugins._said", set())
    predictions._opened.cache_clear()
    assert predictions.open_model("four") == 4
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == len(broken) + 1
    assert "'fails' of builtins:int is left out: invalid literal" in lines[-1]
    monkeypatch.setattr(predictions, "entry_points", lambda group: [fails])
    predictions._opened.cache_clear()
    with pytest.raises(ConfigError, match="builtins:int failed: ValueError"):
        predictions.open_model("four")
    monkeypatch.setattr(predictions, "entry_points", lambda group: broken)
    predictions._opened.cache_clear()
    with pytest.raises(ConfigError, match="nothing that predicts"):
        predictions.open_model("four")
    predictions._opened.cache_clear()


def test_ctrl_c_passes():
    def interrupted(found):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        use_plugin(EntryPoint("a", "builtins:len", "group"), "command", interrupted)
