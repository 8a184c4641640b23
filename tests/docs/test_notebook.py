"""The notebook of `examples/` runs from top to bottom, and shows tables and pictures."""

from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).resolve().parents[2] / "examples" / "first_scores.ipynb"


def read():
    nbformat = pytest.importorskip("nbformat")
    return nbformat.read(NOTEBOOK, as_version=4)


def test_it_is_kept_without_outputs():
    nbformat = pytest.importorskip("nbformat")
    notebook = read()
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in cells)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_it_runs(tmp_path):
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    notebook = read()
    nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    ).execute()
    shown = [
        (cell.source, output.get("data", {}))
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
    ]

    def of(words):
        return [data for source, data in shown if words in source]

    assert any("text/html" in data for data in of("list_models(trained"))
    assert any("<progress" in data.get("text/html", "") for data in of('progress_bar("scoring")'))
    assert any("image/png" in data for data in of("lite.plot"))
    assert any("image/png" in data for data in of("overlay_sheet(picture"))
    assert any("p Holm" in data.get("text/html", "") for data in of("compare(lite"))
    assert not list(tmp_path.iterdir())  # no surprise writes
