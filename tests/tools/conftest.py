"""What several tests of scripts need: the one for CIFAR-10, the sandbox, grade.sh."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.support.grade_sh import script
from tests.support.sandbox import homework, sandbox

__all__ = ["homework", "sandbox", "script"]  # fixtures that are defined elsewhere


@pytest.fixture(scope="module")
def cifar10_script() -> Iterator[Any]:
    """The script as a module; it and its neighbours are gone afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "hw1"))
        known = {*sys.modules}
        yield importlib.import_module("cifar10")
        for name in {*sys.modules} - known:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(ROOT / "hw1")):
                del sys.modules[name]


@pytest.fixture
def train_cifar10(
    cifar10_script: Any, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """Runs the script with its files going to `tmp_path`: exit code, output and errors."""
    monkeypatch.setenv("MYTORCH_MIRRORS", "")

    def run(*options: object) -> Any:
        try:
            code = cifar10_script.main(["--output", str(tmp_path), *map(str, options)])
        except SystemExit as end:
            code = end.code
        return code, *capsys.readouterr()

    return run
