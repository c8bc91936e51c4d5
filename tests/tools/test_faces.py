"""How coursework imports the library: every name, in fresh interpreters, and what comes with it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

NEWER = [
    *("Conv2d", "MaxPool2d", "AvgPool2d", "BatchNorm2d", "Dropout", "Flatten", "ELU", "GELU"),
    *("ProbabilityCrossEntropy", "WeightedSoftmaxCrossEntropy"),
]
"""What the homeworks do not have, and `mytorch` has."""
CLASSIC = [
    "Activation",
    "Identity",
    "Sigmoid",
    "Tanh",
    "ReLU",
    "LeakyReLU",
    "Softmax",
    "Linear",
    "BatchNorm",
    "Criterion",
    "SoftmaxCrossEntropy",
    "CrossEntropy",
    "L2",
    "MLP",
    "random_normal_weight_init",
    "zeros_bias_init",
    "xavier_uniform",
    "xavier_normal",
    "kaiming_uniform",
    "kaiming_normal",
    "get_training_stats",
]

TRAIN_A_LITTLE = """
import numpy as np
np.random.seed(0)
mlp = hw1.MLP(4, 3, [5], [hw1.Sigmoid(), hw1.Identity()], hw1.random_normal_weight_init,
              hw1.zeros_bias_init, hw1.SoftmaxCrossEntropy(), 0.1, momentum=0.9, num_bn_layers=1)
part = np.ones((6, 4)), np.eye(3)[[0, 1, 2, 0, 1, 2]]
stats = hw1.get_training_stats(mlp, (part, part, part), 2, 3)
assert [s.shape for s in stats] == [(2,)] * 4
"""


def test_2019_from_the_top_folder(python: Callable[..., Any]) -> None:
    code = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from hw1 import hw1
missing = [n for n in {CLASSIC} if not hasattr(hw1, n)]
assert not missing, missing
{TRAIN_A_LITTLE}"""
    result = python("-I", "-S", "-c", with_site_packages(code))
    assert result.returncode == 0, result.stderr


def test_2020_with_both_folders_on_the_path_and_nothing_else(
    python: Callable[..., Any], tmp_path: Path
) -> None:
    """-S leaves out the installed mytorch: only the two folders are searched."""
    code = f"""
import os, sys
os.chdir({str(tmp_path)!r})
sys.path[:0] = [{str(ROOT / "mytorch")!r}, {str(ROOT / "hw1")!r}]
import activation, loss, linear, batchnorm
import hw1
import numpy as np
layer = linear.Linear(2, 2, lambda i, o: np.eye(2), lambda n: np.zeros((1, n)))
assert batchnorm.BatchNorm(2).forward(layer.forward(np.eye(2))).shape == (2, 2)
assert activation.Softmax()(np.zeros((1, 2))).tolist() == [[0.5, 0.5]]
assert loss.CrossEntropy()([[0.5, 0.5]], [[0, 1]]) == np.log(2)
net = hw1.MLP(2, 2, [], [activation.Softmax()], lambda i, o: np.eye(2), hw1.zeros_bias_init,
              loss.CrossEntropy(), 0.1)
net.forward(np.eye(2)); net.backward(np.eye(2)); net.step()
{TRAIN_A_LITTLE}"""
    result = python("-I", "-S", "-c", with_site_packages(code))
    assert result.returncode == 0, result.stderr


def test_2020_with_the_homeworks_folder_alone(python: Callable[..., Any]) -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'hw1')!r}); import hw1\n{TRAIN_A_LITTLE}"
    result = python("-I", "-S", "-c", with_site_packages(code))
    assert result.returncode == 0, result.stderr


def with_site_packages(code: str) -> str:
    """With numpy and its neighbours, but without the links to this checkout that pip left."""
    import numpy as np

    return f"import sys; sys.path.append({str(Path(np.__file__).parents[1])!r})\n{code}"


@pytest.mark.parametrize(
    "module", ["mytorch", "mytorch.training", "mytorch.datasets", "mytorch.plotting", "hw1.hw1"]
)
def test_importing_needs_numpy_and_nothing_else(module: str, python: Callable[..., Any]) -> None:
    code = (
        f"import sys, {module}; "
        "print({m.partition('.')[0] for m in sys.modules} & {'matplotlib', 'tqdm', 'torch'})"
    )
    result = python("-c", code, PYTHONPATH=str(ROOT))
    assert result.stdout == "set()\n", result.stderr


def test_the_library_works_where_only_numpy_is_installed(
    python: Callable[..., Any], tmp_path: Path
) -> None:
    for name in ("tqdm", "matplotlib"):
        (tmp_path / f"{name}.py").write_text("raise ModuleNotFoundError('not installed')")
    code = "from hw1 import hw1" + TRAIN_A_LITTLE
    result = python("-c", code, PYTHONPATH=f"{tmp_path}:{ROOT}")
    assert result.returncode == 0, result.stderr


def test_hw1_is_no_package() -> None:
    assert not (ROOT / "hw1" / "__init__.py").exists()


def test_star_imports_give_the_public_names_only(python: Callable[..., Any]) -> None:
    code = (
        "from mytorch import *; from hw1.hw1 import *\n"
        "print(sorted(name for name in dir() if name[0] != '_'))"
    )
    result = python("-c", code, PYTHONPATH=str(ROOT))
    wanted = sorted([*CLASSIC, *NEWER, "Layer", "Network"])
    assert result.stdout.strip() == str(wanted), result.stderr


def test_the_tensors_face_is_found_from_the_package(python: Callable[..., Any]) -> None:
    """Without being imported before somebody asks for it."""
    code = (
        "import sys, mytorch; early = 'mytorch.tensor' in sys.modules\n"
        "layer = mytorch.nn.Linear(2, 3)\n"
        "from mytorch import Tensor, optim\n"
        "print(early, layer(Tensor([[1.0, 2.0]])).shape, optim.SGD.__name__)"
    )
    result = python("-c", code, PYTHONPATH=str(ROOT))
    assert result.stdout == "False (1, 3) SGD\n", result.stderr
