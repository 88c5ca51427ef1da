"""What tests of signing in ask for."""

from datetime import timedelta

import pytest

from cellbank.core import clock
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
