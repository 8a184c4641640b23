"""The page of a data set: what it holds, and that nothing in it can break out or is loaded."""

import dataclasses
import re
import sys

import numpy as np
import pytest

from benchmark_kit.errors import ConfigError, MissingExtra
from benchmark_kit.reporting._templates import template
from benchmark_kit.reporting.dataset.page import show
from benchmark_kit.types import Fixations

HOSTILE = '<script>alert("1")</script>'


def test_numbers_stand_on_the_page(people, tmp_path):
    truths = people.truths()
    shown = show(truths, tmp_path / "p.html", root=people.root)
    text = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert shown.doubts == ()
    assert "Nothing that the rules know of" in text
    assert "44 (120x90)" in text
    assert "1,760, 40 a picture (median)" in text
    assert text.count("data:image/webp;base64,") == 12 + 2  # pictures, and two maps
    for subject in "abcde":
        count = int((people.column(3) == subject).sum())
        assert f'<th scope="row">{subject}</th><td>{count}</td><td>44</td>' in text


def test_the_pictures_that_a_doubt_names_come_first(people, tmp_path):
    rows = [row for row in people.rows if row[0] != "31.png"]
    shown = show(people.truths(rows), tmp_path / "p.html")
    assert [doubt.key for doubt in shown.doubts] == ["without fixations"]
    text = (tmp_path / "p.html").read_text(encoding="utf-8")
    first = re.search(r"<figcaption><b>(\w+)</b>", text)
    assert first.group(1) == "31"
    assert 'data-doubt="without fixations"' in text


def test_nothing_of_the_data_becomes_markup_and_nothing_is_loaded(people, tmp_path):
    truths = people.truths()
    images = [
        dataclasses.replace(truth, name=f"{k}{HOSTILE}\u202e") for k, truth in enumerate(truths)
    ]
    truths = dataclasses.replace(
        truths, images=tuple(images), notes=(HOSTILE,), subjects=(HOSTILE,) * 5
    )
    show(truths, tmp_path / "p.html", root=HOSTILE, refused=HOSTILE)
    text = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "alert(&#34;1&#34;)" in text
    assert HOSTILE not in text
    assert "\u202e" not in text
    assert "default-src 'none'" in text
    assert not re.search(r"""(src|href)=["'](?!#|data:)""", text)
    assert not re.search(r"url\(|@import|<link", text)


def test_a_data_set_without_observers_or_pictures_is_shown(people, tmp_path):
    truths = people.truths()
    images = [
        dataclasses.replace(
            truth,
            stimulus=None,
            fixations=Fixations(truth.fixations.x, truth.fixations.y, (90, 120)),
        )
        for truth in truths
    ]
    show(dataclasses.replace(truths, images=tuple(images)), tmp_path / "p.html")
    text = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert 'id="subjects"' not in text
    assert "durations" not in text.partition("<nav")[0].partition("<header>")[2]


def test_one_picture_with_one_fixation_is_shown(people, tmp_path):
    truths = people.truths()
    point = Fixations(np.array([3.0]), np.array([4.0]), (90, 120), subject=np.array([2]))
    one = dataclasses.replace(truths.images[0], fixations=point)
    show(dataclasses.replace(truths, images=(one,)), tmp_path / "p.html")
    assert "1 (120x90)" in (tmp_path / "p.html").read_text(encoding="utf-8")


def test_secret_fixations_cannot_be_shown(people, tmp_path):
    truths = people.truths()
    secret = tuple(dataclasses.replace(truth, fixations=None) for truth in truths)
    with pytest.raises(ConfigError, match="no fixations to show"):
        show(dataclasses.replace(truths, images=secret), tmp_path / "p.html")
    assert not (tmp_path / "p.html").exists()


def test_a_missing_library_is_named_with_its_extra(people, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    template.cache_clear()
    with pytest.raises(MissingExtra, match=r"keras-saliency\[report\]"):
        show(people.truths(), tmp_path / "p.html")
    assert not (tmp_path / "p.html").exists()
