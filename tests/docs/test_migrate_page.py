"""Every name that docs/migrate.md sends its readers to exists, and takes the arguments shown."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

pytest.importorskip("keras")

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "migrate.md").read_text(encoding="utf-8")
CODE = re.findall(r"`((?:keras_saliency|benchmark_kit|keras)\.[^`…]+)`", PAGE)


def resolved(path):
    """The object of a dotted name, importing as many modules as it takes."""
    first, *rest = path.split(".")
    found = importlib.import_module(first)
    for depth, name in enumerate(rest, start=2):
        if not hasattr(found, name):
            importlib.import_module(".".join(path.split(".")[:depth]))
        found = getattr(found, name)
    return found


def test_the_page_names_much():
    assert len(CODE) > 60


@pytest.mark.parametrize("code", sorted(set(CODE)))
def test_the_name_exists_and_takes_these_arguments(code):
    tree = ast.parse(code, mode="eval").body
    if not isinstance(tree, ast.Call):
        resolved(ast.unparse(tree))
        return
    target = resolved(ast.unparse(tree.func))
    arguments = {k.arg: None for k in tree.keywords}
    if isinstance(target, type) or target.__name__ == "gelu":  # gelu's x comes later
        inspect.signature(target).bind_partial(*tree.args, **arguments)
    else:
        inspect.signature(target).bind(*tree.args, **arguments)


@pytest.mark.parametrize("code", sorted(code for code in CODE if "build_model(" in code))
def test_the_model_exists_and_has_the_options(code):
    from keras_saliency import list_models, model_card

    call = ast.parse(code, mode="eval").body
    name = call.args[0].value
    assert name in list_models()
    assert {k.arg for k in call.keywords} <= set(model_card(name).options)


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r'(?:dataset|evaluate)\([^`]*"(\w+)"', PAGE)))
)
def test_the_data_set_exists(name):
    from benchmark_kit import list_datasets

    assert name in list_datasets()


def test_every_function_with_recorded_numbers_has_its_row():
    golden = Path(__file__).resolve().parents[1] / "golden" / "tensorflow_addons" / "index.csv"
    functions = {row.split(",")[2] for row in golden.read_text().splitlines()[1:]}
    left = "".join(re.findall(r"^\| (.*?) \|", PAGE, flags=re.M)).lower().replace("_", "")
    for function in functions - {"activation", "optimizer"}:
        assert function.replace("_", "") in left, function
