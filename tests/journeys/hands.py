"""Somebody at a browser: signs in, reads, presses what a page offers, and scans as a keyboard-wedge scanner does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Locator, Page

from cellbank.toolkit.i18n import catalogue
from tests.domains.accounts.people import PASSWORD

MARKS = re.compile("[\u200e\u200f\u2066-\u2069]")
# What Chromium reports for these keys when the computer is set to a Persian layout.
PERSIAN = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "شذزیثبلاهتنمئدخحضقسفعرصطغظ", strict=True))

PRESS = """([text, layout]) => {
    const press = (code, key) => {
        const target = document.activeElement;
        const goesOn = target.dispatchEvent(
            new KeyboardEvent("keydown", { code, key, bubbles: true, cancelable: true }));
        if (goesOn && key.length === 1 && "value" in target) target.value += key;
        return goesOn;
    };
    for (const letter of text) {
        if (letter === "-") press("Minus", "-");
        else press(/[A-Z]/.test(letter) ? `Key${letter}` : `Digit${letter}`, layout[letter] ?? letter);
    }
    const target = document.activeElement;
    if (press("Enter", "Enter") && target.form) target.form.requestSubmit();
}"""


class Hands:
    """One person's hands on one browser, in one language."""

    def __init__(
        self, browser: Browser, url: str, locale: str = "en", theme: str = "light", width: int = 1280
    ):
        self.locale, self.theme, self.url = locale, theme, url
        self.context = browser.new_context(
            base_url=url,
            viewport={"width": width, "height": 860},
            locale="fa-IR" if locale == "fa" else "en-GB",
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(8_000)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on(
            "console", lambda told: self.complaints.append(told.text) if told.type == "error" else None
        )
        self.page.on("pageerror", lambda fault: self.complaints.append(str(fault)))

    def close(self) -> None:
        self.context.close()

    # ---- words --------------------------------------------------------------------------------------------

    def say(self, english: str) -> str:
        """The words of a page in this person's language; a word that has no Persian fails here."""
        said = catalogue.gettext(english, self.locale)
        assert self.locale == "en" or said != english, f"no Persian for {english!r}"
        return said

    def read(self, selector: str = "main") -> str:
        """The visible words of a part of the page, each space single, without invisible marks of direction."""
        return " ".join(MARKS.sub("", self.page.locator(selector).first.inner_text()).split())

    # ---- walking ------------------------------------------------------------------------------------------

    def sign_in(self, name: str) -> Hands:
        self.page.goto("/sign-in")
        self.fill(name=name, password=PASSWORD)
        with self.page.expect_navigation():
            self.page.locator("main button").click()
        assert self.page.locator(".face").is_visible(), self.read()
        self.prefer(locale=self.locale)
        self.prefer(theme=self.theme)
        self.go("/")
        return self

    def prefer(self, **how: str) -> None:
        """Choose language or light, as the buttons at the top do."""
        token = self.page.locator("[name=csrf_token]").first.input_value()
        self.page.request.post(f"{self.url}/preferences", form={"csrf_token": token, "next": "/", **how})

    def go(self, path: str) -> int:
        """Open an address; the answer's status."""
        answer = self.page.goto(path)
        assert answer is not None
        return answer.status

    def follow(self, english: str, within: str = "body") -> None:
        """Follow a link with these words."""
        link = self.named("link", english, within)
        with self.page.expect_navigation():
            link.click()

    def fetch(self, english: str) -> bytes:
        """The file behind a link with these words, as the browser's own viewer would get it."""
        answer = self.page.request.get(self.url + str(self.named("link", english).get_attribute("href")))
        assert answer.ok, answer.status
        return answer.body()

    def press(self, english: str, within: str = "main") -> None:
        """Press a button with these words; the page that follows is awaited."""
        button = self.named("button", english, within)
        with self.page.expect_navigation():
            button.click()

    def named(self, role: Any, english: str, within: str = "body") -> Locator:
        exactly = re.compile(rf"^\s*{re.escape(self.say(english))}\s*$")
        return self.page.locator(within).get_by_role(role, name=exactly).first

    def fill(self, **values: object) -> None:
        """Fill in fields by their name: text is typed, a choice is chosen, a flag is ticked."""
        for name, value in values.items():
            fields = self.page.locator(f"main [name='{name}']:not([type=hidden])")
            kind = fields.first.evaluate("one => one.tagName === 'SELECT' ? 'select' : one.type")
            if kind == "select":
                fields.first.select_option(str(value))
            elif kind == "radio":
                fields.locator(f"xpath=self::*[@value='{value}']").check()
            elif kind == "checkbox" and isinstance(value, bool):
                fields.first.set_checked(value)
            elif kind == "checkbox":
                fields.locator(f"xpath=self::*[@value='{value}']").check()
            else:
                fields.first.fill(str(value))

    def record(self, **values: object) -> None:
        """Fill in the page's form and send it; it must be accepted."""
        self.fill(**values)
        with self.page.expect_navigation():
            self.page.locator("main form.form button.is-primary").first.click()
        wrong = self.page.locator("main .form-error, main .error")
        assert wrong.count() == 0, wrong.all_inner_texts()
        assert self.page.locator(".flash.is-done").count() == 1, self.read()

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.url).partition("?")[0]

    @property
    def named_last(self) -> str:
        """The last part of the address: the code of what the page is about."""
        return self.path.rpartition("/")[2]

    # ---- scanning -----------------------------------------------------------------------------------------

    def stand_at_the_station(self) -> None:
        self.go("/bench")
        self.press("I am here")

    def scan(self, *texts: str) -> None:
        """All keys of a scan in one go; the board that answers is awaited."""
        for text in texts:
            with self.board_changes():
                self.page.evaluate(PRESS, [text, PERSIAN if self.locale == "fa" else {}])

    def scan_at_once(self, *texts: str) -> None:
        """Scans one after the other without waiting for any answer."""
        for text in texts:
            self.page.evaluate(PRESS, [text, PERSIAN if self.locale == "fa" else {}])

    @contextmanager
    def board_changes(self) -> Iterator[None]:
        """Wait until the board is another one: each carries keys of its own."""
        key = self.page.locator("#bench-board [name=key]").first.get_attribute("value")
        yield
        self.page.locator(f"#bench-board [name=key][value='{key}']").wait_for(state="detached")

    @property
    def board(self) -> str:
        return self.read("#bench-board .bench-panel")
