"""Results, comparisons and data sets as a notebook shows and takes them."""

import numpy as np
import pytest

from benchmark_kit import compare, evaluate
from benchmark_kit.errors import ConfigError, MissingExtra


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    from tests.conftest import FolderSet

    folder_set = FolderSet(tmp_path_factory.mktemp("set"))
    truths = folder_set.truths()
    ours = evaluate(folder_set.maps, truths, metrics="nss,cc,kl", yardsticks=True)
    rng = np.random.default_rng(0)
    noise = evaluate({t.name: rng.random(t.size) for t in truths}, truths, metrics="nss,cc,kl")
    return truths, ours, noise


def test_every_record_is_a_table(made):
    truths, ours, noise = made
    assert f"{ours.value('nss'):.4f}" in ours._repr_html_()
    assert "inter-observer" in ours._repr_html_()
    assert (
        "not told apart" in compare(ours, ours)._repr_html_()
        or "B wins" in compare(ours, noise)._repr_html_()
    )
    assert truths.fingerprint[:23] in truths._repr_html_()
    assert repr(truths) == "Truths(folder: 6 images, 120 points)"


def test_a_data_frame_has_the_means(made):
    pandas = pytest.importorskip("pandas")
    _, ours, _ = made
    frame = ours.to_dataframe()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.index) == [row["name"] for row in ours.images]
    assert list(frame) == ["category", "fixations", *ours.metrics, "flags"]
    for key in ours.metrics:
        assert frame[key].mean() == pytest.approx(ours.value(key))


def test_what_has_no_value_is_nan_in_a_column_of_floats(made):
    pytest.importorskip("pandas")
    _, ours, _ = made
    without = type(ours)({**ours.data, "images": [{**row, "nss": None} for row in ours.images]})
    frame = without.to_dataframe()
    assert frame["nss"].dtype == np.float64
    assert frame["nss"].isna().all()


def test_a_plot_has_an_axes_a_metric(made):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    from matplotlib import pyplot

    _, ours, _ = made
    axes = ours.plot()
    assert len(axes) == len(ours.metrics)
    counted = sum(patch.get_height() for patch in axes[0].patches)
    assert counted == len(ours.images)
    assert [text.get_text() for text in axes[0].get_legend().get_texts()][1:] == [
        "chance",
        "centre bias",
        "inter-observer",
    ]
    _, own = pyplot.subplots(1, 2)
    assert list(ours.plot(["kl", "cc"], own)) == list(own)
    assert own[0].get_xlabel().startswith("KL")
    pyplot.close("all")
    with pytest.raises(ConfigError, match="no column 'gone'"):
        ours.plot(["gone"])
    with pytest.raises(ConfigError, match="2 metrics need as many axes"):
        ours.plot(["kl", "cc"], own[:1])


@pytest.mark.parametrize(("module", "call"), [("pandas", "to_dataframe"), ("matplotlib", "plot")])
def test_without_the_library_the_install_line_is_told(made, monkeypatch, module, call):
    import sys

    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra, match=r"pip install"):
        getattr(made[1], call)()
