"""On the build server a test that must run may not be skipped."""

import pytest

pytest_plugins = ["pytester"]

SAMPLE = """
    import pytest

    @pytest.mark.browser
    def test_page():
        pytest.skip("no Chromium")

    @pytest.mark.skip(reason="no server")
    @pytest.mark.postgres
    def test_database():
        pass

    @pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
    def test_on_each(dialect):
        pytest.skip("neither today")

    def test_other():
        pytest.skip("not on this machine")
"""


@pytest.fixture
def run(pytester, monkeypatch):
    def _run(ci):
        monkeypatch.setenv("CI", ci)
        pytester.makeini("[pytest]\nmarkers =\n    browser: x\n    postgres: x\n")
        pytester.makepyfile(SAMPLE)
        return pytester.runpytest_inprocess("-p", "tests.no_skips", "-p", "no:playwright")

    return _run


def test_where_ci_is_true_a_skipped_browser_or_postgresql_test_fails(run):
    result = run("true")

    outcomes = result.parseoutcomes()
    assert outcomes.get("failed", 0) + outcomes.get("errors", 0) == 3
    assert outcomes["skipped"] == 2
    result.stdout.fnmatch_lines(["*A browser test must not be skipped*no Chromium*"])


def test_on_a_developers_machine_they_are_skipped(run):
    run("").assert_outcomes(skipped=5)
