"""The site in Chromium: main pages fit phone and desktop, nothing complains, search finds."""

import json
import re
import time

import pytest

pytestmark = pytest.mark.browser

PAGES = (
    *("docs/index", "README", "docs/install", "docs/evaluate", "docs/metrics", "docs/datasets"),
    *("docs/models", "docs/models/training_free", "docs/commands", "docs/saliency_lite"),
    *("docs/try", "docs/glossary", "docs/problems", "docs/migrate", "api/index"),
    *("api/keras_saliency.layers", "api/benchmark_kit.metrics", "CHANGELOG"),
)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [390, 1400])
def test_a_page_fits_and_nothing_complains(browser, site, resized, page, width):
    resized(browser, width, dark=width < 600)
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(f"{site}/{page}.html")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert browser.find_element("css selector", "article h1").is_displayed()
    assert browser.get_log("browser") == []
    broken = "return [...document.images].filter((i) => i.complete && !i.naturalWidth).length"
    assert browser.execute_script(broken) == 0
    messages = [json.loads(row["message"])["message"] for row in browser.get_log("performance")]
    asked = [
        m["params"]["request"]["url"]
        for m in messages
        if m["method"] == "Network.requestWillBeSent"
    ]
    assert asked
    assert all(url.startswith((site, "data:", "blob:")) for url in asked), asked


def results(browser):
    """Titles of what the search page found, once all of it is listed."""
    for _ in range(200):
        text = browser.find_element("id", "search-results").text
        number = re.search(r"found (\d+|one) page", text)
        rows = browser.find_elements("css selector", "#search-results li > a")
        if number and len(rows) == int(number[1].replace("one", "1")):
            return [row.text for row in rows]
        time.sleep(0.05)
    raise AssertionError(text)


def test_the_search_finds_pages_and_names(browser, site):
    browser.get(f"{site}/docs/index.html")
    browser.find_element("css selector", "input.sidebar-search").send_keys("yardsticks\n")
    assert "From a folder of maps to a score" in results(browser)
    browser.get(f"{site}/search.html?q=Maxout")
    assert any("keras_saliency.layers.Maxout" in text for text in results(browser))


def test_the_site_can_be_read_and_searched_from_the_file_system(browser, site, site_folder):
    browser.get_log("browser")
    browser.get((site_folder / "index.html").as_uri())
    for _ in range(100):
        if browser.current_url.endswith("docs/index.html"):
            break
        time.sleep(0.05)
    assert browser.find_element("tag name", "h1").text.startswith("What do you want to do?")
    browser.get((site_folder / "search.html").as_uri() + "?q=yardsticks")
    assert "From a folder of maps to a score" in results(browser)
    assert browser.get_log("browser") == []


def test_the_page_that_predicts_says_what_it_needs_on_the_file_system(browser, site, site_folder):
    browser.get((site_folder / "docs" / "try.html").as_uri())
    assert "python -m http.server" in browser.find_element("id", "tool-status").text
    browser.get_log("browser")  # a browser refuses modules of the file system, and says so
