"""The application and browsers, as the tests of signing in have them."""

from __future__ import annotations

import pytest

from tests.domains.accounts.browser import Browser
from tests.domains.accounts.conftest import app, visitor
from tests.domains.accounts.people import give_password

__all__ = ["app", "browse", "visitor"]


@pytest.fixture
def browse(app, cast):
    """A function that signs somebody of the cast in and gives their browser."""

    def sign_in(user_name):
        give_password(getattr(cast, user_name))
        browser = Browser(app)
        browser.sign_in(user_name)
        return browser

    return sign_in
