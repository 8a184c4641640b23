"""`make docs` builds what is whole, refuses what is not, and imports no Keras for the reference."""

import importlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = (Path(sys.executable), ROOT / ".venv-docs" / "bin" / "python")
FACES = (
    *("benchmark_kit", "benchmark_kit.datasets", "benchmark_kit.metrics"),
    *("keras_saliency", "keras_saliency.addons", "keras_saliency.base", "keras_saliency.data"),
    *("keras_saliency.layers", "keras_saliency.losses", "keras_saliency.metrics"),
    "keras_saliency.training",
)
NEEDED = "import sphinx, myst_parser, furo, griffe, onnx"


@pytest.fixture(scope="module")
def generator():
    """Python with the extra `docs`."""
    for python in INSTALLED:
        if (
            python.is_file()
            and not subprocess.run([python, "-c", NEEDED], capture_output=True).returncode
        ):
            return python
    pytest.skip('needs the generator: pip install -e ".[docs]", or make docs once')


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """What the site is made of, to be changed."""
    folder = tmp_path_factory.mktemp("copy")
    leave = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in ("benchmark_kit", "keras_saliency", "docs", "examples", "weights", "web"):
        shutil.copytree(ROOT / name, folder / name, ignore=leave)
    for name in ("README.md", "CHANGELOG.md", "keras-saliency-weights/README.md"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def built(generator, folder, out):
    command = [generator, folder / "web" / "build.py", "--pages", "--out", out]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=600)


@pytest.mark.slow
def test_the_site_is_built_without_a_warning(generator, copy, tmp_path):
    done = built(generator, copy, tmp_path / "site")
    assert done.returncode == 0, done.stderr
    pages = {
        p.relative_to(tmp_path / "site").as_posix() for p in (tmp_path / "site").rglob("*.html")
    }
    wanted = {
        p.relative_to(ROOT).with_suffix(".html").as_posix() for p in ROOT.glob("docs/**/*.md")
    }
    assert wanted <= pages
    assert {"index.html", "README.html", "api/keras_saliency.layers.html"} <= pages
    layers = (tmp_path / "site" / "api" / "keras_saliency.layers.html").read_text(encoding="utf-8")
    assert 'id="keras_saliency.layers.Maxout"' in layers
    assert "must divide those of the input" in layers  # of its docstring's arguments


@pytest.mark.slow
def test_dead_links_lost_pages_and_lost_pictures_are_refused(generator, copy, tmp_path):
    page = copy / "docs" / "lost.md"
    page.write_text("# Lost\n\n[a](metrics.md#nowhere) [b](nopage.md) ![c](nopicture.png)\n")
    try:
        done = built(generator, copy, tmp_path / "site")
    finally:
        page.unlink()
    assert done.returncode != 0
    complaints = [line for line in done.stderr.splitlines() if "lost.md" in line]
    for found in ("nowhere", "nopage.md", "nopicture.png", "toctree"):
        assert any(found in line for line in complaints), done.stderr


REFERENCE = """
import sys
sys.path[:0] = ["web", "."]
from pathlib import Path
from api import ROOMS, write_pages
write_pages(Path(sys.argv[1]))
print(*ROOMS)
assert not {"keras", "tensorflow", "jax"} & set(sys.modules)
"""


@pytest.mark.slow
def test_the_reference_holds_every_public_name_and_imports_no_keras(generator, tmp_path):
    command = [generator, "-c", REFERENCE, tmp_path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    faces = {room: importlib.import_module(room) for room in FACES}
    assert set(faces) <= set(done.stdout.split())
    for room, face in faces.items():
        text = (tmp_path / f"{room}.md").read_text(encoding="utf-8")
        shown = set(re.findall(r"^:+\{py:\w+\} (\w+)|^- \[?`(?:\w+\.)*(\w+)`", text, flags=re.M))
        named = {name for pair in shown for name in pair if name}
        assert set(face.__all__) <= named, room
