"""What grade.sh runs for each command, and what it says on other systems."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.grade_sh import Script
from tests.support.waiting import LIMIT


@pytest.mark.parametrize("name", ["MINGW64_NT-10.0-19045", "MSYS_NT-10.0", "CYGWIN_NT-10.0"])
def test_in_git_bash_the_advice_is_that_of_windows(script: Script, name: str) -> None:
    script.pretend_to_be(name)
    result = script("m")
    assert result.returncode == 1
    assert script.asked() == ""
    assert "apt" not in result.stderr
    assert ".venv/Scripts/python -m mytorch --help" in result.stderr
    assert "WSL" in result.stderr
    assert script().returncode == 0


@pytest.mark.parametrize("environment", [{"NO_VENV": "1"}, {"TOO_OLD": "1"}])
def test_on_a_mac_the_advice_is_that_of_a_mac(script: Script, environment: dict[str, str]) -> None:
    script.pretend_to_be("Darwin")
    result = script("m", **environment)
    assert result.returncode == 1
    assert "apt" not in result.stderr
    assert "brew install python" in result.stderr


def test_on_another_linux_the_advice_names_its_own_packages(script: Script) -> None:
    tools = script.root.parent / "tools"
    bare = script.root.parent / "bare"
    bare.mkdir()
    for name in ("bash", "env", "dirname", "readlink", "cat", "mkdir", "rm", "cksum", "mktemp",
                 "uname", "sleep", "ls", "cp", "mv", "sh"):  # fmt: skip
        (bare / name).symlink_to(str(shutil.which(name)))
    script.environment["PATH"] = f"{tools}:{bare}"
    for manager, advice in (("dnf", "sudo dnf install"), ("apt-get", "sudo apt install")):
        (bare / manager).symlink_to(str(shutil.which("sh")))
        assert advice in script("m", NO_VENV="1").stderr


def test_a_table_of_ones_own_is_trained_on_alone(script: Script) -> None:
    """The other script knows MNIST and the digits."""
    script("m", "--data", "my.csv", "--label", "y")
    asked = script.asked()
    assert f"{script.root}/hw1/train.py --data my.csv --label y\n" in asked
    assert "mnist.py" not in asked


@pytest.mark.parametrize("arguments", [(), ("--help",), ("help",), ("-h",)])
def test_it_says_what_it_can_do(arguments: tuple[str, ...], script: Script) -> None:
    result = script(*arguments)
    assert result.returncode == 0
    for command in ("m [OPTIONS]", "c [OPTIONS]", "test [OPTIONS]", "lint"):
        assert f"\n  {command} " in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert script.asked() == ""


def test_an_unknown_command_is_named(script: Script) -> None:
    result = script("tset")
    assert result.returncode == 2
    assert "grade.sh: there is no command 'tset'" in result.stderr


@pytest.mark.parametrize("what", [("styel",), ("style", "types"), ("",)])
def test_lint_checks_nothing_else(script: Script, what: tuple[str, ...]) -> None:
    result = script("lint", *what)
    assert result.returncode == 2
    assert result.stderr == (
        f"grade.sh: lint: expected style, types or nothing, got '{' '.join(what)}'\n"
    )
    assert script.asked() == ""


def test_whoever_ends_the_check_of_types_ends_mypy(script: Script) -> None:
    """It is no child that would run on: it has the number of the process that was started."""
    assert script("lint", "types").returncode == 0
    python = script.root / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\n[ "$2" != mypy ] || echo "mypy is $$"\n')
    with script.start("lint", "types") as process:
        assert process.communicate(timeout=LIMIT)[0] == f"mypy is {process.pid}\n"


def test_m_sets_up_and_trains_and_the_second_time_only_trains(script: Script) -> None:
    train = f"{script.root}/hw1/train.py --epochs 3\n{script.root}/hw1/mnist.py\n"
    first = script("m", "--epochs", "3")
    assert first.returncode == 0, first.stderr
    assert f"-m venv {script.root}/.venv" in script.asked()
    assert f"--editable {script.root}\n" in script.asked()
    assert script.asked().endswith(train)
    messages = first.stderr.splitlines()
    assert messages[0] == (
        f"grade.sh: making a virtual environment in {script.root}/.venv with Python 3.11.0"
    )
    assert messages[1].startswith("grade.sh: installing what pyproject.toml names")
    second = script("m", "--epochs", "3")
    assert second.returncode == 0
    assert second.stderr == ""
    assert script.asked() == train


def test_both_scripts_get_what_both_take(script: Script) -> None:
    script("m", "--hiddens", "5", "6", "--data", "digits", "--seed=3", "--output", "my folder")
    train, mnist = script.asked().splitlines()[-2:]
    assert train.endswith("train.py --hiddens 5 6 --data digits --seed=3 --output my folder")
    assert mnist.endswith("mnist.py --data digits --seed=3 --output my folder")


def test_c_trains_on_cifar10(script: Script) -> None:
    script("m")
    result = script("c", "--recipe", "convnet", "--output", "my folder")
    assert (result.returncode, result.stderr) == (0, "")
    asked = f"{script.root}/hw1/cifar10.py --recipe convnet --output my folder\n"
    assert script.asked() == asked


def test_the_exit_code_is_that_of_the_command(script: Script) -> None:
    script("m")
    (script.root / ".venv" / "bin" / "python").write_text(
        "#!/bin/sh\ncase $1 in -c) ;; *) exit 7 ;; esac\n"
    )
    assert script("m").returncode == 7


def test_it_may_be_called_through_a_link_and_with_cdpath(script: Script, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(f"{script.root.name}/grade.sh")
    result = subprocess.run(
        ["bash", "link", "m"], cwd=tmp_path, env={**script.environment, "CDPATH": str(tmp_path)},
        capture_output=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert f"{script.root}/hw1/train.py" in script.asked()


def test_ci_runs_what_the_readme_says() -> None:
    commands = (ROOT / ".ci" / "run").read_text()
    readme = (ROOT / "README.md").read_text()
    assert "./grade.sh test" in commands
    for command in ("./grade.sh m", "./grade.sh test"):
        assert command in readme


@pytest.mark.parametrize(
    ("command", "started"),
    [
        (("1", "my folder", "--full"), "-m tests.autograder 1 my folder --full"),
        (("a",), "-m tests.autograder a"),
        (("handin",), "-m tests.autograder.handing handin"),
        (("handout", "new"), "-m tests.autograder.handing handout new"),
        (("mutants",), "-m tests.autograder.matrix"),
        (("class", "in", "--out", "out"), "-m tests.autograder.classes in --out out"),
    ],
)
def test_commands_of_the_autograder(script: Script, command: tuple[str, ...], started: str) -> None:
    for name in ("1", "a"):
        course = script.root / "tests" / "autograder" / "courses" / f"course_{name}"
        course.mkdir(parents=True)
        (course / "course.toml").write_text(f'command = "{name}"\n')
        (course / "mutants.txt").touch()
    result = script(*command)
    assert result.returncode == 0, result.stderr
    assert script.log.read_text().splitlines()[-1] == started
