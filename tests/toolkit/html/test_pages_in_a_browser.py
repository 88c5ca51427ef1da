"""The gallery in a real browser: accessible, within its width, and alive under the strict policy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from cellbank.core.ids import check_character

CHROMIUM = shutil.which("chromium")
PAGES = ["", "vial", "box", "freezer", "line", "bench", "refused", "form", "pieces", "sign-in", "error"]
CODE = "CV7K3M9QX" + check_character("CV7K3M9QX")
# What Chromium reports for these keys under a Persian layout.
PERSIAN = {"C": "ژ", "V": "ر", "K": "ن", "M": "ئ", "Q": "ض", "X": "ط"}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium on this computer"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as player:
        opened = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, gallery_url: str) -> Iterator[Page]:
    context = browser.new_context(
        base_url=gallery_url, viewport={"width": 1280, "height": 860}, reduced_motion="reduce"
    )
    opened = context.new_page()
    yield opened
    context.close()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser complains about: faults in scripts, and whatever the policy forbade."""
    told: list[str] = []
    page.on("console", lambda said: told.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda fault: told.append(str(fault)))
    return told


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("locale", "theme"), [("en", "light"), ("fa", "dark")])
def test_axe_finds_nothing_and_the_browser_has_no_complaint(page, complaints, name, locale, theme):
    page.goto(f"/{name}?locale={locale}&theme={theme}")
    found = Axe().run(page)
    wrong = [
        f"{one['id']}: {node['html'][:200]}" for one in found.response["violations"] for node in one["nodes"]
    ]
    assert wrong == []
    assert [told for told in complaints if "404" not in told] == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("locale", ["en", "fa"])
def test_a_phone_never_scrolls_sideways(page, name, locale):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/{name}?locale={locale}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("locale", ["en", "fa"])
def test_a_box_map_is_never_mirrored_and_its_squares_can_be_hit(page, locale):
    page.goto(f"/box?locale={locale}")
    first, last = (page.locator(f"#box-12 [data-slot='{slot}']").bounding_box() for slot in ("A1", "A9"))
    assert first["x"] < last["x"]
    assert min(first["width"], first["height"]) >= 28


def test_the_bench_keeps_its_promises_of_size(page):
    page.goto("/bench")
    size = "element => parseFloat(getComputedStyle(element).fontSize)"
    assert page.locator(".bench-result").evaluate(size) >= 48
    assert page.locator(".bench-slot").evaluate(size) >= 96
    heights = [button.bounding_box()["height"] for button in page.locator(".bench-actions .button").all()]
    assert heights
    assert min(heights) >= 64


def scan(page: Page, text: str) -> None:
    """All keys of a scan in one go, as a scanner under a Persian layout sends them."""
    page.evaluate(
        """([text, layout]) => {
            const press = (code, key, shiftKey = false) => {
                const target = document.activeElement;
                const goesOn = target.dispatchEvent(
                    new KeyboardEvent("keydown", { code, key, shiftKey, bubbles: true, cancelable: true }));
                if (goesOn && key.length === 1 && "value" in target) target.value += key;
            };
            for (const letter of text) {
                const isLetter = /[A-Z]/.test(letter);
                press(isLetter ? `Key${letter}` : `Digit${letter}`, layout[letter] ?? letter, isLetter);
            }
            press("Enter", "Enter");
        }""",
        [text, PERSIAN],
    )


def test_a_scan_goes_to_the_scan_box_wherever_the_focus_is(page):
    page.goto("/pieces")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    scan(page, CODE)
    page.wait_for_url("**/vial*")
    assert any(url.endswith(f"/scan?q={CODE}") for url in asked)


def test_a_scan_into_a_text_field_leaves_the_field_as_it_was(page):
    page.goto("/form")
    page.get_by_label("Comment").fill("thin pellet")
    page.get_by_label("Comment").focus()
    page.evaluate(
        "document.addEventListener('scan', (event) => { event.preventDefault(); window.scanned = event.detail.text; })"
    )
    scan(page, CODE)
    assert page.evaluate("window.scanned") == CODE
    assert page.get_by_label("Comment").input_value() == "thin pellet"


def test_a_field_that_asks_for_scans_gets_the_code_and_not_the_layouts_letters(page):
    page.goto("/form")
    page.get_by_label("Line", exact=True).focus()
    scan(page, CODE)
    assert page.get_by_label("Line", exact=True).input_value() == CODE
    assert page.evaluate("document.activeElement.name") == "vials"


def test_arrow_keys_walk_over_a_box(page):
    page.goto("/box")
    page.locator("#box-12 [data-slot='A1']").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.dataset.slot") == "B3"


def test_slash_goes_to_the_scan_box_and_question_mark_shows_the_keys(page):
    page.goto("/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("Shift+Slash")
    assert page.locator("#keys").is_visible()


def test_htmx_exchanges_only_the_form_and_a_form_can_be_sent_again_after_errors(page):
    page.goto("/form")
    page.locator("main form").evaluate("form => { form.noValidate = true; }")
    page.evaluate("window.stays = true")
    page.get_by_role("button", name="Record the freeze").click()
    page.get_by_role("alert").wait_for()
    assert page.evaluate("window.stays") is True
    assert page.get_by_role("button", name="Record the freeze").is_enabled()
