"""Building brings in exactly the front-end files that the lock names, and does so only when it must."""

import json
import re
import subprocess
from pathlib import Path

import pytest

import hatch_build

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture
def checkout(tmp_path):
    for name in hatch_build.NPM_INPUTS:
        (tmp_path / name).write_bytes((REPOSITORY / name).read_bytes())
    return tmp_path


@pytest.fixture
def node_modules(tmp_path):
    modules = tmp_path / "node_modules"
    for source in hatch_build.VENDOR_FILES:
        (modules / source).parent.mkdir(parents=True, exist_ok=True)
        (modules / source).write_text(source)
    return modules


def copy(checkout, modules):
    hatch_build.copy_vendor_files(modules, checkout / hatch_build.VENDOR, hatch_build.wanted_stamp(checkout))


def test_only_the_listed_files_are_copied(checkout, node_modules):
    (node_modules / "htmx.org/dist/surprise.js").write_text("x")
    copy(checkout, node_modules)

    names = {path.name for path in (checkout / hatch_build.VENDOR).iterdir()}
    assert names == {*hatch_build.VENDOR_FILES.values(), hatch_build.STAMP}


def test_files_copied_for_this_lock_need_no_npm_and_no_network(checkout, node_modules, monkeypatch):
    copy(checkout, node_modules)
    monkeypatch.setattr(hatch_build, "npm_command", lambda: pytest.fail("npm was asked"))

    assert not hatch_build.fetch_vendor_files(checkout)


def test_a_changed_lock_or_a_lost_file_makes_them_stale(checkout, node_modules):
    copy(checkout, node_modules)
    assert hatch_build.vendor_is_current(checkout)

    (checkout / hatch_build.VENDOR / "htmx.min.js").unlink()
    assert not hatch_build.vendor_is_current(checkout)

    copy(checkout, node_modules)
    lock = checkout / "package-lock.json"
    lock.write_text(lock.read_text() + "\n")
    assert not hatch_build.vendor_is_current(checkout)


def test_a_package_that_lost_a_listed_file_stops_the_build(checkout, node_modules):
    (node_modules / "vazirmatn/OFL.txt").unlink()

    with pytest.raises(SystemExit, match="vazirmatn/OFL"):
        copy(checkout, node_modules)


def test_an_npm_that_fails_stops_the_build(checkout, monkeypatch):
    monkeypatch.setattr(hatch_build, "npm_command", lambda: ["false"])

    with pytest.raises(SystemExit, match="npm could not install"):
        hatch_build.fetch_vendor_files(checkout)
    assert not hatch_build.vendor_is_current(checkout)


def test_the_lock_names_checksums_and_no_hosts():
    text = (REPOSITORY / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]

    assert not re.search(r"https?:", text)
    assert all("integrity" in package for name, package in packages.items() if name)


def test_every_front_end_package_has_its_licence_beside_it():
    packages = set(json.loads((REPOSITORY / "package.json").read_text())["dependencies"])
    licensed = {
        package
        for package in packages
        for source, target in hatch_build.VENDOR_FILES.items()
        if source.startswith(package) and target.startswith("LICENSE-")
    }

    assert licensed == packages


def test_git_ignores_what_the_build_brings_in():
    vendor_file = hatch_build.VENDOR / "htmx.min.js"

    assert (
        subprocess.run(["git", "check-ignore", "-q", vendor_file], cwd=REPOSITORY, check=False).returncode
        == 0
    )
