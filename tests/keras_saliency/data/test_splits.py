"""Splits are rules: the same for everyone, printed, stored, near-duplicates on one side."""

import hashlib
import json

import numpy as np
import pytest

from benchmark_kit.datasets import get_dataset
from benchmark_kit.errors import ConfigError, InputError, RunFailed
from benchmark_kit.imaging.images import write_png
from benchmark_kit.types import GroundTruth, Truths
from keras_saliency.data import Split, split
from keras_saliency.data.rules import ICCV

SIZE = (30, 40)


@pytest.fixture(scope="module")
def many():
    """Pictures whose files are not there: names and categories are all that a rule needs."""
    return Truths(
        "many",
        tuple(GroundTruth(f"{'ab'[k % 2]}/{k:03d}", SIZE, category="ab"[k % 2]) for k in range(40)),
    )


@pytest.fixture(scope="module")
def with_twins(tmp_path_factory):
    """Twelve pictures of which three are one, once mirrored, and two are nearly one."""
    folder = tmp_path_factory.mktemp("twins")
    images = []
    for k in range(12):
        source = {3: 1, 7: 1, 9: 8}.get(k, k)
        picture = np.random.default_rng(source).integers(0, 256, (6, 8, 3)).astype(np.uint8)
        picture = picture.repeat(5, axis=0).repeat(5, axis=1)
        if k == 7:
            picture = picture[:, ::-1]
        if k == 9:
            picture = np.clip(picture.astype(int) + 4, 0, 255).astype(np.uint8)
        path = folder / f"{k:02d}.png"
        write_png(path, picture)
        images.append(GroundTruth(path.stem, SIZE, stimulus=path))
    return Truths("twins", tuple(images))


def sizes(found):
    return {part: len(found[part]) for part in found}


def test_the_hash_rule_is_what_it_says(many):
    found = split(many, "hash:25/5/10")
    keys = sorted((hashlib.sha256(name.encode()).hexdigest(), name) for name in many.names)
    names = [name for _, name in keys]
    assert set(found["train"].names) == set(names[:25])
    assert set(found["validate"].names) == set(names[25:30])
    assert set(found["test"].names) == set(names[30:])


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        ("hash:30/10", {"train": 30, "validate": 10}),
        ("hash:30/4", {"train": 30, "validate": 4, "test": 6}),
        ("80/20", {"train": 32, "validate": 8}),
        ("70/15/15", {"train": 28, "validate": 6, "test": 6}),
        ("kfold:7/6", {"train": 35, "validate": 5}),
        ("category:0.9", {"train": 36, "validate": 4}),
    ],
)
def test_parts_have_the_sizes_of_the_rule_and_share_nothing(many, rule, wanted):
    found = split(many, rule)
    assert sizes(found) == wanted
    names = [name for part in found for name in found[part].names]
    assert sorted(names) == sorted(many.names)


def test_folds_validate_every_picture_once(many):
    folds = [split(many, f"kfold:6/{k}")["validate"].names for k in range(6)]
    assert sorted(name for names in folds for name in names) == sorted(many.names)
    assert {len(names) for names in folds} == {6, 7}


def test_every_category_gives_its_share(many):
    found = split(many, "category:0.8")["validate"]
    assert [truth.category for truth in found].count("a") == 4
    assert len(found) == 8


def test_another_seed_splits_otherwise_and_the_same_one_alike(many):
    plain, other, again = (split(many, "80/20", seed=seed).names for seed in (0, 1, 1))
    assert plain != other
    assert other == again


def test_near_duplicates_are_on_one_side_by_every_rule(with_twins):
    for rule in ("hash:5/3/4", "50/50", "kfold:4/1", "hash:2/1/9"):
        for seed in range(6):
            found = split(with_twins, rule, seed=seed)
            assert found.together == (("01", "03", "07"), ("08", "09"))
            assert found.parted == ()
            for group in found.together:
                assert sum(bool(set(group) & set(found[part].names)) for part in found) == 1


def test_near_duplicates_share_the_key_of_the_last(with_twins):
    found = split(with_twins, "hash:6/6")
    key = {name: name for name in with_twins.names} | {"01": "07", "03": "07", "08": "09"}
    order = sorted(with_twins.names, key=lambda n: (hashlib.sha256(key[n].encode()).hexdigest(), n))
    first = set(found["train"].names)
    whole_groups = {name for name in order[:6] if name not in ("01", "03", "07", "08", "09")}
    assert whole_groups <= first


def test_it_is_printed_with_its_digests(with_twins):
    text = split(with_twins, "hash:8/4").describe()
    train = split(with_twins, "hash:8/4")["train"].names
    digest = hashlib.sha256("\n".join(sorted(train)).encode()).hexdigest()
    assert text.splitlines()[0] == "twins: 12 pictures, hash:8/4, seed 0"
    assert f"  train          8  {digest[:16]}" in text.splitlines()
    assert "  near-duplicates kept together: 01, 03, 07" in text.splitlines()


def test_what_is_stored_is_read_again(many, tmp_path):
    found = split(many, "hash:25/5/10", seed=3)
    found.save(tmp_path / "split.json")
    again = Split.read(tmp_path / "split.json", many)
    assert again.record() == found.record()
    assert again["test"].names == found["test"].names
    listed = split(many, f"file:{tmp_path / 'split.json'}")
    assert listed.names == found.names


def test_a_list_says_who_is_where(with_twins, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("name,part\n01,train\n02,train\n03,test\n05,validate\n")
    found = split(with_twins, f"file:{path}")
    assert sizes(found) == {"train": 2, "test": 1, "validate": 1}
    assert "  in no part: 8" in found.describe().splitlines()
    # a list may part near-duplicates, and then it is said
    assert found.parted == (("01", "03", "07"),)
    assert "near-duplicates in several parts: 01, 03, 07" in found.describe()


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("random", "unknown rule 'random'"),
        ("hashes:3/4", "unknown rule"),
        ("hash:30/5/10", "is for 45 pictures, the data set has 40"),
        ("hash:a/b", "expected whole numbers"),
        ("hash:1/2/3/34", "up to three numbers"),
        ("80/30", "add up to 110"),
        ("kfold:5/5", "K from 0 to N - 1"),
        ("kfold:1/0", "2 to 40 folds"),
        ("category:9", "a share between 0 and 1"),
        ("mit1003:903/100", "lacks 100 of the 100 test pictures"),
        ("file:nothing.csv", "there is no list"),
    ],
)
def test_rules_that_do_not_fit_are_refused(many, rule, message):
    with pytest.raises(ConfigError, match=message):
        split(many, rule)


def test_a_set_without_categories_cannot_be_split_by_them(with_twins):
    with pytest.raises(ConfigError, match="has no categories"):
        split(with_twins, "category:0.9")


def test_broken_lists_are_refused(many, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("name,part\na/000,train\nnobody,train\na/000,test\n")
    with pytest.raises(InputError, match=r"(?s)nobody.*a/000"):
        split(many, f"file:{path}")
    path.write_text("a/000\n")
    with pytest.raises(InputError, match="line 1: expected `name,part`"):
        split(many, f"file:{path}")
    path.write_bytes(b"\xff\xfe\x00a")
    with pytest.raises(InputError, match="is no table"):
        split(many, f"file:{path}")
    path.write_text("")
    with pytest.raises(InputError, match="is no split of many"):
        split(many, f"file:{path}")


def test_broken_records_are_refused(many, tmp_path):
    path = tmp_path / "split.json"
    split(many, "80/20").save(path)
    record = json.loads(path.read_text())
    record["parts"]["train"].append(record["parts"]["validate"].pop())
    path.write_text(json.dumps(record))
    with pytest.raises(InputError, match="not those that were saved"):
        Split.read(path, many)
    path.write_text("[1]")
    with pytest.raises(InputError, match="is no split that was saved"):
        Split.read(path, many)
    with pytest.raises(ConfigError, match="there is no split"):
        Split.read(tmp_path / "none.json", many)
    split(many, "80/20").save(path)
    with pytest.raises(ConfigError, match="has no image"):
        Split.read(path, many.subset(many.names[:5]))
    with pytest.raises(RunFailed):
        split(many, "80/20").save(tmp_path / "missing" / "split.json")
    with pytest.raises(ConfigError, match="has the parts train, validate, not 'test'"):
        split(many, "80/20")["test"]


def test_mit1003_keeps_its_100_test_pictures():
    from benchmark_kit.containers.text import read_toml

    tested = read_toml(ICCV)["names"]
    others = [f"i{k}" for k in range(903)]
    truths = Truths("mit1003", tuple(GroundTruth(name, SIZE) for name in (*others, *tested)))
    found = split(truths, "mit1003:903/100")
    assert sizes(found) == {"train": 903, "test": 100}
    assert set(found["test"].names) == set(tested)
    validating = split(truths, "mit1003:853/50/100")
    assert sizes(validating) == {"train": 853, "validate": 50, "test": 100}
    assert validating["test"].names == found["test"].names
    with pytest.raises(ConfigError, match="mit1003:903/100"):
        split(truths, "mit1003:900/103")


@pytest.mark.shared
@pytest.mark.slow
def test_the_projects_split_of_osie(shared):
    osie = get_dataset("osie", shared / "data" / "osie")
    found = split(osie, "hash:500/50/150")
    assert sizes(found) == {"train": 500, "validate": 50, "test": 150}
    assert found.together == (("1279", "1374"),)
    assert {"1279", "1374"} <= set(found["train"].names)
    digests = found.record()["digests"]
    assert digests["test"].startswith("adf1241112535f4d")
    assert digests["validate"].startswith("d37473a6c3a18519")


@pytest.mark.shared
def test_the_test_pictures_are_those_of_the_shared_data(shared):
    from benchmark_kit.containers.text import read_toml

    there = {path.stem for path in (shared / "data" / "mit1003_test" / "stimuli").iterdir()}
    assert there == set(read_toml(ICCV)["names"])
