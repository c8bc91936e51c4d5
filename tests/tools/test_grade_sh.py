"""grade.sh, with a stand-in for Python that notes what it is asked to do.

Making an environment for real takes a minute and the network; what the script decides does not.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.waiting import LIMIT

PYTEST = "-m pytest -n auto --maxprocesses=8 --dist=worksteal"
STAND_IN = """#!/bin/sh
echo "$@" >> "$LOG"
case "$*" in
"-m venv "*) [ -z "$NO_VENV" ] || { echo "ensurepip is not available"; exit 1; }
    mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
"-m pip install"*) [ -z "$NO_NETWORK" ] || { echo "Could not find a version"; exit 1; } ;;
"--version") echo "Python 3.11.0" ;;
"-c import sys; sys.exit(sys.version_info < (3, 10))") exit "${TOO_OLD:-0}" ;;
"-m pytest"*) echo "in $PWD" >> "$LOG" ;;
esac
"""


class Script:
    """A checkout in a folder with spaces, and a stand-in for Python on the PATH."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "a folder with spaces"
        self.root.mkdir()
        for name in ("grade.sh", "pyproject.toml"):
            shutil.copy(ROOT / name, self.root)
        self.log = folder / "log"
        tools = folder / "tools"
        tools.mkdir()
        for name in ("python3", "python3.14", "python3.13", "python3.12", "python3.11", "python"):
            (tools / name).write_text(STAND_IN)
            (tools / name).chmod(0o755)
        (tools / "python3.10").symlink_to(tools / "python3")
        clean = {k: v for k, v in os.environ.items() if k not in ("PYTHON", "MYTORCH_VENV")}
        path = f"{tools}:{os.environ['PATH']}"
        self.environment = {**clean, "PATH": path, "LOG": str(self.log), "HOME": ""}
        self.elsewhere = folder

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        self.log.write_text("")
        return subprocess.Popen(
            [self.root / "grade.sh", *arguments],
            cwd=self.elsewhere,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        with self.start(*arguments, **environment) as process:
            out, errors = process.communicate(timeout=LIMIT)
        return subprocess.CompletedProcess(process.args, process.returncode, out, errors)

    def pretend_to_be(self, system: str) -> None:
        """Lets `uname` say the name of another system."""
        uname = self.root.parent / "tools" / "uname"
        uname.write_text(f"#!/bin/sh\necho {system}\n")
        uname.chmod(0o755)

    def asked(self) -> str:
        """What Python was asked, but for whether it runs."""
        lines = self.log.read_text().splitlines(keepends=True)
        return "".join(line for line in lines if line != "-c \n")


@pytest.fixture
def script(tmp_path: Path) -> Script:
    return Script(tmp_path)


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


def test_the_exit_code_is_that_of_the_command(script: Script) -> None:
    script("m")
    (script.root / ".venv" / "bin" / "python").write_text(
        "#!/bin/sh\ncase $1 in -c) ;; *) exit 7 ;; esac\n"
    )
    assert script("m").returncode == 7


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
