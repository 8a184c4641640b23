"""The house: imports, lazy imports, privacy, and that nothing stands in one place only.

No file is listed by hand here: order is what the imports say, and it has to have no circle, between
rooms (files and folders at the top of a package) and between the files of a room.
"""

import ast
import functools
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
KIT = ROOT / "benchmark_kit"
MODELS = ROOT / "keras_saliency"
PACKAGES = (KIT, MODELS)

# A saved network is built again from its entry's name, which only the registry can do. The import
# happens when a file is loaded; nothing else may point up.
UPWARDS = {("keras_saliency.base.saliency_model", "keras_saliency.registry.build")}
# What the models' package may use of the kit: all but what scores, packages and reports, which go
# through the kit's own calls.
CLOSED = {"scoring", "packaging", "reporting", "leaderboards", "cli", "maps"}
# Calls that open a file from outside, and the only files that may make them: there, whatever a
# library raises is turned into an error that names the file, and what it may unpack to is limited.
CONTAINERS = "benchmark_kit/containers/"
DOORS = {
    "h5py.File": (f"{CONTAINERS}hdf5.py", f"{CONTAINERS}_walker.py"),
    "scipy.io.loadmat": (f"{CONTAINERS}mat5.py",),
    "zipfile.ZipFile": (f"{CONTAINERS}zipped.py",),
    "zipfile.is_zipfile": (f"{CONTAINERS}zipped.py",),
    "tarfile.open": (f"{CONTAINERS}tarred.py",),
    "gzip.open": (f"{CONTAINERS}tarred.py", f"{CONTAINERS}gzipped.py"),
    "numpy.load": (),
    "numpy.memmap": (),
    "numpy.lib.format.open_memmap": (),
    "PIL.Image.open": ("benchmark_kit/imaging/decoder.py",),
    "pickle.load": (),
    "pickle.loads": (),
    "tomllib.load": (),
}
# what the same program has just written, or one of its own processes sent
OWN_AFFAIR = {
    "h5py.File": {"keras_saliency/base/weights_entry.py"},
    "pickle.loads": {"benchmark_kit/_worker_process.py", "benchmark_kit/parallel.py"},
}
# Where libraries that take long to import may be imported at all; what each public call costs is
# tested below.
HEAVY = {
    "tensorflow": {
        *("benchmark_kit.xp", "benchmark_kit.strategy", "benchmark_kit.scoring"),
        *("keras_saliency.convert", "keras_saliency.data", "keras_saliency.training"),
        *("keras_saliency.ops", "keras_saliency.base", "keras_saliency.export"),
        "keras_saliency.onnx_passes",
    },
    "keras": {
        *("benchmark_kit.xp", "keras_saliency.saved_names", "keras_saliency.export"),
        *(f"keras_saliency.{name}" for name in ("addons", "base", "ops", "layers", "losses")),
        *(f"keras_saliency.{name}" for name in ("metrics", "backbones", "models", "data")),
        *(f"keras_saliency.{name}" for name in ("training", "inpainting")),
        "keras_saliency.onnx_passes",
    },
    "jax": set(),
    "ot": {"benchmark_kit.metrics"},
    "click": {"benchmark_kit.cli", "benchmark_kit.console", "keras_saliency.commands"},
    "rich": {"benchmark_kit.console", "benchmark_kit.cli"},
    "matplotlib": {"benchmark_kit.reporting", "benchmark_kit.results"},
    "jinja2": {"benchmark_kit.reporting"},
    "pymovements": {"benchmark_kit.trackers"},
}


def modules(package):
    return sorted(p for p in package.rglob("*.py") if "__pycache__" not in p.parts)


FILES = [path for package in PACKAGES for path in modules(package)]


def dotted(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {dotted(path): path for path in FILES}


def folder_of(module):
    """The folder that a module lies in: of a package the package itself."""
    return module if NAMES[module].name == "__init__.py" else module.rpartition(".")[0]


@functools.cache
def homes_of(module):
    """Public name -> module of a package whose names load lazily (`HOMES`)."""
    path = NAMES[module]
    if path.name != "__init__.py" or "face(__name__" not in path.read_text(encoding="utf-8"):
        return {}
    found = __import__(module, fromlist=["HOMES"]).HOMES
    return {name: f"{module}.{home}" for name, home in found.items()}


def at_type_checking(tree):
    blocks = (
        n
        for n in ast.walk(tree)
        if isinstance(n, ast.If) and "TYPE_CHECKING" in ast.unparse(n.test)
    )
    return {id(node) for block in blocks for node in ast.walk(block)}


@functools.cache
def imports(path):
    """(module, name or "") of every import of a file, those inside functions among them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = at_type_checking(tree)
    found = []
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found += [(alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [(node.module, alias.name) for alias in node.names]
    return tuple(found)


def targets(path):
    """Modules of ours that a file imports: a lazy name as the module that it comes from."""
    for module, name in imports(path):
        whole = f"{module}.{name}"
        home = homes_of(module).get(name) if module in NAMES else None
        target = next((m for m in (home, whole, module) if m in NAMES), None)
        if target is not None:
            yield target, name


def room(module):
    return ".".join(module.split(".")[:2])


def graph(key):
    edges = {}
    for module, path in NAMES.items():
        for target, _ in targets(path):
            # a package's own face is no step: whoever imports it gets the module behind a name
            inside = "." in module and "." in target and (module, target) not in UPWARDS
            if inside and key(module) != key(target):
                edges.setdefault(key(module), set()).add(key(target))
    return edges


def circle(edges):
    """Some circle of a graph, or []."""
    done, path = set(), []

    def visit(node):
        if node in path:
            return path[path.index(node) :]
        if node in done:
            return []
        path.append(node)
        for other in sorted(edges.get(node, ())):
            if found := visit(other):
                return found
        path.pop()
        done.add(node)
        return []

    for node in sorted(edges):
        if found := visit(node):
            return found
    return []


def test_rooms_and_files_import_in_one_direction():
    assert not circle(graph(room)), "rooms in a circle"
    assert not circle(graph(lambda module: module)), "files in a circle"


def test_a_circle_would_be_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == ["a", "b", "c"]
    assert not circle({"a": {"b", "c"}, "b": {"c"}})
    assert ("keras_saliency.training.run", "train") in set(
        targets(MODELS / "commands" / "train.py")
    ), "a lazy name is followed to its module"


def test_what_points_up_still_does():
    """An exception that is no longer needed goes."""
    for module, target in UPWARDS:
        assert target in {found for found, _ in targets(NAMES[module])}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_underscore_means_only_inside_this_folder(path):
    own = folder_of(dotted(path))
    for target, name in targets(path):
        steps = target.split(".")
        for depth, step in enumerate(steps):
            if step.startswith("_"):
                owner = ".".join(steps[:depth])
                assert f"{own}.".startswith(f"{owner}."), f"{path}: {target} is {owner}'s own"
        if (
            name.startswith("_")
            and not name.startswith("__")
            and f"{target.rpartition('.')[0]}.{name}" != target
        ):
            assert own == folder_of(target), f"{path}: {name} is private to {folder_of(target)}"


@pytest.mark.parametrize("path", modules(KIT), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_kit_knows_nothing_of_models(path):
    assert not any(module.split(".")[0] == "keras_saliency" for module, _ in imports(path))


@pytest.mark.parametrize("path", modules(MODELS), ids=lambda p: str(p.relative_to(ROOT)))
def test_models_import_only_what_the_kit_offers_them(path):
    for target, _ in targets(path):
        parts = target.split(".")
        assert parts[0] != "benchmark_kit" or not {*parts[1:2]} & CLOSED, f"{path}: {target}"


def test_rooms_stand_in_the_order_of_the_page():
    """The tables of docs/architecture.md name every room, each above those that import it."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for package in PACKAGES:
        table = text.partition(f"<!-- rooms of {package.name} -->")[2].partition("\n\n")[0]
        rows = [
            re.findall(r"`(\w+)/?`", line.split("|")[1])
            for line in table.splitlines()
            if "|" in line
        ]
        place = {f"{package.name}.{name}": k for k, row in enumerate(rows) for name in row}
        rooms = {
            room(dotted(path))
            for path in modules(package)
            if "." in dotted(path) and not path.stem.startswith("_")
        }
        assert rooms == set(place), f"rooms of {package.name} and the page's differ"
        for one, others in graph(room).items():
            for other in others & set(place):
                if one in place:
                    assert place[other] <= place[one], f"{one} imports {other}, which stands below"


def test_heavy_libraries_stay_where_they_belong():
    for path in FILES:
        for module, _ in imports(path):
            rooms = HEAVY.get(module.split(".")[0])
            assert rooms is None or room(dotted(path)) in rooms, f"{path}: {module}"


def full_names(path):
    """Dotted names of everything that a file calls, imports resolved."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                known[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called, parts = node.func, []
            while isinstance(called, ast.Attribute):
                parts.append(called.attr)
                called = called.value
            if isinstance(called, ast.Name) and called.id in known:
                yield ".".join([known[called.id], *reversed(parts)])


def test_files_from_outside_are_opened_at_their_doors_only():
    for path in FILES:
        where = path.relative_to(ROOT).as_posix()
        for name in set(full_names(path)) & set(DOORS):
            assert where in DOORS[name] or where in OWN_AFFAIR.get(name, ()), f"{where}: {name}"
    for name, doors in DOORS.items():
        for door in doors:  # a door that has moved is found out
            assert name in set(full_names(ROOT / door)), f"{door} no longer calls {name}"


def loaded_after(statement):
    code = f"import sys\n{statement}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.split()}


def test_importing_costs_nothing():
    assert not loaded_after("import benchmark_kit") & {"numpy", "scipy", "click", "PIL"}
    assert not loaded_after("import keras_saliency") & {"numpy", "keras", "tensorflow", "jax"}
    light = loaded_after("import benchmark_kit; benchmark_kit.metrics.nss")
    assert not light & {"scipy", "keras", "tensorflow", "jax", "ot", "click", "PIL"}
    assert not loaded_after("import benchmark_kit.calls.evaluate") & {
        "keras",
        "tensorflow",
        "jax",
        "ot",
    }


def test_public_names_resolve_and_only_metrics_is_a_module():
    import types

    import benchmark_kit

    for name in benchmark_kit.__all__:
        value = getattr(benchmark_kit, name)
        assert isinstance(value, types.ModuleType) == (name == "metrics"), name
    assert set(benchmark_kit.__all__) <= set(dir(benchmark_kit))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = benchmark_kit.nothing


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.name)
def test_public_calls_say_what_they_take(package):
    """No argument is `Any` but those that go on to a reader or a model."""
    import inspect

    if package is MODELS:
        pytest.importorskip("keras")
    face = __import__(package.name)
    calls = {name: getattr(face, name) for name in face.__all__}
    for name, call in calls.items():
        if callable(call):
            for parameter in inspect.signature(call).parameters.values():
                if parameter.kind is not inspect.Parameter.VAR_KEYWORD:
                    assert parameter.annotation is not parameter.empty, f"{name}({parameter})"
                    assert not re.search(r"\bAny\b", str(parameter.annotation)), name


def test_metric_functions_stand_over_their_modules():
    import pickle

    from benchmark_kit import metrics

    for name, function in metrics.METRICS.items():
        assert getattr(metrics, name) is function
        assert callable(function)
        assert pickle.loads(pickle.dumps(function)) is function


def rows_of(page):
    """First cells in backticks of a page's tables."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return set(re.findall(r"^\| `([\w@]+)`", text, flags=re.M))


def test_metric_file_and_table_and_page():
    from benchmark_kit.metrics import METRICS

    files = {p.stem for p in (KIT / "metrics").glob("*.py") if not p.stem.startswith("_")}
    assert files == set(METRICS)
    assert set(METRICS) <= rows_of("metrics.md")
    for name, function in METRICS.items():
        assert function.facts.name == name
        assert function.facts.label != "AUC"


def test_data_set_file_and_list_and_page():
    from benchmark_kit.datasets import dataset_facts, list_datasets

    files = {p.stem for p in (KIT / "datasets").glob("*.py") if not p.stem.startswith("_")}
    assert files == set(list_datasets())
    assert set(list_datasets()) <= rows_of("datasets.md")
    assert all(dataset_facts(name).name == name for name in list_datasets())


def test_dialects_and_page():
    from benchmark_kit.dialects import DIALECTS

    text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in DIALECTS)


def test_command_file_and_entry_point():
    from importlib.metadata import entry_points

    found = {entry.value.split(":")[0] for entry in entry_points(group="benchmark_kit.commands")}
    ours = {
        ".".join(p.relative_to(ROOT).with_suffix("").parts)
        for folder in (KIT / "cli", MODELS / "commands")
        for p in folder.glob("*.py")
        if not p.stem.startswith("_")
    }
    lists = {entry.value.split(":")[0] for entry in entry_points(group="benchmark_kit.lists")}
    assert ours == (found | lists)


def test_every_option_means_one_thing_everywhere():
    import click

    from benchmark_kit.cli import cli

    with click.Context(cli) as context:
        kinds = {}
        for name in cli.list_commands(context):
            for parameter in cli.get_command(context, name).params:
                if isinstance(parameter, click.Option):
                    kind = parameter.type.name.split()[0]  # "integer range" is an integer
                    kinds.setdefault(parameter.opts[0], set()).add(kind)
    assert all(len(kind) == 1 for kind in kinds.values()), kinds
    assert {"--dataset", "--root", "--dialect", "--metrics", "--out", "--workers", "--seed"} <= set(
        kinds
    )


def test_documents_and_code_speak_of_the_project_alone():
    files = [*modules(KIT), *modules(MODELS), *(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"/work/|/tmp/|\bwork order\b", text), path
