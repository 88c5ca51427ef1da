"""Pages for every hand and eye: by keyboard alone, on a phone, in both languages, bright and dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.domains.vials.stock import Stock, some_stock
from tests.journeys.conftest import Person
from tests.journeys.hands import Hands
from tests.journeys.served import Bank

pytestmark = pytest.mark.browser
AXE = Axe()
MAIN = (
    "/", "/bench", "/banks", "/banks/new", "/banks/MCB-0100", "/vials/MCB-0100-002", "/vials/MCB-0100-002/moves",
    "/lines", "/donors", "/donors/new", "/storage", "/containers/{box}", "/labels", "/labels/new?vials=MCB-0100-001",
    "/quality", "/trail", "/out", "/account",
)  # fmt: skip


@pytest.fixture(scope="module")
def stock(bank: Bank) -> Stock:
    """A bank of twelve vials in the nitrogen box."""
    return some_stock(12, box=bank.places.nitrogen, lot="MCB-0100")


def walk(hands: Hands, stock: Stock) -> Iterator[str]:
    """Open the main pages one after the other."""
    for path in MAIN:
        assert hands.go(path.format(box=stock.box)) == 200, path
        yield path


@pytest.mark.parametrize(("locale", "theme"), [("fa", "dark"), ("en", "light")])
def test_axe_and_the_browser_find_nothing_wrong(
    person: Person, stock: Stock, locale: str, theme: str
) -> None:
    hands = person("carol", locale, theme)
    hands.complaints.clear()
    wrong = [
        f"{path}: {one['id']}: {node['html'][:160]}"
        for path in walk(hands, stock)
        for one in AXE.run(hands.page).response["violations"]
        for node in one["nodes"]
    ]
    assert wrong == []
    assert hands.complaints == []


@pytest.mark.parametrize("locale", ["fa", "en"])
def test_a_phone_never_scrolls_sideways(person: Person, stock: Stock, locale: str) -> None:
    hands = person("carol", locale, "light", 390)
    wide = {path: width for path in walk(hands, stock) if (width := page_width(hands)) > 390}
    assert wide == {}


def page_width(hands: Hands) -> int:
    return int(hands.page.evaluate("document.documentElement.scrollWidth"))


@pytest.mark.parametrize("locale", ["fa"])
def test_no_english_is_left_on_a_persian_page(person: Person, stock: Stock, locale: str) -> None:
    """Names, codes and units stand in marks of their own; what is left over must be Persian."""
    hands = person("carol", locale, "dark")
    left = [f"{path}: {words}" for path in walk(hands, stock) for words in hands.page.evaluate(LATIN_WORDS)]
    assert [words for words in left if "test." not in words] == []


LATIN_WORDS = r"""() => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode;
        const own = node.parentElement.closest("bdi, svg text, kbd, script, style, code, option, .face, .prefs, q");
        if (own || !node.parentElement.checkVisibility()) continue;
        // Codes, and what has no Persian name: RRID, iPSC, SHA-256.
        const isolated = /[\u2066-\u2068][^\u2069]*\u2069/g;
        const words = node.data.replace(isolated, "").replace(/[A-Z]{2,}[A-Z0-9-]*|iPSC|hPSCreg/g, "");
        if (/[A-Za-z]{3,}/.test(words)) found.push(node.data.trim().slice(0, 80));
    }
    return [...new Set(found)];
}"""


def test_by_keyboard_alone_from_the_box_at_the_top_to_a_vial_and_out(person: Person, stock: Stock) -> None:
    hands = person("alice")
    keyboard = hands.page.keyboard
    hands.go("/")
    keyboard.press("Tab")
    assert hands.page.evaluate("document.activeElement.className") == "skip"
    keyboard.press("Shift+?")
    assert hands.page.locator("#keys").is_visible()
    keyboard.press("Escape")
    keyboard.press("/")
    keyboard.type(stock.vials[4])
    with hands.page.expect_navigation():
        keyboard.press("Enter")
    assert stock.vials[4] in hands.read()
    for _ in range(40):
        keyboard.press("Tab")
        if "Take out" in str(hands.page.evaluate("document.activeElement.innerText")):
            break
    with hands.page.expect_navigation():
        keyboard.press("Enter")
    assert "Out" in hands.read("h1")


def test_arrows_and_m_move_a_vial_on_the_map(person: Person, stock: Stock) -> None:
    hands = person("carol")
    keyboard = hands.page.keyboard
    hands.go(f"/containers/{stock.box}")
    hands.page.locator("[data-box-map] [data-slot='A6']").focus()
    keyboard.press("m")
    for _ in range(3):
        keyboard.press("ArrowDown")
    with hands.page.expect_navigation():
        keyboard.press("m")
    assert "D6" in hands.read(".flashes")
    assert hands.page.locator("[data-slot='D6'][data-code], [data-slot='D6'] [data-code]").count() == 1
