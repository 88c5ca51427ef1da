"""What a site sets once: read from the environment at start, checked, never changed while it runs."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import make_url

from cellbank.core.errors import StartUpError

PREFIX = "CELLBANK_"
LANGUAGES = ("fa", "en")
CALENDARS = ("jalali", "gregorian")
TRUE_WORDS = ("1", "true", "yes", "on")
FALSE_WORDS = ("0", "false", "no", "off")


def _setting(
    default: Any,
    means: str,
    *,
    least: int | None = None,
    most: int | None = None,
    one_of: tuple[str, ...] = (),
    secret: bool = False,
) -> Any:
    """One setting: its default, what it means, which values are accepted (limits are inclusive).

    A secret one is left out of repr(), so that no log shows a password.
    """
    metadata = {"means": means, "least": least, "most": most, "one_of": one_of}
    return dataclasses.field(default=default, repr=not secret, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The site's settings; the field `port` is read from the variable CELLBANK_PORT, and so on."""

    home: Path = _setting(Path("~/.local/share/cellbank"), "Folder that holds the bank's data.")
    database_url: str = _setting(
        "", "Database address; empty means an SQLite file `cellbank.db` in the data folder.", secret=True
    )
    owner_url: str = _setting(
        "",
        "Database address of the owner role, used for migrations only; empty means CELLBANK_DATABASE_URL.",
        secret=True,
    )
    host: str = _setting("127.0.0.1", "Network address to listen on.")
    port: int = _setting(8000, "TCP port to listen on; 0 takes any free one.", least=0, most=65_535)
    workers: int = _setting(1, "Server processes; more than one needs PostgreSQL.", least=1, most=64)
    threads: int = _setting(8, "Threads in each server process.", least=1, most=128)
    session_idle_minutes: int = _setting(
        30, "Minutes without a click after which a person must sign in again.", least=1, most=1_440
    )
    session_hours: int = _setting(
        12, "Hours after which a person must sign in again in any case.", least=1, most=72
    )
    max_vials_per_lot: int = _setting(500, "Most vials that one fill lot may have.", least=1, most=10_000)
    default_language: str = _setting("fa", "Language of a visitor who chose none.", one_of=LANGUAGES)
    default_calendar: str = _setting("jalali", "Calendar of a visitor who chose none.", one_of=CALENDARS)
    site_zone: str = _setting("Asia/Tehran", "Time zone of the site (IANA name); times are stored in UTC.")
    bank_letter: str = _setting("C", "First letter of every printed code; one capital letter A-Z.")
    late_entry_minutes: int = _setting(
        60,
        "An act entered later than this many minutes after it happened needs a reason.",
        least=0,
        most=10_080,
    )
    secure_cookies: bool = _setting(
        False, "Send cookies over HTTPS only; set it when the bank is reached through HTTPS."
    )
    trusted_proxy: str = _setting(
        "", "Address of the reverse proxy whose word on a visitor's address is taken; empty means none."
    )
    bench_context_minutes: int = _setting(
        15, "Minutes that the scan station remembers the box or vial scanned last.", least=1, most=480
    )
    templates: Path | None = _setting(None, "Folder whose page templates replace those of the program.")

    def __post_init__(self) -> None:
        """Check the values that no range describes; the data folder becomes absolute."""
        object.__setattr__(self, "home", self.home.expanduser().absolute())
        if self.templates is not None:
            object.__setattr__(self, "templates", self.templates.expanduser().absolute())
        for field in dataclasses.fields(self):
            _check(field, getattr(self, field.name))
        if not (len(self.bank_letter) == 1 and "A" <= self.bank_letter <= "Z"):
            raise StartUpError(
                f"{PREFIX}BANK_LETTER must be one capital letter A-Z, not {self.bank_letter!r}."
            )
        if self.templates is not None and not self.templates.is_dir():
            raise StartUpError(f"{PREFIX}TEMPLATES: there is no folder {self.templates}.")
        try:
            ZoneInfo(self.site_zone)
        except (KeyError, ValueError, OSError):
            raise StartUpError(
                f"{PREFIX}SITE_ZONE: {self.site_zone!r} is not a time zone; write for example Asia/Tehran."
            ) from None
        if self.workers > 1 and self.is_sqlite:
            raise StartUpError(
                f"{PREFIX}WORKERS={self.workers} needs PostgreSQL; an SQLite bank is served by one process."
            )

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read every CELLBANK_… variable of `environ`; an empty one counts as not set.

        :raises StartUpError: a variable is unknown or its value cannot be used; the text says which and why.
        """
        fields = {PREFIX + field.name.upper(): field for field in dataclasses.fields(cls)}
        values: dict[str, Any] = {}
        for variable in sorted(name for name in environ if name.startswith(PREFIX)):
            if variable not in fields:
                raise StartUpError(_unknown(variable, list(fields)))
            if environ[variable].strip():
                values[fields[variable].name] = _read(fields[variable], variable, environ[variable].strip())
        return cls(**values)

    @property
    def database(self) -> str:
        """The address of the bank's database, also when none was set."""
        return self.database_url or f"sqlite:///{self.home / 'cellbank.db'}"

    @property
    def migration_database(self) -> str:
        """The address that migrations use: the owner's, else the bank's own."""
        return self.owner_url or self.database

    @property
    def serving_role(self) -> str | None:
        """The database role that serves, where it is another than the owner (PostgreSQL); else None."""
        if not self.owner_url or self.is_sqlite:
            return None
        serving, owner = make_url(self.database).username, make_url(self.owner_url).username
        return serving if serving != owner else None

    @property
    def is_sqlite(self) -> bool:
        """True when the bank lives in an SQLite file, false for PostgreSQL."""
        return self.database.partition(":")[0].partition("+")[0] == "sqlite"

    @property
    def sqlite_file(self) -> Path | None:
        """The SQLite file; None for PostgreSQL and for a bank that lives in memory only."""
        _, _, path = self.database.partition(":///")
        path = path.partition("?")[0]
        return Path(path) if self.is_sqlite and path and path != ":memory:" else None


def settings_table() -> list[tuple[str, str, str]]:
    """Every setting as (variable, default, meaning), in the order of the class; the README shows it."""
    rows = []
    for field in dataclasses.fields(Settings):
        default = "" if field.default in (None, "") else str(field.default)
        if isinstance(field.default, bool):
            default = "yes" if field.default else "no"
        rows.append((PREFIX + field.name.upper(), default, field.metadata["means"]))
    return rows


def _unknown(variable: str, known: list[str]) -> str:
    """The one line that tells of a misspelt variable, with the nearest real one where there is one."""
    nearest = difflib.get_close_matches(variable, known, n=1)
    hint = f"; did you mean {nearest[0]}?" if nearest else "."
    return f"Unknown setting {variable}{hint}"


def _read(field: dataclasses.Field[Any], variable: str, text: str) -> str | int | bool | Path:
    """Turn a variable's text into the field's type (annotations are strings here)."""
    if "Path" in str(field.type):
        return Path(text)
    if field.type == "int":
        try:
            return int(text)
        except ValueError:
            raise StartUpError(f"{variable} must be a whole number, not {text!r}.") from None
    if field.type == "bool":
        if text.lower() not in TRUE_WORDS + FALSE_WORDS:
            raise StartUpError(f"{variable} must be yes or no, not {text!r}.")
        return text.lower() in TRUE_WORDS
    return text


def _check(field: dataclasses.Field[Any], value: Any) -> None:
    """Refuse a value outside the field's range or list."""
    variable = PREFIX + field.name.upper()
    least, most, one_of = (field.metadata[key] for key in ("least", "most", "one_of"))
    if one_of and value not in one_of:
        raise StartUpError(f"{variable} must be one of {', '.join(one_of)}, not {value!r}.")
    if least is not None and not least <= value <= most:
        raise StartUpError(f"{variable} must be between {least} and {most}, not {value}.")
