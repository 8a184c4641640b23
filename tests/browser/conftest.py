"""Headless Chromium, which the tests of this folder share, and the built site on a server."""

import functools
import http.server
import shutil
import threading
from pathlib import Path

import pytest

SITE = Path(__file__).resolve().parents[2] / "build" / "site"
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def downloads(tmp_path_factory):
    """The folder in which the browser saves."""
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def browser(downloads, tmp_path_factory):
    """A window of Chromium that logs what its console and its network say."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium")
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("needs chromium and chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (*ARGUMENTS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    window = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield window
    window.quit()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A plain server of files, as `python -m http.server` is."""

    def log_message(self, *_):
        """Nothing on the screen."""


@pytest.fixture(scope="session")
def site():
    """Address of the built site, in a subfolder of a server on this machine."""
    if not (SITE / "docs" / "try" / "worker.js").is_file():
        pytest.skip("needs the built site: make docs")
    handler = functools.partial(Quiet, directory=SITE.parent)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{SITE.name}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def site_folder():
    """The folder of the built site."""
    return SITE


@pytest.fixture(scope="session")
def resized():
    """`resized(browser, width, dark=False)`: the window as a phone or a desktop has it."""

    def resize(browser, width, dark=False):
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    return resize


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
for (const e of document.querySelectorAll(arguments[0] + " *")) {
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


@pytest.fixture(scope="session")
def contrast():
    """`contrast(browser, selector)`: the least contrast of text below an element, and where."""
    return lambda browser, selector: browser.execute_script(CONTRAST, selector)
