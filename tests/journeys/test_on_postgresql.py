"""The same pages on PostgreSQL: signing in, scanning, moving."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from cellbank.toolkit.scanning.actions import Action, action_code
from tests import postgres
from tests.domains.vials.stock import some_stock
from tests.journeys.hands import Hands
from tests.journeys.served import Bank, served

pytestmark = [pytest.mark.browser, pytest.mark.postgres]


@pytest.fixture(scope="module")
def bank(
    cluster: postgres.Cluster, postgresql_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bank]:
    """A served bank in PostgreSQL."""
    url = cluster.create("bank_of_journeys", template=postgresql_template)
    with served(url, Path(tmp_path_factory.mktemp("bank"))) as made:
        yield made
    cluster.drop("bank_of_journeys")


def test_sign_in_scan_and_move(chromium: Browser, bank: Bank) -> None:
    stock = some_stock(2)
    alice = Hands(chromium, bank.url, "fa").sign_in("alice")
    alice.stand_at_the_station()
    alice.scan(action_code(Action.MOVE), bank.places.nitrogen, *stock.codes)
    assert "A2" in alice.board
    alice.go(f"/scan?q={stock.codes[1]}")
    assert "A2" in alice.read("#where")
    assert alice.say("Move") in alice.read("#story")
    assert alice.complaints == []
    alice.close()
