"""Something around the import of a library."""

import importlib
import sys
from contextlib import contextmanager

import pytest

from benchmark_kit.importing import around_import


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A module of a name of its own that can be made to fail; what happens around its import."""
    monkeypatch.syspath_prepend(tmp_path)
    path, seen = tmp_path / "a_library_of_this_test.py", []

    @contextmanager
    def around():
        seen.append("before")
        yield
        seen.append("after")

    path.write_text("value = 1\n")
    finders = list(sys.meta_path)
    around_import(path.stem, around)
    yield path, seen
    sys.meta_path[:] = finders
    sys.modules.pop(path.stem, None)


def test_it_happens_once_and_the_module_is_whole(library):
    path, seen = library
    module = importlib.import_module(path.stem)
    assert module.value == 1
    assert seen == ["before", "after"]
    importlib.reload(module)
    assert seen == ["before", "after"]


def test_an_import_that_failed_may_be_tried_again(library):
    path, seen = library
    path.write_text("raise ValueError\n")
    with pytest.raises(ValueError):  # noqa: PT011
        importlib.import_module(path.stem)
    path.write_text("value = 22\n")
    importlib.invalidate_caches()
    assert importlib.import_module(path.stem).value == 22
    assert seen == ["before", "before", "after"]
