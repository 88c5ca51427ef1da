"""What tests of signing in ask for."""

from datetime import timedelta

import pytest

from cellbank.core import clock
from tests.domains.accounts.browser import Browser
from tests.domains.accounts.people import give_password


class Hands:
    """The hands of a clock that stands still until a test moves it."""

    def __init__(self, frozen):
        self._frozen = frozen

    def forward(self, **span):
        self._frozen.advance(timedelta(**span))


@pytest.fixture
def moved_clock(cast):
    """A clock that stands still until the test moves it."""
    with clock.frozen_at(clock.now()) as frozen:
        yield Hands(frozen)


@pytest.fixture
def alice_with_password(cast):
    """Alice, who can sign in."""
    give_password(cast.alice)
    return cast.alice


@pytest.fixture
def app(database, cast, tmp_path):
    """The application on the test's bank."""
    from cellbank.core.settings import Settings
    from cellbank.entrypoints.web import create_app

    url = database.url.render_as_string(hide_password=False)
    made = create_app(Settings(home=tmp_path, database_url=url), check=False)
    made.testing = True
    yield made
    made.extensions["cellbank.database"].close()


@pytest.fixture
def visitor(app):
    """A browser in which nobody is signed in."""
    return Browser(app)
