"""A pytest plugin: on the build server a skipped browser or PostgreSQL test is a failure.

On a developer's machine without Chromium such a test is skipped; if that were allowed where changes are
judged, the test would protect nothing. Loaded by conftest.py.
"""

import os
from collections.abc import Generator

import pytest

MUST_RUN = ("browser", "postgres", "wheel")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a test that must run into a failure."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        marker = _must_run_as(item)
        if marker:
            why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            report.outcome = "failed"
            report.longrepr = f"A {marker} test must not be skipped where CI=true. {why}"
    return report


def _must_run_as(item: pytest.Item) -> str | None:
    """The kind of test that may not be skipped; a test run on each database says so by its parameter."""
    if "postgresql" in getattr(getattr(item, "callspec", None), "params", {}).values():
        return "postgres"
    return next((name for name in MUST_RUN if item.get_closest_marker(name)), None)
