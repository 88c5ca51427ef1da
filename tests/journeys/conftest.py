"""One browser and one served bank for each module of stories."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.hands import Hands
from tests.journeys.served import Bank, served

CHROMIUM = shutil.which("chromium")
Person = Callable[..., Hands]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium where there is one, else the one that playwright brought.

    One for a module: playwright cannot be started a second time while another test still has it.
    """
    with sync_playwright() as player:
        opened = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def bank(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """A served bank in SQLite, for one module."""
    home = tmp_path_factory.mktemp("bank")
    shutil.copy(sqlite_template, home / "bank.db")
    with served(f"sqlite:///{home / 'bank.db'}", home) as made:
        yield made


@pytest.fixture(scope="module")
def person(chromium: Browser, bank: Bank) -> Iterator[Person]:
    """Somebody signed in, in a language; the same hands again when asked again."""
    known: dict[tuple[str, str, str, int], Hands] = {}
    seen_last: dict[str, tuple[str, str, str, int]] = {}

    def signed_in(name: str, locale: str = "en", theme: str = "light", width: int = 1280) -> Hands:
        whom = (name, locale, theme, width)
        if whom not in known:
            known[whom] = Hands(chromium, bank.url, locale, theme, width).sign_in(name)
        elif seen_last.get(name) != whom:  # language and light go with the person, not with the browser
            known[whom].prefer(locale=locale)
            known[whom].prefer(theme=theme)
        seen_last[name] = whom
        return known[whom]

    yield signed_in
    for hands in known.values():
        hands.close()
