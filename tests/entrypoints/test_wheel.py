"""The wheel, installed alone, serves the bank from an empty folder: no checkout, no node, no settings."""

import shutil
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.wheel

REPOSITORY = Path(__file__).resolve().parents[2]


def run(*command, **options):
    done = subprocess.run(
        [str(part) for part in command], check=False, capture_output=True, text=True, timeout=600, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pip_install(python, *what):
    uv = shutil.which("uv")
    if uv:
        run(uv, "pip", "install", "-q", "--python", python, *what)
    else:
        run(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *what)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build from the checkout as pip would; the front-end files come along."""
    folder = tmp_path_factory.mktemp("wheel")
    uv = shutil.which("uv")
    if uv:
        run(uv, "build", "-q", "--wheel", "--out-dir", folder, REPOSITORY)
    else:
        run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, REPOSITORY)
    (built,) = folder.glob("cellbank-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A virtual environment that holds the wheel and what it asks for, nothing else."""
    environment = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "venv", environment)
    pip_install(environment / "bin" / "python", wheel)
    return environment / "bin"


@pytest.fixture
def empty_place(tmp_path):
    """An empty folder to stand in, an empty home, and an environment without a trace of the checkout."""
    (tmp_path / "home").mkdir()
    (tmp_path / "here").mkdir()
    return {
        "cwd": tmp_path / "here",
        "env": {"HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
    }


def test_the_wheel_carries_the_files_that_no_python_module_holds(wheel):
    names = zipfile.ZipFile(wheel).namelist()

    for wanted in (
        "cellbank/_data/migrations/env.py",
        "cellbank/toolkit/html/static/vendor/htmx.min.js",
        "cellbank/toolkit/html/static/vendor/LICENSE-htmx.txt",
        "cellbank/toolkit/html/static/vendor/vazirmatn.woff2",
        "cellbank/toolkit/html/static/vendor/Vazirmatn-Regular.ttf",
    ):
        assert wanted in names
    for pattern in ("cellbank/_data/labels/stocks/", "cellbank/_data/labels/templates/"):
        assert any(name.startswith(pattern) and name.endswith(".toml") for name in names), pattern
    assert any(name.endswith("/messages/fa.po") for name in names)


def test_the_wheel_carries_every_file_of_the_package_that_git_knows(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    known = run("git", "ls-files", "cellbank", cwd=REPOSITORY).splitlines()

    assert [name for name in known if name not in names and (REPOSITORY / name).is_file()] == []


def test_the_wheel_carries_no_tests_and_no_secrets(wheel):
    for name in zipfile.ZipFile(wheel).namelist():
        assert name.startswith(("cellbank/", "cellbank-")), name
        assert not name.endswith((".pyc", ".db", ".env")), name


def test_the_installed_program_knows_its_version(installed, empty_place):
    assert run(installed / "cellbank", "version", **empty_place).startswith("cellbank 0.")


def test_a_misspelt_setting_ends_the_start_with_one_line(installed, empty_place):
    empty_place["env"]["CELLBANK_PROT"] = "1"

    done = subprocess.run(
        [installed / "cellbank", "serve"], capture_output=True, text=True, check=False, **empty_place
    )

    assert done.returncode == 2
    assert done.stderr == "cellbank: Unknown setting CELLBANK_PROT; did you mean CELLBANK_PORT?\n"


def test_from_an_empty_folder_with_an_empty_home_it_serves_and_stops(installed, empty_place):
    log = empty_place["cwd"].parent / "log"
    with log.open("w") as errors:
        server = subprocess.Popen(
            [installed / "cellbank", "serve", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            **empty_place,
        )
    try:
        line = server.stdout.readline()
        assert line.startswith("cellbank serves http://127.0.0.1:"), log.read_text()

        with urllib.request.urlopen(line.split()[-1] + "/livez", timeout=30) as answer:
            assert answer.status == 200

        server.terminate()
        assert server.wait(timeout=60) == 0
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
    assert (Path(empty_place["env"]["HOME"]) / ".local/share/cellbank/cellbank.db").stat().st_size > 0
    assert list(empty_place["cwd"].iterdir()) == []
