"""The report: its content, that nothing in it can break out, and that it loads nothing."""

import dataclasses
import itertools
import json
import re
import sys
from html.parser import HTMLParser

import numpy as np
import pytest

from benchmark_kit import evaluate
from benchmark_kit.errors import ConfigError, MissingExtra, ResultsError
from benchmark_kit.reporting._templates import template
from benchmark_kit.reporting.page import report, reproducing_command
from benchmark_kit.results.comparison import compare
from benchmark_kit.results.record import Results, load_results

HOSTILE = '<script>alert("1")</script>'


class Page(HTMLParser):
    """A page's elements, as far as the tests look at them."""

    VOID = ("meta", "img", "input", "br")

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.texts = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def scored(make_folder_set, tmp_path_factory):
    """Six images with good maps and noise, scored with yardsticks."""
    made = make_folder_set(tmp_path_factory.mktemp("report"))
    truths = made.truths()
    rng = np.random.default_rng(0)
    noise = {truth.name: rng.random(truth.size) for truth in truths}
    options = {"metrics": "nss,kl,ig", "workers": 1, "bootstrap": 100, "yardsticks": True}
    good = evaluate(made.maps, truths, **options)
    bad = evaluate(noise, truths, **options)
    return made, truths, noise, good, bad


@pytest.fixture(scope="module")
def one(scored, tmp_path_factory):
    made, truths, _, good, _ = scored
    out = tmp_path_factory.mktemp("one") / "report.html"
    report(good, out=out, truths=truths, maps=[made.maps], labels=["good"])
    return out.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def two(scored, tmp_path_factory):
    made, truths, noise, good, bad = scored
    out = tmp_path_factory.mktemp("two") / "report.html"
    report(
        good,
        compare=[bad],
        out=out,
        truths=truths,
        maps=[made.maps, noise],
        labels=["good", "noise"],
    )
    return out.read_text(encoding="utf-8")


def test_means_intervals_and_yardsticks_are_there(one, scored):
    text = Page(one).text
    good = scored[3]
    for entry in good.metrics.values():
        assert f"{entry['value']:.4f} {entry['low']:.4f} to {entry['high']:.4f}" in text
    for marks in good.yardsticks.values():
        for entry in marks.values():
            assert f"{round(entry['value'], 4) + 0.0:.4f}" in text
    marks = {kind: values["nss"]["value"] for kind, values in good.yardsticks.items()}
    top, low = marks["inter_observer"], marks["chance"]
    assert f"NSS {100 * (good.value('nss') - low) / (top - low):.0f} %" in text


def test_published_scores_are_mentioned_with_why_there_are_none(one):
    assert "No published scores of folder in dialect tuebingen." in Page(one).text


def test_every_image_and_category_is_there(one, scored):
    made, _, _, good, _ = scored
    text = Page(one).text
    for row in good.images:
        assert f"{row['name']} {row['category']} {row['fixations']}" in text
    for category in ("indoor", "outdoor"):
        mean = good.data["groups"]["category"][category]["nss"]["value"]
        assert f"{mean:.4f}" in text
    assert len(made.names) == 6


def test_the_comparison_is_there(two, scored):
    good, bad = scored[3:]
    text = Page(two).text
    pair = compare(good, bad).pair("nss")
    assert f"{pair['difference']:+.4f} {pair['low']:+.4f} to {pair['high']:+.4f}" in text
    assert "mean difference noise − good" in text
    assert "not told apart" in text or "better" in text


def test_pictures_are_there_once_with_words_for_them(two):
    images = Page(two).all("img")
    assert all(attrs["alt"].strip() for attrs in images)
    # per image: the picture; per model map, overlay and gain
    assert len(images) == 6 * (1 + 2 * 3)
    assert len({attrs["alt"] for attrs in images}) == len(images)
    assert any("Information gain of noise over the centre bias" in a["alt"] for a in images)


def test_nothing_is_loaded_from_elsewhere(two):
    page = Page(two)
    for _, attrs in page.tags:
        for name in ("src", "href", "srcset", "data", "action", "poster"):
            value = attrs.get(name) or "#"
            assert value.startswith(("#", "data:image/webp;base64,")), value
    assert not re.search(r"@import|url\(|https?://", two)
    policies = [a["content"] for a in page.all("meta") if "http-equiv" in a]
    assert policies[0].startswith("default-src 'none'")
    assert page.open == []


@pytest.mark.parametrize("which", ["one", "two"])
def test_headings_go_down_step_by_step(which, request):
    levels = [int(t[1]) for t, _ in Page(request.getfixturevalue(which)).tags if t in HEADINGS]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))


HEADINGS = ("h1", "h2", "h3", "h4")


def test_links_of_the_page_lead_somewhere(two):
    page = Page(two)
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {a["href"].removeprefix("#") for a in page.all("a")} <= set(ids)
    assert {a["aria-labelledby"] for a in page.all("section")} <= set(ids)


def test_columns_that_sort_are_numbered_in_order(two):
    heads = [int(attrs["data-sort"]) for attrs in Page(two).all("th") if "data-sort" in attrs]
    categories, images = 2 + 3 * 2, 3 + 3 * 2
    assert heads == [*range(categories), *range(images)]


def test_hostile_names_are_text(scored, tmp_path):
    good = scored[3]
    data = json.loads(good.to_json().replace("indoor/000", "HOSTILE").replace("outdoor", "KIND"))
    text = json.dumps(data).replace("HOSTILE", HOSTILE.replace('"', '\\"'))
    data = json.loads(text.replace("KIND", "<b onclick='x'>&amp;"))
    data["warnings"] = [
        {"code": "W202", "count": 1, "examples": [HOSTILE], "text": HOSTILE, "fix": "</dd>"}
    ]
    data["made"]["command"] = ["salbench", "evaluate", HOSTILE]
    out = tmp_path / "r.html"
    report(Results(data), out=out, labels=[HOSTILE])
    page = Page(out.read_text(encoding="utf-8"))
    assert len(page.all("script")) == 1
    assert page.all("b") == [{}]  # the warning's code
    assert page.text.count(HOSTILE) >= 5


def test_a_page_without_pictures_says_what_adds_them(scored, tmp_path):
    out = tmp_path / "r.html"
    report(scored[3], out=out)
    page = Page(out.read_text(encoding="utf-8"))
    assert page.all("img") == []
    assert "--root DIR" in page.text
    assert "--maps DIR" in page.text


def test_the_command_is_the_recorded_one_or_one_of_the_same_choices(scored):
    data = json.loads(scored[3].to_json())
    data["made"]["command"] = ["salbench", "evaluate", "my maps", "--dataset", "osie"]
    assert reproducing_command(data) == "salbench evaluate 'my maps' --dataset osie"
    del data["made"]["command"]
    made = reproducing_command(data)
    assert made.startswith("salbench evaluate MAPS --dataset folder --root DIR --metrics")
    assert "ig@tuebingen,kl@tuebingen,nss@tuebingen" in made
    assert made.endswith("--yardsticks")


def test_tables_for_papers_are_bold_where_the_difference_is_real(scored, tmp_path):
    good, bad = scored[3:]
    labels = ["good", "noise"]
    for form, mark in (("markdown", "**{}**"), ("latex", r"\textbf{{{}}}")):
        out = tmp_path / form
        for key in ("nss", "kl"):  # one test each; lower KL is better
            report(good, compare=[bad], out=out, labels=labels, form=form, metrics=key)
            text = out.read_text(encoding="utf-8")
            assert mark.format(f"{good.value(key):.3f}") in text
            assert mark.format(f"{bad.value(key):.3f}") not in text
        # all columns are too many tests for six images
        report(good, compare=[bad], out=out, labels=labels, form=form)
        text = out.read_text(encoding="utf-8")
        assert mark.split("{")[0] not in text
        low, high = (good.metrics["nss"][end] for end in ("low", "high"))
        assert f"[{low:.3f}, {high:.3f}]" in text
        assert "inter-observer" in text
        assert not any(0xE000 <= ord(character) <= 0xF8FF for character in text)


def test_results_without_yardsticks_categories_or_intervals(scored, tmp_path):
    truths = scored[1]
    plain = dataclasses.replace(
        truths, images=tuple(dataclasses.replace(t, category=None) for t in truths)
    )
    results = evaluate(scored[2], plain, metrics="nss", workers=1, bootstrap=0)
    out = tmp_path / "r.html"
    report(results, out=out, truths=plain, maps=[scored[2]])
    page = Page(out.read_text(encoding="utf-8"))
    assert "Share of explainable" not in page.text
    assert "Means by category" not in page.text
    assert "category" not in page.text
    assert "bootstrap" not in page.text
    assert len(page.all("img")) == 6 * 4


def test_three_models_are_ranked_by_letters(scored, tmp_path):
    _, truths, noise, good, bad = scored
    third = evaluate(
        {name: np.flipud(values) for name, values in noise.items()},
        truths,
        metrics="nss,kl,ig",
        workers=1,
        bootstrap=0,
    )
    out = tmp_path / "r.html"
    report(good, compare=[bad, third], out=out, labels=["x", "y", "z"])
    text = Page(out.read_text(encoding="utf-8")).text
    assert "3 models on folder" in text
    assert "Models that share a letter" in text
    assert "z − x" in text


def test_wrong_requests(scored, tmp_path):
    made, truths, _, good, bad = scored
    with pytest.raises(ConfigError, match="1 given for 2 results"):
        report(good, compare=[bad], out=tmp_path / "r", truths=truths, maps=[made.maps])
    with pytest.raises(ConfigError, match="html, markdown, latex"):
        report(good, out=tmp_path / "r", form="pdf")
    other = json.loads(bad.to_json())
    other["dataset"]["fingerprint"] = "sha256:0"
    with pytest.raises(ResultsError, match="cannot be compared"):
        report(good, compare=[Results(other)], out=tmp_path / "r", labels=["a", "b"])
    assert not (tmp_path / "r").exists()


def test_files_give_the_same_page_as_records(scored, tmp_path):
    good = scored[3]
    good.save(tmp_path / "good.json")
    report(tmp_path / "good.json", out=tmp_path / "a.html")
    report(load_results(tmp_path / "good.json"), out=tmp_path / "b.html", labels=["good"])
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_a_missing_library_is_named_with_its_extra(scored, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    template.cache_clear()
    monkeypatch.setattr("benchmark_kit.reporting.page.make_gallery", None)  # it is never asked
    made, truths, *_ = scored
    with pytest.raises(MissingExtra, match=r"keras-saliency\[report\]"):
        report(scored[3], out=tmp_path / "r.html", truths=truths, maps=[made.maps])
    report(scored[3], out=tmp_path / "r.md", form="markdown")
    assert not (tmp_path / "r.html").exists()


def test_the_page_is_bold_where_the_difference_is_real_and_shows_the_columns_asked_for(
    scored, tmp_path
):
    good, bad = scored[3:]
    out = tmp_path / "r.html"
    report(good, compare=[bad], out=out, labels=["good", "noise"], metrics=["nss"])
    text = out.read_text(encoding="utf-8")
    assert f'<span class="value best">{good.value("nss"):.4f}' in text
    assert "KL" not in Page(text).text
    report(good, compare=[bad], out=out, labels=["good", "noise"])
    assert "value best" not in out.read_text(encoding="utf-8")
