"""The house: levels and imports, lazy imports, and that nothing stands in one place only."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
KIT = ROOT / "benchmark_kit"
MODELS = ROOT / "keras_saliency"

# Level of every file or folder of the kit: a file may import lower levels, and inside its own
# folder files that begin with an underscore. docs/architecture.md tells what lives where.
LEVELS = {
    "__init__": 9,
    "errors": -1,
    "escaping": -2,
    "plugins": 0,
    "_worker_process": 0,
    "parallel": 0,
    "files": 0,
    "containers": 0,
    "types": 0,
    "xp": 0,
    "imaging": 1,
    "dialects": 1,
    "metrics": 2,
    "datasets": 2,
    "results.statistics": 3,
    "scoring": 3,
    "results": 5,
    "leaderboards": 6,
    "packaging": 6.5,
    "reporting": 6.5,
    "api": 7,
    "cli": 8,
}
# Inside these folders the data flow in this order; a file imports only files before it.
ORDER = {
    "containers": ["damage", "hdf5", "mat5", "zipped", "npy", "tarred", "text", "_rehearsal"],
    "scoring": [
        *("points", "pooled", "plan", "missing", "scorer", "map_sources"),
        *("map_facts", "maps", "yardsticks"),
        "predictions",
        *("worker", "journal", "engine_pool", "_tf_columns", "_tf_feed", "_tf_steps"),
        *("_tf_strategy", "engine_tf"),
    ],
    "results": [
        *(
            "statistics",
            "tables",
            "schema",
            "record",
            "evaluation",
            "comparable",
            "comparison_tables",
        ),
        *("comparison", "paper_table"),
    ],
    "packaging": [
        *("_pool", "_chunks", "fitted_density", "image_list", "json_results"),
        *("manifest", "mat_results", "name_patterns", "picture_form", "stimulus_facts"),
        *("validation_report", "encode", "to_density", "submission", "prediction_facts"),
        *("stimuli", "archive", "hdf5_store", "mat73", "from_density", "recipe", "readback"),
        *("map_checks", "name_checks", "json2015", "output_place", "findings", "members"),
        *("value_findings", "validation", "submit"),
    ],
    "reporting": ["_charts", "overlay", "_gain", "_same_maps", "pictures", "page"],
}
# Calls that open a file from outside, and the only files that may make them: there, whatever a
# library raises is turned into an error that names the file, and what it may unpack to is limited.
CONTAINERS = "benchmark_kit/containers/"
DOORS = {
    "h5py.File": (f"{CONTAINERS}hdf5.py", f"{CONTAINERS}_rehearsal.py"),
    "scipy.io.loadmat": (f"{CONTAINERS}mat5.py",),
    "zipfile.ZipFile": (f"{CONTAINERS}zipped.py",),
    "zipfile.is_zipfile": (f"{CONTAINERS}zipped.py",),
    "tarfile.open": (f"{CONTAINERS}tarred.py",),
    "gzip.open": (f"{CONTAINERS}tarred.py",),
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
    "h5py.File": {"keras_saliency/weights_entry.py"},
    "pickle.loads": {"benchmark_kit/_worker_process.py", "benchmark_kit/parallel.py"},
}
HEAVY = {
    "tensorflow": {
        *("benchmark_kit/xp.py", "benchmark_kit/scoring/", "keras_saliency/convert/tf1.py"),
        *("keras_saliency/data/feeds.py", "keras_saliency/training/distributed.py"),
    },
    "keras": {
        "benchmark_kit/xp.py",
        *(f"keras_saliency/{name}/" for name in ("ops", "layers", "losses", "metrics")),
        *(f"keras_saliency/{name}/" for name in ("backbones", "models", "training", "data")),
        "keras_saliency/saliency_model.py",
        "keras_saliency/probabilistic_model.py",
        "keras_saliency/model_files.py",
        "keras_saliency/saved_names.py",
        "keras_saliency/first_step.py",
        *(f"keras_saliency/{n}.py" for n in ("export", "activations", "optimizers", "schedules")),
        "keras_saliency/coupled_decay.py",
        *(f"keras_saliency/inpainting/{n}.py" for n in ("batches", "features")),
    },
    "jax": set(),
    "ot": {"benchmark_kit/metrics/emd.py"},
    "click": {"benchmark_kit/cli/", "keras_saliency/commands/"},
    "rich": {"benchmark_kit/cli/"},
    "matplotlib": {"benchmark_kit/reporting/"},
    "jinja2": {"benchmark_kit/reporting/"},
}
# Level of every file or folder of the models' package.
MODEL_LEVELS = {
    "recipe_record": -1,
    "card": 0,
    "saved_names": 0,
    "weights_entry": 0,
    "one_map": 4,
    "first_step": 2,
    "registry": 5,
    "aligned_corners": -1,
    "geometry": 0,
    "array_file": 0,
    "array_model": 1,
    "estimator": 2,
    "ops": 1,
    "lite": 1.5,
    "colours": 0,
    "laid_over": 2,
    "log_densities": 2,
    "video": 6,
    "layers": 2,
    "losses": 2,
    "metrics": 2,
    "activations": 2,
    "optimizers": 2,
    "coupled_decay": 2,
    "schedules": 2,
    "backbones": 3,
    "centre_bias": 1,
    "saliency_model": 3,
    "probabilistic_model": 3.5,
    "model_files": 4,
    "shared_weights": 4.5,
    "models": 4,
    "classical": 4,
    "models_page": 6,
    "pictures": 1,
    "prediction": 6,
    "predictor": 6,
    "export": 4,
    "inpainting": 6,
    "convert": 6,
    "data": 4.5,
    "training": 4.7,
    "demo": 6.5,
    "commands": 7,
}
# The one model that takes another's maps as its features.
BUILDS_ON = {"_judd_features": "keras_saliency.classical.itti1998"}
STRATEGIES = ["scoring", "_tf_strategy"]  # those of engine tf serve training, too
FROM_KIT = {
    "types",
    "errors",
    "files",
    "plugins",
    "containers",
    "xp",
    "metrics",
    "dialects",
    "imaging",
    "datasets",
    "api",
    "results",
}


def modules(package):
    return sorted(p for p in package.rglob("*.py") if "__pycache__" not in p.parts)


def imported(path):
    """(module, whether at the top of the file) for every import, `from a import b` as a and a.b."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = set(map(id, tree.body))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in top
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, id(node) in top
            for alias in node.names:
                yield f"{node.module}.{alias.name}", id(node) in top


def kit_parts(module):
    parts = module.split(".")
    return parts[1:] if parts[0] == "benchmark_kit" else None


def level(parts):
    return LEVELS.get(".".join(parts[:2]), LEVELS.get(parts[0] if parts else "__init__"))


def is_module(parts):
    path = KIT.joinpath(*parts)
    return path.is_dir() or path.with_suffix(".py").is_file()


@pytest.mark.parametrize("path", modules(KIT), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_down(path):
    own = list(path.relative_to(KIT).with_suffix("").parts)
    if own == ["__init__"]:
        return
    own_level = level(own)
    assert own_level is not None, f"{path} has no level"
    for module, _ in imported(path):
        parts = kit_parts(module)
        if not parts or not is_module(parts):
            continue
        if parts[0] == own[0] and len(own) > 1:
            inside(path, own, parts)
        else:
            assert level(parts) < own_level, f"{path.name} (level {own_level}) imports {module}"


def inside(path, own, parts):
    """A file of a folder imports its `_files`, or in some folders what comes before it."""
    if len(parts) < 2 or parts[1].startswith("_") or own[-1] == "__init__" or own[0] == "imaging":
        return
    order = ORDER.get(own[0])
    assert order is not None, f"{path} imports its neighbour {'.'.join(parts)}"
    assert order.index(parts[1]) < order.index(own[1]), f"{own[1]} imports {parts[1]}"


@pytest.mark.parametrize("folder", ORDER)
def test_every_file_of_an_ordered_folder_has_its_place(folder):
    found = {p.stem for p in (KIT / folder).glob("*.py")} - {"__init__"}
    assert found == set(ORDER[folder])


@pytest.mark.parametrize("path", modules(MODELS), ids=lambda p: str(p.relative_to(ROOT)))
def test_models_import_only_what_the_kit_offers_them(path):
    for module, _ in imported(path):
        parts = kit_parts(module)
        if not parts or not is_module(parts):
            continue
        shared = parts in (["cli", "_options"], ["cli", "_progress"], ["cli"], STRATEGIES)
        assert parts[0] in FROM_KIT or shared, f"{path} imports {module}"


@pytest.mark.parametrize("path", modules(MODELS), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_of_models_go_down(path):
    own = list(path.relative_to(MODELS).with_suffix("").parts)
    if own == ["__init__"]:
        return
    assert own[0] in MODEL_LEVELS, f"{path} has no level"
    for module, _ in imported(path):
        parts = module.split(".")
        if parts[0] != "keras_saliency" or len(parts) < 2 or parts[1] not in MODEL_LEVELS:
            continue
        if module.startswith(BUILDS_ON.get(own[-1], "-")):
            continue
        if parts[1] == own[0]:
            one_step = ("demo", "ops", "backbones", "inpainting", "data", "training", "lite")
            fine = own[0] in one_step or own[-1] == "__init__"
            assert fine or len(parts) < 3 or parts[2].startswith("_"), f"{path} imports {module}"
        elif own[0] == "saliency_model":
            # a saved model is built again from its entry's name
            assert MODEL_LEVELS[parts[1]] < 3 or parts[1] in ("backbones", "registry"), module
        else:
            assert MODEL_LEVELS[parts[1]] < MODEL_LEVELS[own[0]], f"{path} imports {module}"


@pytest.mark.parametrize("path", modules(KIT), ids=lambda p: str(p.relative_to(ROOT)))
def test_the_kit_knows_nothing_of_models(path):
    assert not any(module.split(".")[0] == "keras_saliency" for module, _ in imported(path))


def test_heavy_libraries_stay_where_they_belong():
    for path in modules(KIT) + modules(MODELS):
        where = path.relative_to(ROOT).as_posix()
        for module, _ in imported(path):
            places = HEAVY.get(module.split(".")[0])
            if places is not None:
                assert any(where.startswith(place) for place in places), f"{where}: {module}"


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
    for path in modules(KIT) + modules(MODELS):
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
    assert not loaded_after("import benchmark_kit.api") & {"keras", "tensorflow", "jax", "ot"}


def test_public_names_resolve_and_only_metrics_is_a_module():
    import types

    import benchmark_kit

    for name in benchmark_kit.__all__:
        value = getattr(benchmark_kit, name)
        assert isinstance(value, types.ModuleType) == (name == "metrics"), name
    assert set(benchmark_kit.__all__) <= set(dir(benchmark_kit))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = benchmark_kit.nothing


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
