"""Each import contract can be broken: a sample that breaks it is found, under the sentence it broke."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

# A house that keeps all contracts; every sample below adds one forbidden line to it.
GOOD = {
    "core/engine.py": "import sqlalchemy",
    "core/work.py": "from cellbank.core import engine",
    "core/merkle.py": "",
    "toolkit/html/__init__.py": "import flask",
    "toolkit/labels/__init__.py": "",
    "domains/registry.py": "from cellbank.domains.vials import views",
    "domains/storage/models.py": "from cellbank.core import work",
    "domains/storage/queries.py": "from cellbank.domains.storage import models",
    "domains/storage/commands.py": "from cellbank.domains.storage import models",
    "domains/storage/views.py": "import cellbank.domains.vials.queries\nimport cellbank.toolkit.html",
    "domains/vials/models.py": "from cellbank.domains.storage import models",
    "domains/vials/queries.py": "from cellbank.domains.vials import models",
    "domains/vials/commands.py": "from cellbank.domains.storage import models",
    "domains/vials/views.py": "from cellbank.domains.vials import commands, queries",
    "entrypoints/web.py": "import flask, cellbank.core.engine, cellbank.domains.registry",
}


def lint_imports(folder, changes):
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    for name, source in (GOOD | changes).items():
        path = folder / "cellbank" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source + "\n")
        for parent in path.relative_to(folder).parents[:-1]:
            (folder / parent / "__init__.py").touch()
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    # Long names are wrapped in what is printed.
    return done.returncode, " ".join(done.stdout.split())


def test_a_house_that_keeps_the_contracts_passes(tmp_path):
    code, said = lint_imports(tmp_path, {})

    assert code == 0, said
    assert "Contracts: 7 kept, 0 broken." in said


@pytest.mark.parametrize(
    ("module", "line", "sentence"),
    [
        ("core/work.py", "import cellbank.domains.vials.models", "1. Entrypoints open onto domains"),
        (
            "toolkit/labels/__init__.py",
            "import cellbank.domains.vials.models",
            "1. Entrypoints open onto domains",
        ),
        ("helpers/__init__.py", "", "1. Entrypoints open onto domains"),
        (
            "domains/storage/models.py",
            "import cellbank.domains.vials.models",
            "2. Models and commands know only",
        ),
        (
            "domains/storage/queries.py",
            "import cellbank.domains.vials.queries",
            "2. Models and commands know only",
        ),
        (
            "domains/storage/views.py",
            "import cellbank.domains.vials.commands",
            "2. Models and commands know only",
        ),
        ("domains/kitchen/models.py", "", "2. Models and commands know only"),
        ("domains/vials/models.py", "import cellbank.domains.vials.queries", "3. Inside a domain"),
        ("domains/vials/queries.py", "import cellbank.domains.vials.commands", "3. Inside a domain"),
        (
            "domains/vials/commands.py",
            "import cellbank.domains.storage.commands",
            "4. A command never imports",
        ),
        (
            "domains/vials/commands.py",
            "import cellbank.core.engine",
            "5. Only core.work opens a writing session",
        ),
        ("core/merkle.py", "import sqlalchemy", "6. Labels, scanning and the Merkle tree are pure"),
        (
            "toolkit/labels/__init__.py",
            "import cellbank.toolkit.html",
            "6. Labels, scanning and the Merkle tree",
        ),
        ("domains/vials/queries.py", "import flask", "7. Flask stays at the edge"),
        ("core/work.py", "from flask import g", "7. Flask stays at the edge"),
    ],
)
def test_a_line_that_breaks_a_contract_is_found(tmp_path, module, line, sentence):
    code, said = lint_imports(tmp_path, {module: GOOD.get(module, "") + "\n" + line})

    assert code == 1, said
    broken = said.partition("Broken contracts")[2]
    assert sentence in broken
