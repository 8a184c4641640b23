"""What goes to a package index: links that lead somewhere, addresses, one version."""

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ADDRESS = "https://example.org/them/keras-saliency"


@pytest.fixture(scope="module")
def prepare():
    spec = importlib.util.spec_from_file_location("prepare", ROOT / "release" / "prepare.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_links_are_absolute_and_lead_to_files(prepare):
    for place in prepare.DISTRIBUTIONS:
        text = (ROOT / place / "README.md").read_text(encoding="utf-8")
        found = prepare.LINK.findall(prepare.absolute(text, place, ADDRESS, "v1"))
        assert found or "](" not in text
        for shown, _, to in found:
            assert to.startswith(("https://", "#")), to
            if to.startswith(ADDRESS):
                kind = "raw" if shown else "blob"
                path = to.removeprefix(f"{ADDRESS}/{kind}/v1/").partition("#")[0]
                assert (ROOT / path).is_file(), to


def test_a_link_that_leads_nowhere_stops_the_release(prepare):
    with pytest.raises(ValueError, match=r"docs/gone\.md, which is not there"):
        prepare.absolute("see [this](docs/gone.md)", ".", ADDRESS, "v1")


def test_pictures_anchors_and_other_hosts(prepare):
    text = "![a](docs/demo.png) [b](docs/index.md#c) [d](#e) [f](https://g.org/h)"
    assert prepare.absolute(text, ".", ADDRESS, "v1") == (
        f"![a]({ADDRESS}/raw/v1/docs/demo.png) [b]({ADDRESS}/blob/v1/docs/index.md#c) "
        "[d](#e) [f](https://g.org/h)"
    )


@pytest.mark.parametrize("address", ["", "example.org/a/b", "https://example.org", "file:///a/b"])
def test_what_is_no_address(prepare, tmp_path, address):
    with pytest.raises(ValueError, match="no address of a repository"):
        prepare.prepare(address, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_one_version(prepare):
    from benchmark_kit import __version__

    assert prepare.agreed_version() == __version__


@pytest.mark.slow
def test_both_distributions_pass_the_index_s_own_check(prepare, tmp_path):
    if subprocess.run(["git", "rev-parse"], cwd=ROOT, capture_output=True).returncode:
        pytest.skip("no checkout")
    tree, out = tmp_path / "tree", tmp_path / "out"
    prepare.prepare(ADDRESS, tree)
    for place in prepare.DISTRIBUTIONS:
        settings = tomllib.loads((tree / place / "pyproject.toml").read_text(encoding="utf-8"))
        assert settings["project"]["urls"]["Issues"] == f"{ADDRESS}/issues"
        command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", out, tree / place]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    files = sorted(out.iterdir())
    assert len(files) == 4
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *files], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(re.findall("PASSED", done.stdout)) == 4
