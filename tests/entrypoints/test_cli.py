"""The command line answers in one line when it cannot start, and never with a traceback."""

import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from cellbank import __version__
from cellbank.core.errors import Refused, StartUpError
from cellbank.core.settings import Settings
from cellbank.entrypoints import cli

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def outcome(monkeypatch):
    """Put a sub-command in place that ends in the given way."""

    def _outcome(error):
        def run(settings, options):
            raise error

        monkeypatch.setattr(cli, "_version", run)
        return cli.main(["version"])

    return _outcome


def test_it_tells_its_version(capsys):
    assert cli.main(["version"]) == 0
    assert capsys.readouterr().out == f"cellbank {__version__}\n"


def test_python_m_cellbank_is_the_same_program():
    done = subprocess.run(
        [sys.executable, "-m", "cellbank", "version"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == f"cellbank {__version__}\n"


def test_an_unknown_setting_is_one_line_and_exit_2(monkeypatch, capsys):
    monkeypatch.setenv("CELLBANK_DEFAULT_LANGAUGE", "fa")

    assert cli.main(["version"]) == 2
    told = capsys.readouterr().err
    assert (
        told
        == "cellbank: Unknown setting CELLBANK_DEFAULT_LANGAUGE; did you mean CELLBANK_DEFAULT_LANGUAGE?\n"
    )


def test_a_start_up_error_is_one_line_and_exit_2(outcome, capsys):
    assert outcome(StartUpError("The data folder is a file.")) == 2
    assert capsys.readouterr().err == "cellbank: The data folder is a file.\n"


def test_a_refused_act_is_one_line_and_exit_1(outcome, capsys):
    assert outcome(Refused("Place {slot} is taken", slot="A1")) == 1
    assert capsys.readouterr().err == "cellbank: Place A1 is taken\n"


def test_the_data_folder_is_created_for_its_owner_alone(tmp_path):
    home = tmp_path / "a" / "bank"
    cli._make_home(Settings(home=home))

    assert home.stat().st_mode & 0o777 == 0o700


def test_a_data_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / "bank").write_text("")

    with pytest.raises(StartUpError, match="Cannot create the data folder"):
        cli._make_home(Settings(home=tmp_path / "bank"))


@pytest.mark.parametrize("command", ["serve", "init", "demo", "db", "user", "token", "worker", "do"])
def test_every_sub_command_explains_itself(command, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])

    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: cellbank {command}")


def test_an_empty_password_from_standard_input_is_refused(monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO(""))

    with pytest.raises(StartUpError, match="A password is needed"):
        cli._ask_password()
