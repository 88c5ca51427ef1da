"""Passwords: what is asked of them, and how they are kept (Argon2id) and checked.

Length is what counts (NIST SP 800-63B rev. 4, 3.1.1.2): at least 15 characters where nothing else is asked, no rules
about digits or signs, no regular change, pasting allowed.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from functools import lru_cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from cellbank.core.errors import Invalid

LEAST_CHARACTERS: Final = 15
MOST_CHARACTERS: Final = 256
LEAST_DIFFERENT: Final = 5

# OWASP's second choice for Argon2id: 19 MiB, two passes, one lane; about 20 ms, so that a shift can sign in at once.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Each running hash holds 19 MiB: a crowd at the door waits its turn instead of filling the memory.
_AT_ONCE: Final = threading.BoundedSemaphore(4)

_RUNS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "passwordpassword",
)
_WORD_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"


def check_policy(password: str, *, user_name: str) -> None:
    """Refuse a password that is too short or easy to guess.

    :raises Invalid: says what to do instead
    """
    plain = normal(password)
    if len(plain) < LEAST_CHARACTERS:
        raise Invalid(
            "A password needs at least {n} characters. Four or five words make a good one.",
            field="password",
            n=LEAST_CHARACTERS,
        )
    if len(plain) > MOST_CHARACTERS:
        raise Invalid("A password has at most {n} characters.", field="password", n=MOST_CHARACTERS)
    lower = plain.lower()
    is_run = any(lower in run * 2 or lower in (run * 2)[::-1] for run in _RUNS)
    if is_run or len(set(lower)) < LEAST_DIFFERENT or not lower.replace(user_name, ""):
        raise Invalid("This password is easy to guess. Take another one.", field="password")


def normal(password: str) -> str:
    """The same password whichever keyboard typed it (Unicode NFC)."""
    return unicodedata.normalize("NFC", password)


def hashed(password: str) -> str:
    """The Argon2id hash that is kept instead of the password."""
    with _AT_ONCE:
        return _HASHER.hash(normal(password))


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; without a hash the same work is done for nothing, so that time tells nothing."""
    with _AT_ONCE:
        try:
            _HASHER.verify(password_hash or _dummy(), normal(password)[: MOST_CHARACTERS * 4])
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether it was hashed with weaker settings than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def one_time_password() -> str:
    """A password that is said or written down once: five groups of four characters, 98 bits."""
    return "-".join("".join(secrets.choice(_WORD_LETTERS) for _ in range(4)) for _ in range(5))


@lru_cache(maxsize=1)
def _dummy() -> str:
    return _HASHER.hash(secrets.token_hex(16))
