"""What each role may do: the matrix from roles to permissions, and which roles go together.

The bank's own rule stands behind the columns: whoever makes a bank does not release it, and whoever keeps the
accounts touches neither cells nor verdicts (EU GMP Annex 11, 12; 21 CFR 11.10(d), (g)).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from cellbank.core.errors import Message
from cellbank.domains.accounts.models import Role

SELF = "accounts.self"
"""What everybody may do about their own account: sign in and out, change the password, keep own tokens."""

SIGN_IN = "accounts.sign_in"
"""The program's own: noting that somebody failed to sign in."""

READS = frozenset(
    {
        "storage.read",
        "donors.read",
        "lines.read",
        "banks.read",
        "vials.read",
        "quality.read",
        "printing.read",
        "materials.read",
        "equipment.read",
        "audit.read",
    }
)

_BENCH = frozenset(
    {
        "bench.use",
        "vials.move",
        "vials.take_out",
        "vials.thaw",
        "vials.receive",
        "banks.fill",
        "banks.freeze",
        "lines.culture",
        "printing.print",
    }
)

_QUALITY = READS | {
    "quality.hold",
    "quality.release",
    "quality.reject",
    "vials.correct",
    "printing.print",
    "audit.read_all",
    "accounts.read",
}

_MANAGER = (
    READS
    | _BENCH
    | {
        "storage.manage",
        "storage.block",
        "donors.manage",
        "lines.manage",
        "banks.plan",
        "vials.correct",
        "vials.transfer",
        "vials.thaw_last",
        "materials.manage",
        "equipment.manage",
        "audit.read_all",
        "accounts.read",
    }
)

MATRIX: dict[Role, frozenset[str]] = {
    Role.TECHNICIAN: READS | _BENCH | {"storage.block"},
    Role.QUALITY: _QUALITY,
    Role.MANAGER: _MANAGER,
    Role.ADMINISTRATOR: frozenset(
        {
            "accounts.read",
            "accounts.manage",
            "printing.read",
            "printing.manage",
            "settings.manage",
            "audit.read",
        }
    ),
    Role.RESPONSIBLE_PERSON: _QUALITY | {"quality.release_clinical"},
    Role.INSPECTOR: READS | {"audit.read_all", "accounts.read"},
    Role.DEPOSITOR: frozenset(
        {
            "donors.read",
            "lines.read",
            "banks.read",
            "vials.read",
            "quality.read",
            "vials.request",
            "audit.read",
            "accounts.read",
        }
    ),
    Role.VIEWER: READS,
}

DEVICE_PERMISSIONS = frozenset(
    {
        "storage.read",
        "vials.read",
        "banks.read",
        "lines.read",
        "printing.read",
        "printing.print",
        "equipment.read",
    }
)
"""The most that a machine's token may do: it reads and prints, it never acts on cells."""

ROLE_NAMES = {
    Role.TECHNICIAN: Message("Technician"),
    Role.QUALITY: Message("Quality"),
    Role.MANAGER: Message("Bank manager"),
    Role.ADMINISTRATOR: Message("Administrator"),
    Role.RESPONSIBLE_PERSON: Message("Responsible person"),
    Role.INSPECTOR: Message("Inspector"),
    Role.DEPOSITOR: Message("Depositor"),
    Role.VIEWER: Message("Viewer"),
}

ROLE_MEANINGS = {
    Role.TECHNICIAN: Message("Works at the bench: cultures, fills, freezes, stores, takes out and thaws."),
    Role.QUALITY: Message("Reviews everything; holds, releases, rejects and corrects."),
    Role.MANAGER: Message("Runs the bank: storage, donors, lines, plans of banks, transfers of ownership."),
    Role.ADMINISTRATOR: Message("Keeps the accounts and printers; never touches cells."),
    Role.RESPONSIBLE_PERSON: Message("Quality, and alone signs a release for clinical use."),
    Role.INSPECTOR: Message("Reads everything for a limited time; changes nothing."),
    Role.DEPOSITOR: Message("Sees the material of their own organisation and asks for vials."),
    Role.VIEWER: Message("Reads; changes nothing."),
}

ONLY_OF_THE_BANK = frozenset(Role) - {Role.DEPOSITOR, Role.VIEWER}

# An administrator could give themselves any role and act on cells under it, and nobody would have agreed to that.
APART = (
    frozenset({Role.ADMINISTRATOR, Role.TECHNICIAN}),
    frozenset({Role.ADMINISTRATOR, Role.QUALITY}),
    frozenset({Role.ADMINISTRATOR, Role.MANAGER}),
    frozenset({Role.ADMINISTRATOR, Role.RESPONSIBLE_PERSON}),
    # Whoever makes a bank does not judge it.
    frozenset({Role.MANAGER, Role.QUALITY}),
    frozenset({Role.MANAGER, Role.RESPONSIBLE_PERSON}),
    frozenset({Role.TECHNICIAN, Role.QUALITY}),
    frozenset({Role.TECHNICIAN, Role.RESPONSIBLE_PERSON}),
)


def permissions_of(roles: Iterable[Role]) -> frozenset[str]:
    """Everything that a person with these roles may do, their own account included."""
    return frozenset({SELF}).union(*(MATRIX[role] for role in roles))


def every_permission() -> frozenset[str]:
    """Every permission that some role gives."""
    return permissions_of(Role)


def kept_apart(new: Role, others: Collection[Role]) -> Role | None:
    """The role among ``others`` that nobody may have together with ``new``, if there is one."""
    for other in others:
        if other != new and (Role.INSPECTOR in (new, other) or frozenset({new, other}) in APART):
            return other
    return None
