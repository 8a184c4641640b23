"""What the metrics say of themselves."""

from benchmark_kit.metrics import METRICS


def test_the_kinds_that_draw_at_random_say_so():
    drawn = {name for name, metric in METRICS.items() if metric.facts.randomised}
    assert drawn == {"auc", "auc_judd", "auc_borji", "sauc"}


def test_each_metric_has_its_direction_and_what_it_is_compared_with():
    lower = {name for name, metric in METRICS.items() if metric.facts.better == "lower"}
    density = {name for name, metric in METRICS.items() if metric.facts.needs == "density"}
    assert lower == {"kl", "emd"}
    assert density == {"cc", "kl", "sim", "emd"}
