"""Asking for a data set by name: unknown names, options and values, and roots that are wrong."""

import inspect
import subprocess
import sys

import pytest

from benchmark_kit.console.options import READER_OPTIONS
from benchmark_kit.datasets import _module, dataset_facts, get_dataset, list_datasets
from benchmark_kit.dialects import DIALECTS
from benchmark_kit.errors import ConfigError, InputError

pytestmark = pytest.mark.usefixtures("small_recordings")

NAMES = list_datasets()
REQUIRED = {"salicon": {"edition": "2017"}}


def test_names_are_sorted_and_those_of_the_facts():
    assert tuple(sorted(NAMES)) == NAMES
    assert [dataset_facts(name).name for name in NAMES] == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_facts_are_those_of_the_reader(name):
    facts, module = dataset_facts(name), _module(name)
    options = [parameter for parameter in inspect.signature(module.read).parameters][1:]
    assert [option.name for option in facts.options] == options
    for option in facts.options:
        assert option.default is None or option.default in option.choices
    assert facts.dialect in DIALECTS or name in ("salicon", "folder")
    assert all((facts.title, facts.images, facts.tree, facts.terms, facts.source, facts.parts))


def test_the_command_line_has_every_option_of_every_reader():
    needed = {option.name for name in NAMES for option in dataset_facts(name).options}
    assert needed == set(READER_OPTIONS)


def test_facts_come_without_numpy():
    code = (
        "import sys\n"
        "from benchmark_kit.datasets import dataset_facts, list_datasets\n"
        "for name in list_datasets(): dataset_facts(name).lines()\n"
        "print({'numpy', 'scipy', 'h5py', 'PIL'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("OSIE", "osie"),
        ("coco-freeview", "coco_freeview"),
        ("pascal", "pascal_s"),
        ("mit1004", "mit1003"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_and_all(tmp_path, name, nearest):
    with pytest.raises(ConfigError) as caught:
        get_dataset(name, tmp_path)
    message = str(caught.value)
    assert f"unknown data set {name!r}; nearest: {nearest}" in message
    assert ", ".join(NAMES) in message
    assert "salient-object detection" in message


def test_an_unknown_option_is_answered_with_those_there_are(tmp_path):
    with pytest.raises(ConfigError, match=r"has no option 'edition'.*split \(train \| val \| test"):
        get_dataset("isun", tmp_path, edition="2017")
    with pytest.raises(ConfigError, match=r"has no option 'split'; its options: none"):
        get_dataset("folder", tmp_path, split="val")


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("salicon", {"edition": 2016}, r"edition = 2016 is not among 2015, 2017 \("),
        ("salicon", {"edition": 2017, "points": "gaze"}, "points = 'gaze' is not among fixations"),
        ("osie", {"index_base": 2}, "index_base = 2 is not among 0, 1"),
        ("mit1003", {"keep_first": "maybe"}, "keep_first = 'maybe' is not among False, True"),
        ("figrim", {"memory": "rec3"}, "memory = 'rec3' is not among enc, rec, rec2, all"),
    ],
)
def test_a_value_that_is_no_choice_is_answered_with_the_choices(tmp_path, name, options, said):
    with pytest.raises(ConfigError, match=said):
        get_dataset(name, tmp_path, **options)


def test_values_may_be_given_as_text_or_number(tmp_path, write):
    write.osie(tmp_path, {"1001.jpg": [([5.5], [6.5], [1])]})
    for value in (1, "1"):
        truths = get_dataset("osie", tmp_path, index_base=value)
        assert truths["1001"].fixations.x.tolist() == [4.5]


def test_a_root_that_is_no_folder_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"the folder .*/absent does not exist\. Fix: --root"):
        get_dataset("osie", tmp_path / "absent")
    archive = tmp_path / "osie.zip"
    archive.write_bytes(b"PK")
    with pytest.raises(ConfigError, match=r"osie\.zip is a file.*must be unpacked first"):
        get_dataset("osie", archive)


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_root_is_told_what_was_looked_for_what_found_and_the_tree(tmp_path, name):
    root = tmp_path / "root"
    (root / "empty").mkdir(parents=True)
    for number in range(6):
        (root / f"{number}.tar").write_bytes(b"")
    (root / ".DS_Store").write_bytes(b"")
    with pytest.raises(InputError) as caught:
        get_dataset(name, root, cache=False, **REQUIRED.get(name, {}))
    message = str(caught.value)
    (problem,) = caught.value.problems
    assert problem.code == "E701"
    looked_for = problem.found.removeprefix("looked for ").partition("; found in")[0]
    assert any(looked_for.startswith(part.partition("*")[0]) for part in dataset_facts(name).parts)
    listing = "0.tar, 1.tar, 2.tar, 3.tar, 4.tar and 2 more (6 .tar, 1 folders)"
    assert problem.found.endswith(f"found in {root}: {listing}")
    tree = [line.strip() for line in dataset_facts(name).tree.splitlines()]
    shown = [line.strip() for line in message.splitlines()]
    assert shown[1 : 1 + len(tree)] == tree  # above the fix, which refers to it
    assert "the tree above" in problem.fix
    assert message.index(problem.fix) > message.index(tree[-1])


def test_what_was_found_is_listed_where_the_path_ends(tmp_path):
    (tmp_path / "data/eye").mkdir(parents=True)
    (tmp_path / "data/eye/notes.txt").write_text("")
    with pytest.raises(InputError, match=r"found in .*/data/eye: notes\.txt \(1 \.txt\)"):
        get_dataset("osie", tmp_path)


def test_a_root_too_deep_or_too_shallow_is_put_right(tmp_path, write):
    root = tmp_path / "OSIE"
    write.osie(root, {"1001.jpg": [([5.5], [6.5], [1])]})
    with pytest.raises(InputError, match=f"Fix: give {root}/data, of which this folder is a part"):
        get_dataset("osie", root / "data/stimuli")
    with pytest.raises(InputError, match=f"Fix: give {root}, where the data set lies"):
        get_dataset("osie", tmp_path)


def test_a_folder_that_only_lacks_something_is_not_sent_elsewhere(tmp_path, write):
    write.pictures(tmp_path / "images", ["a.jpg"], (3, 4))
    write.pictures(tmp_path / "other/images", ["a.jpg"], (3, 4))
    with pytest.raises(InputError, match="Fix: complete the folder, or give the one that looks"):
        get_dataset("isun", tmp_path / "other")


def test_a_link_that_leads_back_does_not_end_in_a_loop(tmp_path, write):
    write.pictures(tmp_path / "BenchmarkIMAGES", ["i1.jpg"], (3, 4))
    (tmp_path / "BenchmarkIMAGES/again").symlink_to(tmp_path / "BenchmarkIMAGES")
    assert get_dataset("mit300", tmp_path).names == ("i1",)
