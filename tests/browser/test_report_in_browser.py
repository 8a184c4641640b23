"""The report in Chromium: it fits phone and desktop, sorts, filters, and nothing complains."""

import shutil

import numpy as np
import pytest

from benchmark_kit import evaluate
from benchmark_kit.reporting.page import report

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser():
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium")
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("needs chromium and chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    window = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield window
    window.quit()


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


CONTRAST = """
const parse = (text) => text.match(/[\\d.]+/g).map(Number);
const part = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
const light = (c) => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
const ground = (e) => {
  for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] === 1) return c;
  }
  return [255, 255, 255];
};
let worst = [99, ""];
for (const e of document.querySelectorAll("body *")) {
  const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  if (!own || e.closest("script, style") || !e.getClientRects().length) continue;
  const style = getComputedStyle(e);
  const ink = parse(e.closest("svg") ? style.fill : style.color);
  const [a, b] = [light(ink), light(ground(e))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < worst[0]) worst = [ratio, e.outerHTML.slice(0, 80)];
}
return worst;
"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_all_text_has_the_contrast_that_wcag_aa_asks_for(browser, page, dark):
    ratio, where = opened(browser, page, 1400, dark=dark).execute_script(CONTRAST)
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
