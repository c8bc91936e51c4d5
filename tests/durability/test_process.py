"""What the library and its scripts do to their process, in processes of their own."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import ROOT


def test_importing_changes_no_environment_variable(python: Callable[..., Any]) -> None:
    code = "import os; before = dict(os.environ); "
    code += "import mytorch, mytorch.nn, mytorch.optim, mytorch.training, mytorch.datasets; "
    code += "print(before == dict(os.environ))"
    assert python("-c", code).stdout == "True\n"


@pytest.mark.slow
def test_usage_names_what_was_typed(python: Callable[..., Any]) -> None:
    """The script itself, or the command that started it."""
    script = [str(ROOT / "hw1" / "train.py")]
    by_name = ["-m", "mytorch", "train"]
    for typed, name in ((script, "train.py"), (by_name, "python -m mytorch train")):
        result = python(*typed, "--epoch", "3")
        assert result.returncode == 2
        assert result.stderr == (
            f"usage: {name} [OPTIONS]; {name} --help lists them\n"
            f"{name}: error: unrecognized arguments: --epoch 3; did you mean --epochs?\n"
        )
    for command in ("cifar10", "predict", "sandbox"):
        shown = python("-m", "mytorch", command, "--help").stdout
        assert shown.startswith(f"usage: python -m mytorch {command} ")
    assert "\n  --version " in python("-m", "mytorch", "--help").stdout


WATCH = """
import os, runpy, sys
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "numpy":
            print(os.environ.get("OPENBLAS_THREAD_TIMEOUT"))
            sys.meta_path.remove(self)
sys.meta_path.insert(0, Watch())
runpy.run_path(sys.argv[1], run_name="not main")
"""


@pytest.mark.parametrize("script", ["train.py", "mnist.py"])
@pytest.mark.parametrize("chosen", ["", "7"])
def test_scripts_let_threads_sleep_before_numpy_makes_them(
    script: str, chosen: str, python: Callable[..., Any]
) -> None:
    """Unless somebody chose another time."""
    unset = "import os\nif not os.environ['OPENBLAS_THREAD_TIMEOUT']:\n"
    unset += "    del os.environ['OPENBLAS_THREAD_TIMEOUT']\n"
    result = python("-c", unset + WATCH, ROOT / "hw1" / script, OPENBLAS_THREAD_TIMEOUT=chosen)
    assert result.stdout == f"{chosen or 4}\n", result.stderr


FAULTS = """
import resource
import numpy as np
for count in range(50):
    if count == 10:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    arrays = [np.ones(1 << 20, np.uint8) for _ in range(3)]
    del arrays
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) // 40)
"""


def test_the_arrays_of_the_next_step_find_their_memory_where_it_was(
    python: Callable[..., Any],
) -> None:
    if int(python("-c", FAULTS).stdout) < 100:
        pytest.skip("this C library keeps the memory anyway")
    assert int(python("-c", "import mytorch" + FAULTS).stdout) >= 100  # importing asks for nothing
    made = "from mytorch.optim import SGD; SGD(lr=0.1)"
    assert int(python("-c", made + FAULTS).stdout) < 10


SHORT = """
import resource
import numpy
pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + (20 << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
from mytorch.optim import SGD
SGD(lr=0.1)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_process_short_of_memory_can_make_an_optimizer(python: Callable[..., Any]) -> None:
    result = python("-c", SHORT, OPENBLAS_NUM_THREADS="1")
    assert result.returncode == 0, result.stderr
