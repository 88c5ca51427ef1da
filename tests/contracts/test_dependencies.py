"""What the program imports is what it asks pip for, and each thing it asks for has its reason in DECISIONS.md."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]

# Part of what another one promises: Flask hands out Werkzeug's and Jinja's objects, pydantic its annotations.
COME_ALONG = {"werkzeug": "flask", "jinja2": "flask", "markupsafe": "flask", "annotated-types": "pydantic"}


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def named(requirements):
    return {plain(re.match(r"[\w.-]+", requirement)[0]) for requirement in requirements} - {"cellbank"}


DECLARED = named(PROJECT["dependencies"]) | named(PROJECT["optional-dependencies"]["postgres"])


def imported_packages():
    for path in [*(REPOSITORY / "cellbank").rglob("*.py"), *(REPOSITORY / "migrations").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0]


def test_every_imported_package_is_asked_for():
    owners = packages_distributions()
    asked = set()
    for package in set(imported_packages()) - set(sys.stdlib_module_names) - {"cellbank"}:
        distributions = {plain(name) for name in owners.get(package, [package])}
        if not distributions & (DECLARED | {name for name, host in COME_ALONG.items() if host in DECLARED}):
            asked |= distributions

    assert asked == set(), "imported, but not among the dependencies of pyproject.toml"


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_every_dependency_has_its_reason(name):
    told = (REPOSITORY / "DECISIONS.md").read_text("utf-8").lower()

    assert re.search(rf"^\|[^|]*\b{re.escape(name)}\b[^|]*\|", told, re.MULTILINE)


def test_every_dependency_ends_before_a_breaking_release_or_is_numbered_by_the_year():
    by_year = {"argon2-cffi", "gunicorn", "pillow"}  # their first number changes without breaking anybody

    for requirement in PROJECT["dependencies"]:
        name = next(iter(named([requirement])))
        assert "<" in requirement or name in by_year, requirement
