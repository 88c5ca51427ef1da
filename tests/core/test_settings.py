"""Settings are read once, checked, and a mistake is told in one line."""

import dataclasses
import re
from pathlib import Path

import pytest

from cellbank.core.errors import StartUpError
from cellbank.core.settings import Settings, settings_table

README = Path(__file__).resolve().parents[2] / "README.md"


def read(**variables):
    return Settings.from_env({f"CELLBANK_{name}": value for name, value in variables.items()})


def test_without_any_variable_the_bank_is_an_sqlite_file_in_the_home_folder():
    settings = Settings.from_env({"PATH": "/bin"})

    assert settings.home == Path("~/.local/share/cellbank").expanduser()
    assert settings.database == f"sqlite:///{settings.home}/cellbank.db"
    assert settings.sqlite_file == settings.home / "cellbank.db"
    assert settings.migration_database == settings.database


def test_variables_are_read_with_their_types(tmp_path):
    settings = read(HOME=str(tmp_path), PORT="8123", SECURE_COOKIES="yes", TEMPLATES=str(tmp_path))

    assert (settings.home, settings.port, settings.secure_cookies) == (tmp_path, 8123, True)
    assert settings.templates == tmp_path


def test_an_empty_variable_counts_as_not_set():
    assert read(PORT="", DATABASE_URL=" ").port == 8000


def test_an_owner_database_is_used_for_migrations_only():
    settings = read(DATABASE_URL="postgresql://bank@db/bank", OWNER_URL="postgresql://owner@db/bank")

    assert settings.database == "postgresql://bank@db/bank"
    assert settings.migration_database == "postgresql://owner@db/bank"
    assert settings.sqlite_file is None
    assert not settings.is_sqlite


def test_a_misspelt_variable_is_told_with_the_nearest_name():
    with pytest.raises(StartUpError, match=r"^Unknown setting CELLBANK_PROT; did you mean CELLBANK_PORT\?$"):
        read(PROT="8000")


def test_an_unknown_variable_with_no_near_name_is_told_alone():
    with pytest.raises(StartUpError, match=r"^Unknown setting CELLBANK_QQQQQQQQQQQQ\.$"):
        read(QQQQQQQQQQQQ="1")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("THREADS", "0"),
        ("DEFAULT_LANGUAGE", "de"),
        ("DEFAULT_CALENDAR", "lunar"),
        ("SITE_ZONE", "Asia/Teheran-West"),
        ("SITE_ZONE", "../etc/passwd"),
        ("BANK_LETTER", "cb"),
        ("BANK_LETTER", "ب"),
        ("SECURE_COOKIES", "maybe"),
        ("TEMPLATES", "/no/such/folder"),
        ("WORKERS", "2"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_in_one_line_that_names_the_variable(variable, value):
    with pytest.raises(StartUpError) as told:
        read(**{variable: value})

    assert f"CELLBANK_{variable}" in str(told.value)
    assert "\n" not in str(told.value)


def test_several_processes_are_allowed_on_postgresql():
    assert read(DATABASE_URL="postgresql://bank@db/bank", WORKERS="4").workers == 4


def test_settings_cannot_be_changed_while_the_program_runs():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().port = 9  # type: ignore[misc]


def test_a_log_never_shows_the_database_password():
    assert "hunter2" not in repr(read(DATABASE_URL="postgresql://bank:hunter2@db/bank"))


def test_every_setting_says_what_it_means():
    for variable, _, means in settings_table():
        assert means.endswith("."), variable


def test_the_readme_shows_every_setting():
    shown = re.findall(
        r"^\| `(CELLBANK_\w+)` \| (?:`(.*?)`)? ?\| (.*) \|$", README.read_text("utf-8"), re.MULTILINE
    )

    assert shown == settings_table()
