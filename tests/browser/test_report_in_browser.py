"""The report in Chromium: it fits phone and desktop, sorts, filters, and nothing complains."""

import numpy as np
import pytest

from benchmark_kit import evaluate
from benchmark_kit.reporting.page import report

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(make_folder_set, tmp_path_factory):
    made = make_folder_set(tmp_path_factory.mktemp("browser"), images=14)
    truths = made.truths()
    rng = np.random.default_rng(0)
    noise = {truth.name: rng.random(truth.size) for truth in truths}
    options = {"metrics": "nss,ig,kl", "workers": 1, "bootstrap": 50, "yardsticks": True}
    good, bad = evaluate(made.maps, truths, **options), evaluate(noise, truths, **options)
    out = tmp_path_factory.mktemp("page") / "report.html"
    report(
        good,
        compare=[bad],
        out=out,
        truths=truths,
        maps=[made.maps, noise],
        labels=["a model with quite a long name", "noise"],
    )
    return out


def opened(browser, page, width, *, dark=False, scripts=True):
    send = browser.execute_cdp_cmd
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
    send("Emulation.setDeviceMetricsOverride", metrics)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    send("Emulation.setEmulatedMedia", {"features": [scheme]})
    send("Emulation.setScriptExecutionDisabled", {"value": not scripts})
    browser.get(page.as_uri())
    return browser


def shown(browser, selector):
    found = browser.find_elements("css selector", selector)
    return [element for element in found if element.is_displayed()]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1400])
def test_fits_without_scrolling_sideways_and_without_complaints(browser, page, width, dark):
    window = opened(browser, page, width, dark=dark)
    assert window.execute_script("return document.documentElement.scrollWidth") <= width
    assert window.get_log("browser") == []
    broken = window.execute_script(
        "return [...document.images].filter((i) => !i.complete || !i.naturalWidth).length"
    )
    assert broken == 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_all_text_has_the_contrast_that_wcag_aa_asks_for(browser, page, dark, contrast):
    ratio, where = contrast(opened(browser, page, 1400, dark=dark), "body")
    assert ratio >= 4.5, where


def test_a_click_sorts_by_number_and_another_turns_it_round(browser, page):
    window = opened(browser, page, 1400)
    head = window.find_element("css selector", "#rows th[data-sort='3']")

    def column():
        rows = window.find_elements("css selector", "#rows tbody tr")
        return [float(row.find_elements("css selector", "td")[2].text) for row in rows]

    before = column()
    head.find_element("css selector", "button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert column() == sorted(before, reverse=True)
    head.find_element("css selector", "button").click()
    assert column() == sorted(before)
    assert head.get_attribute("aria-sort") == "ascending"


def test_the_search_leaves_rows_that_hold_the_text(browser, page):
    window = opened(browser, page, 1400)
    box = window.find_element("id", "filter")
    box.send_keys("INDOOR/00")
    names = [row.text.split()[0] for row in shown(window, "#rows tbody tr")]
    assert names == ["indoor/000", "indoor/002", "indoor/004", "indoor/006", "indoor/008"]
    assert window.find_element("id", "rows-shown").text == "5 of 14 images"


def test_a_list_shows_its_pictures_alone(browser, page):
    window = opened(browser, page, 1400)
    everything = len(shown(window, ".card"))
    buttons = window.find_elements("css selector", "button[data-list]")
    worst = next(b for b in buttons if b.text.startswith("NSS: worst"))
    worst.click()
    cards = shown(window, ".card")
    assert len(cards) == 6 < everything
    assert all("NSS: worst" in card.find_element("class name", "why").text for card in cards)
    buttons[0].click()
    assert len(shown(window, ".card")) == everything


def test_it_can_be_read_with_scripts_off(browser, page):
    window = opened(browser, page, 1400, scripts=False)
    try:
        assert shown(window, ".controls") == []
        assert len(shown(window, ".card")) > 0
        assert len(shown(window, "#rows tbody tr")) == 14
    finally:
        window.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
