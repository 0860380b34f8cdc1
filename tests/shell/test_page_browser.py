"""The page in a browser: Debian's chromium, headless, driven by selenium; left out where they are not installed."""

import base64
import json
import re
import shutil

import pytest

from segcore.reports import report
from segshell import page as pages
from segshell.reporting import experiments_below
from tests.shell.page_experiments import write_all

selenium = pytest.importorskip("selenium")
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = [
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs Debian's chromium and chromium-driver"),
    # Selenium's, of sockets that it closes when Python ends.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
NETWORK = re.compile(r"^(https?|wss?|ftp):")


@pytest.fixture(scope="module")
def browser():
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = CHROMIUM
    for one in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=en"):
        options.add_argument(one)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=Service(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    root = tmp_path_factory.mktemp("browser")
    folder = write_all(root)
    pages.write(folder, report(experiments_below(folder).experiments), root / "report.html")
    return (root / "report.html").as_uri()


def emulate(browser, width=1280, scheme="light", media=""):
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 800},
    )
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})


@pytest.fixture
def opened(browser, address):
    emulate(browser)
    browser.get("about:blank")
    browser.get(address)
    return browser


def paths(browser, section="leaderboard"):
    return browser.execute_script(
        "return [...document.querySelectorAll(`#${arguments[0]} tbody tr`)]"
        ".filter(row => row.checkVisibility()).map(row => row.cells[1].textContent.trim())",
        section,
    )


def click(browser, heading, section="leaderboard"):
    return browser.execute_script(
        "const one = [...document.querySelectorAll(`#${arguments[0]} thead button`)]"
        ".find(button => button.textContent === arguments[1]); one.click();"
        "return one.parentElement.getAttribute('aria-sort')",
        section,
        heading,
    )


def type_in(browser, text):
    from selenium.webdriver.common.by import By

    field = browser.find_element(By.ID, "filter-text")
    field.clear()
    field.send_keys(text)


RANKED = [
    "best/config.yaml", "old/config.yaml", "three <classes>/config.yaml", "broken/config.yaml", "failed/config.yaml",
]  # fmt: skip


def test_it_opens_without_a_word_on_the_console_and_without_a_request(opened):
    """A request that the policy forbids would stand on the console, one that it allows among the events."""
    assert opened.title == "Experiments by val_iou"
    assert opened.get_log("browser") == []
    events = [json.loads(one["message"])["message"] for one in opened.get_log("performance")]
    asked = {
        one["params"]["request"]["url"] for one in events if one["method"] == "Network.requestWillBeSent"
    }
    assert any(one.startswith("file:") for one in asked)
    assert not [one for one in asked if NETWORK.match(one)]
    loaded = opened.execute_script("return performance.getEntriesByType('resource').map(one => one.name)")
    assert [one for one in loaded if not one.startswith("data:")] == []


def test_the_policy_refuses_what_a_broken_in_script_would_do(opened):
    """Neither a script of someone else nor a request to anywhere runs in the page."""
    done = opened.execute_async_script(
        "const done = arguments[0]; const one = document.createElement('script');"
        "one.textContent = 'window.brokenIn = true'; document.body.append(one);"
        "const seen = []; document.addEventListener('securitypolicyviolation', e => seen.push(e.violatedDirective));"
        "const picture = new Image(); picture.src = 'https://example.invalid/x.png';"
        "setTimeout(() => done([window.brokenIn === undefined, seen]), 200)"
    )
    assert done == [True, ["script-src-elem", "img-src"]]
    opened.get_log("browser")


def test_a_heading_sorts_best_first_and_what_has_no_value_stays_last(opened):
    assert paths(opened) == RANKED
    assert click(opened, "val_iou") == "descending"
    assert paths(opened) == RANKED
    assert click(opened, "val_iou") == "ascending"
    assert paths(opened) == [*RANKED[:3][::-1], *RANKED[3:]]
    assert click(opened, "experiment") == "ascending"
    assert paths(opened) == sorted(RANKED)
    assert click(opened, "batch", "differences") == "ascending"
    assert paths(opened, "differences")[:2] == ["old/config.yaml", "failed/config.yaml"]
    assert paths(opened, "metrics") == RANKED


def test_the_keyboard_reaches_and_sorts_a_heading(opened):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    button = opened.find_element(By.XPATH, "//section[@id='leaderboard']//button[.='experiment']")
    opened.execute_script("document.querySelector('#leaderboard thead button').focus()")
    opened.switch_to.active_element.send_keys(Keys.TAB)
    assert opened.switch_to.active_element == button
    opened.switch_to.active_element.send_keys(Keys.ENTER)
    assert paths(opened) == sorted(RANKED)


def test_the_filter_takes_words_and_states_and_tells_how_many_are_left(opened):
    type_in(opened, "CONFIG sigmoid")
    assert paths(opened) == ["best/config.yaml", "old/config.yaml", "failed/config.yaml"]
    assert paths(opened, "metrics") == paths(opened)
    assert (
        opened.execute_script("return document.getElementById('filter-count').textContent") == "3 of 5 shown"
    )
    opened.execute_script(
        "const one = document.getElementById('filter-state'); one.value = 'failed';"
        "one.dispatchEvent(new Event('change'))"
    )
    assert paths(opened) == ["failed/config.yaml"]
    visible = opened.execute_script(
        "return [...document.querySelectorAll('details.entry')].filter(one => one.checkVisibility()).length"
    )
    assert visible == 1


def test_the_link_of_a_row_opens_its_gallery(opened):
    from selenium.webdriver.common.by import By

    assert not opened.find_element(By.CSS_SELECTOR, "#experiment-1 img").is_displayed()
    opened.find_element(By.CSS_SELECTOR, "#leaderboard a[href='#experiment-1']").click()
    pictures = opened.find_elements(By.CSS_SELECTOR, "#experiment-1 img")
    assert len(pictures) == 48
    assert all(one.is_displayed() and one.get_attribute("alt") for one in pictures)
    sizes = opened.execute_script("return [...document.images].map(one => [one.naturalWidth, one.complete])")
    assert all(width > 0 and complete for width, complete in sizes)
    charts = opened.find_elements(By.CSS_SELECTOR, "#experiment-1 .chart svg")
    assert sum(one.is_displayed() for one in charts) >= 3 * 2


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_the_page_never_scrolls_sideways(opened, width):
    emulate(opened, width)
    opened.execute_script("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert opened.execute_script("return document.documentElement.scrollWidth") <= width


def _luminance(colour):
    """Return the relative luminance of ``rgb(r, g, b)``, as WCAG 2.2 defines it."""
    parts = [int(one) / 255 for one in re.findall(r"\d+", colour)[:3]]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(browser, selector):
    ink, ground = browser.execute_script(
        "let one = document.querySelector(arguments[0]); const ink = getComputedStyle(one).color;"
        "while (getComputedStyle(one).backgroundColor === 'rgba(0, 0, 0, 0)') one = one.parentElement;"
        "return [ink, getComputedStyle(one).backgroundColor]",
        selector,
    )
    low, high = sorted((_luminance(ink), _luminance(ground)))
    return (high + 0.05) / (low + 0.05), _luminance(ground)


@pytest.mark.parametrize(("scheme", "media"), [("light", ""), ("dark", ""), ("dark", "print")])
def test_everything_can_be_read_in_light_in_dark_and_on_paper(opened, scheme, media):
    """WCAG 2.2 asks for a contrast of 4.5."""
    emulate(opened, scheme=scheme, media=media)
    for selector in ("h1", "td", "#leaderboard a", "caption", "p.warning", "summary .state", "pre.audit"):
        contrast, ground = _contrast(opened, selector)
        assert contrast >= 4.5, selector
        assert (ground < 0.2) == (scheme == "dark" and not media)


def test_paper_shows_what_is_folded_and_no_filter(opened):
    opened.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    emulate(opened, media="print")
    script = (
        "return [[...document.querySelectorAll('details')].every(one => one.open),"
        "document.querySelector('form').checkVisibility()]"
    )
    assert opened.execute_script(script) == [True, False]
    paper = opened.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    assert base64.b64decode(paper["data"]).startswith(b"%PDF")
    opened.execute_script("window.dispatchEvent(new Event('afterprint'))")
    assert opened.execute_script("return document.querySelectorAll('details[open]').length") == 0
