"""Stories at a station with a scanner: what is refused, what is not lost, and what nobody learns."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cellbank.core import work
from cellbank.core.actor import BANK_ID
from cellbank.domains.accounts import sign_in
from cellbank.toolkit.scanning.actions import Action, action_code
from tests.domains.vials.stock import stored_vials
from tests.journeys.conftest import Person
from tests.journeys.hands import Hands
from tests.journeys.served import Bank

pytestmark = pytest.mark.browser
