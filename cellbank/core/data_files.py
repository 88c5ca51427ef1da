"""Where the program finds the files that a lab reads and edits: migrations, label stocks, label templates."""

from __future__ import annotations

from pathlib import Path

from cellbank.core.errors import StartUpError

PACKAGE = Path(__file__).resolve().parent.parent


def data_folder(name: str) -> Path:
    """The folder `migrations` or `labels`: inside the package when installed, else beside it in a checkout.

    :raises StartUpError: neither is there; the installation is broken.
    """
    for candidate in (PACKAGE / "_data" / name, PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise StartUpError(
        f"The installation is incomplete: the folder {name} was not found; install cellbank again."
    )
