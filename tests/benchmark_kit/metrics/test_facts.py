"""What the metrics say of themselves."""

from benchmark_kit.metrics import METRICS, Form, Graph, MetricFacts, Needs

# the metrics of the dialects; others may be added
KNOWN = ("auc", "auc_judd", "auc_borji", "sauc", "nss", "ig", "cc", "kl", "sim", "emd")


def those(says):
    return {name for name in KNOWN if says(METRICS[name].facts)}


def test_the_kinds_that_draw_at_random_say_so():
    assert those(lambda facts: facts.randomised) == {"auc", "auc_judd", "auc_borji", "sauc"}


def test_each_metric_has_its_direction_and_what_it_is_compared_with():
    assert those(lambda facts: facts.better == "lower") == {"kl", "emd"}
    assert those(lambda facts: facts.needs is Needs.DENSITY) == {"cc", "kl", "sim", "emd"}
    assert those(lambda facts: facts.needs == "density") == {"cc", "kl", "sim", "emd"}


def test_metrics_stand_in_the_order_of_the_page_and_others_after_them():
    assert tuple(METRICS)[: len(KNOWN)] == KNOWN


def test_those_that_say_nothing_of_graphs_are_left_to_the_pool():
    assert MetricFacts("m", "M", "lower", 0.0, None, "", Needs.DENSITY).graph is Graph.HOST
    formulas = those(lambda facts: facts.graph is Graph.FORMULA)
    assert formulas == {"nss", "ig", "cc", "kl", "sim"}


def test_the_first_kind_whose_constants_fit_counts_and_defaults_are_constants_too():
    facts = MetricFacts(
        *("m", "M", "lower", 0.0, None, "", Needs.POINTS),
        forms=(Form({"a": 1, "b": 2}, label="both"), Form({"a": 1}, label="one")),
    )
    assert facts.form({"a": 1, "b": 2, "c": 3}).label == "both"
    assert facts.form({"a": 1, "b": 3}).label == "one"
    assert facts.form({"b": 2}) == Form()
    # shuffled AUC is exact and AUC counts all pixels unless told otherwise
    assert METRICS["sauc"].form({}).graph is Graph.PAIRS
    assert METRICS["auc"].form({}).graph is Graph.PAIRS
    assert METRICS["auc"].form({"negatives": "sampled"}).graph is None
