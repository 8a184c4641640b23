"""The two models re-derived from papers lie where their originals do: above `itti`."""

import pytest

from benchmark_kit import evaluate, get_dataset


@pytest.mark.slow
@pytest.mark.shared
def test_they_predict_fixations_better_than_itti(shared):
    truths = get_dataset("mit1003", shared / "data" / "mit1003_100")
    truths = truths.subset(truths.names[::3])
    itti, *ours = (
        evaluate(None, truths, model=name, metrics=("nss", "sauc"), bootstrap=0)
        for name in ("itti", "aws_like", "rare2012_like")
    )
    for found in ours:
        assert found.value("nss") > itti.value("nss")
        assert found.value("sauc") > itti.value("sauc") + 0.02
