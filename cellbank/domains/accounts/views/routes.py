"""The register of this domain's pages, and the words that several of them say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cellbank.core.actor import OrganisationKind
from cellbank.core.errors import Message
from cellbank.domains.accounts.models import Calendar, Language, Role
from cellbank.domains.accounts.roles import ROLE_NAMES
from cellbank.toolkit.html import words
from cellbank.toolkit.html.pages import MenuItem, Pages

pages = Pages("accounts")

MENU = (MenuItem("People", "accounts.people", "people", "accounts.read", 90),)

KINDS = {
    OrganisationKind.BANK: Message("The bank"),
    OrganisationKind.COMPANY: Message("Company"),
    OrganisationKind.HOSPITAL: Message("Hospital"),
    OrganisationKind.RESEARCH: Message("Research institute"),
}
LANGUAGES = {Language.FA: Message("Persian"), Language.EN: Message("English")}
CALENDARS = {Calendar.JALALI: Message("Jalali"), Calendar.GREGORIAN: Message("Gregorian")}


def role_words(roles: Iterable[Role | str]) -> str:
    """Roles in the reader's language, as one line."""
    comma = "، " if words.locale() == "fa" else ", "
    return comma.join(words.text_of(ROLE_NAMES[Role(role)].id) for role in roles if role in frozenset(Role))


def role_choices(roles: Iterable[Role]) -> list[tuple[str, str]]:
    """Roles to choose from: value and name."""
    return choices({role: ROLE_NAMES[role] for role in roles})


def choices(named: Mapping[Any, Message]) -> list[tuple[str, str]]:
    """Words to choose from: value and name in the reader's language."""
    return [(str(word.value), words.text_of(name.id)) for word, name in named.items()]


def printed(name: str, name_fa: str | None) -> str:
    """A name in the reader's script, where it has one."""
    return name_fa if name_fa and words.locale() == "fa" else name
