"""`salbench list`: what it prints equals what the code knows."""

import re

import pytest

from benchmark_kit.datasets import dataset_facts, list_datasets
from benchmark_kit.dialects import DIALECTS
from benchmark_kit.metrics import METRICS

PLAIN_AUC = re.compile(r"\bAUC\b(?!-Judd|-Borji| \(exact\)| \(sampled\))")


def listed(salbench, *arguments):
    done = salbench("list", *arguments)
    assert done.returncode == 0
    assert done.stderr == ""
    return done.stdout.splitlines()


def heads(lines):
    """Lines that begin an entry, by their first word."""
    return {line.split()[0]: line for line in lines if not line.startswith(" ")}


def test_data_sets_with_dialect_and_title(salbench):
    found = heads(listed(salbench, "datasets"))
    assert tuple(found) == list_datasets()
    for name, line in found.items():
        facts = dataset_facts(name)
        assert line.split(maxsplit=1)[1] == f"{facts.title:22} {facts.dialect}"


def test_verbose_data_sets_show_options_folder_and_terms(salbench):
    lines = listed(salbench, "datasets", "-v")
    assert tuple(heads(lines)) == list_datasets()
    text = "\n".join(line.strip() for line in lines)
    for name in list_datasets():
        facts = dataset_facts(name)
        assert facts.terms in text
        for option in facts.options:
            assert f"--{option.name.replace('_', '-')}: {option.meaning}" in text
        assert "\n".join(line.strip() for line in facts.tree.splitlines()) in text


def test_metrics_with_label_and_direction(salbench):
    lines = listed(salbench, "metrics")
    assert len(lines) == 1 + len(METRICS)
    assert lines[0].split() == ["name", "label", "better", "range", "unit", "needs"]
    starts = {head: lines[0].index(head) for head in lines[0].split()}
    for line in lines[1:]:
        facts = METRICS[line.split()[0]].facts
        assert line[starts["label"] : starts["better"]].strip() == facts.label
        assert line[starts["better"] : starts["range"]].strip() == facts.better
        low, high = line[starts["range"] : starts["unit"]].strip().split("..")
        assert (low and float(low)) == ("" if facts.low is None else facts.low)
        assert (high and float(high)) == ("" if facts.high is None else facts.high)
        assert line[starts["unit"] : starts["needs"]].strip() == facts.unit
        assert line[starts["needs"] :] == facts.needs


def test_verbose_metrics_name_every_dialect_that_has_them(salbench):
    lines = [line.strip() for line in listed(salbench, "metrics", "-v")]
    shown = {line.split(":")[0] for line in lines if "@" in line}
    assert shown == {f"{name}@{d.name}" for d in DIALECTS.values() for name in d.constants}
    assert "nss@mit: ddof=1, constant=nan" in lines
    assert "nss@tuebingen: ddof=0, constant=0.0" in lines


def test_dialects_and_their_default_metrics(salbench):
    lines = listed(salbench, "dialects")
    assert tuple(heads(lines)) == tuple(DIALECTS)
    for head, metrics in zip(lines[0::2], lines[1::2], strict=True):
        dialect = DIALECTS[head.split()[0]]
        assert head.endswith(f"{dialect.title}; by {dialect.reference}")
        assert metrics == " " * 13 + ", ".join(dialect.default_metrics)


def test_verbose_dialects_show_every_constant(salbench):
    name, shown = "", {}
    for line in listed(salbench, "dialects", "-v"):
        if not line.startswith(" "):
            name = line.split()[0]
        elif ": " in line:
            metric, constants = line.strip().split(": ")
            shown[name, metric] = constants.split(", ")
    assert shown == {
        (dialect.name, metric): [f"{key}={value}" for key, value in constants.items()]
        for dialect in DIALECTS.values()
        for metric, constants in dialect.constants.items()
    }


@pytest.mark.parametrize("what", ["metrics", "dialects", "datasets"])
def test_lists_never_say_plain_auc(salbench, what):
    assert not [line for line in listed(salbench, what, "-v") if PLAIN_AUC.search(line)]


def test_an_unknown_list_names_the_nearest(salbench):
    done = salbench("list", "metric")
    assert done.returncode == 2
    assert "no such command 'metric': did you mean 'metrics'?" in done.stderr
