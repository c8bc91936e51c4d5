"""How grade.sh makes its environment: once, where it may, one at a time, anew when broken."""

import subprocess
from pathlib import Path

import pytest

from tests.support.grade_sh import Script
from tests.support.waiting import LIMIT

PYTEST = "-m pytest -n auto --maxprocesses=8 --dist=worksteal"


def test_each_command_installs_its_extra_once(script: Script) -> None:
    script("m")
    script("test", "-q")
    assert "-m venv" not in script.asked()
    assert f"--editable {script.root}[test]\n" in script.asked()
    assert script.asked().endswith(f"{PYTEST} -q\nin {script.root}\n")
    script("lint")
    assert f"--editable {script.root}[dev]\n" in script.asked()
    assert script.asked().endswith("-m ruff check .\n-m ruff format --check .\n-m mypy\n")
    script("test")
    assert script.asked() == f"{PYTEST}\nin {script.root}\n"


def test_what_checks_style_and_types_has_what_the_tests_need(script: Script) -> None:
    script("lint", "style")
    assert f"--editable {script.root}[dev]\n" in script.asked()
    assert script.asked().endswith("-m ruff check .\n-m ruff format --check .\n")
    script("lint", "types")
    assert script.asked() == "-m mypy\n"
    script("test")
    assert script.asked() == f"{PYTEST}\nin {script.root}\n"


def test_the_oldest_packages_promised_have_an_environment_of_their_own(script: Script) -> None:
    """The versions are those that pyproject.toml names, and Python is one that they run on."""
    assert script("test", "--oldest", "-q").returncode == 0
    asked = script.asked()
    assert f"-m venv {script.root}/.venv-oldest" in asked
    versions = script.root / ".venv-oldest" / "oldest.txt"
    assert f"--constraint {versions} --editable {script.root}[test]\n" in asked
    assert asked.endswith(f"{PYTEST} -q\nin {script.root}\n")
    promised = versions.read_text().split()
    assert {"numpy==1.24.*", "matplotlib==3.8.*", "pytest==7.4.*"} <= set(promised)
    assert not [line for line in promised if line.startswith("=")]


def test_a_changed_pyproject_is_installed_again(script: Script) -> None:
    script("m")
    with open(script.root / "pyproject.toml", "a") as file:
        file.write("# changed\n")
    script("m")
    assert "-m pip install" in script.asked()
    assert "-m venv" not in script.asked()


def test_a_moved_checkout_makes_its_environment_anew(script: Script) -> None:
    script("m")
    script.root = script.root.rename(script.root.with_name("moved"))
    result = script("m")
    assert result.returncode == 0, result.stderr
    assert f"-m venv {script.root}/.venv" in script.asked()


def test_without_venv_there_is_a_sentence(script: Script) -> None:
    result = script("m", NO_VENV="1")
    assert result.returncode == 1
    assert "ensurepip is not available" in result.stderr
    assert "cannot make a virtual environment in" in result.stderr
    assert "'sudo apt install python3-venv' usually helps" in result.stderr
    assert not (script.root / ".venv").exists()
    assert not (script.root / ".venv.lock").exists()


def test_without_network_there_is_a_sentence_and_the_next_run_tries_again(
    script: Script,
) -> None:
    result = script("test", NO_NETWORK="1")
    assert result.returncode == 1
    assert "Could not find a version" in result.stderr
    assert "grade.sh: the installation failed, the reason stands above" in result.stderr
    assert "-m pytest" not in script.asked()
    assert script("test").returncode == 0
    assert "-m pip install" in script.asked()


def test_an_old_python_is_refused(script: Script) -> None:
    result = script("m", TOO_OLD="1")
    assert result.returncode == 1
    assert "found no Python of 3.10 or newer" in result.stderr
    named = script("m", TOO_OLD="1", PYTHON="python3")
    assert named.returncode == 1
    assert "PYTHON=python3 is no Python of 3.10 or newer" in named.stderr


def test_the_environment_can_be_elsewhere(script: Script, tmp_path: Path) -> None:
    place = tmp_path / "somewhere else" / "env"
    assert script("m", MYTORCH_VENV=str(place)).returncode == 0
    assert (place / "bin" / "python").exists()
    assert not (script.root / ".venv").exists()


def test_the_lock_of_a_killed_setup_does_no_harm(script: Script) -> None:
    lock = script.root / ".venv.lock"
    lock.mkdir()
    process = subprocess.Popen(["true"])
    process.wait()
    (lock / "pid").write_text(f"{process.pid}\n")
    assert script("m").returncode == 0
    assert not lock.exists()


@pytest.mark.slow
def test_a_second_setup_waits_for_the_first(script: Script) -> None:
    lock = script.root / ".venv.lock"
    lock.mkdir()
    with subprocess.Popen(["sleep", "3600"]) as first:
        (lock / "pid").write_text(f"{first.pid}\n")
        with script.start("m") as second:
            assert second.stderr is not None
            waits = second.stderr.readline()
            assert script.asked() == ""
            first.kill()
            first.wait()  # until then its process number stays taken
            second.communicate(timeout=LIMIT)
    assert f"waiting for another grade.sh (process {first.pid})" in waits
    assert second.returncode == 0


def test_a_folder_that_it_did_not_make_is_never_deleted(script: Script, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("ten years")
    result = script("m", MYTORCH_VENV=str(precious))
    assert result.returncode == 1
    assert "holds something that grade.sh did not make" in result.stderr
    assert (precious / "thesis.txt").read_text() == "ten years"


def test_an_interrupted_environment_is_made_anew(script: Script) -> None:
    venv = script.root / ".venv"
    venv.mkdir()
    (venv / ".made-by-grade.sh").write_text("")
    (venv / "bin").mkdir()
    (venv / "bin" / "python").symlink_to("/bin/true")
    (venv / "half").write_text("")
    assert script("m").returncode == 0
    assert not (venv / "half").exists()


def test_an_environment_whose_python_is_gone_is_made_anew(script: Script) -> None:
    script("m")
    (script.root / ".venv" / "bin" / "python").unlink()
    result = script("m")
    assert result.returncode == 0, result.stderr
    assert "-m venv" in script.asked()


def test_a_relative_place_is_relative_to_the_caller(script: Script, tmp_path: Path) -> None:
    assert script("test", MYTORCH_VENV="env").returncode == 0
    assert (tmp_path / "env" / "bin" / "python").exists()
