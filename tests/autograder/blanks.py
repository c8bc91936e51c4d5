"""Which methods a student writes: the table that the handout is made by, and how it is made."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.autograder.project import ROOT, copy_project

# By file, what 000 §2.1 to §3.7 and 001 ask for, then 002 §1.1 to §3.3. `Identity`, `Add` and what
# else the seeds give away is not here.
BLANKS = {
    "mytorch/activation.py": (
        *("Sigmoid.forward", "Sigmoid.derivative", "Tanh.forward", "Tanh.derivative"),
        *("ReLU.forward", "ReLU.derivative", "LeakyReLU.forward", "LeakyReLU.derivative"),
        *("Softmax.forward", "Softmax.derivative", "Softmax.backward"),
    ),
    "mytorch/numeric/softmax.py": (
        *("softmax", "log_softmax", "softmax_and_log", "shifted_exponentials"),
    ),
    "mytorch/linear.py": ("Linear.forward", "Linear.backward", "Linear._average"),
    "mytorch/loss.py": (
        *("SoftmaxCrossEntropy.forward", "SoftmaxCrossEntropy.derivative"),
        *("WeightedSoftmaxCrossEntropy.forward", "WeightedSoftmaxCrossEntropy.derivative"),
        *("CrossEntropy.forward", "CrossEntropy.derivative", "L2.forward", "L2.derivative"),
    ),
    "mytorch/batchnorm.py": (
        *("BatchNorm.forward", "BatchNorm.infer", "BatchNorm.backward"),
        *("BatchNorm._normalize", "BatchNorm._statistics", "BatchNorm.infer_backward"),
    ),
    "mytorch/numeric/extremes.py": ("rescaled", "evaluate_extremes"),
    "mytorch/network.py": ("Network.forward", "Network.backward", "Network.zero_grads"),
    "mytorch/mlp.py": ("MLP.step",),
    "mytorch/initializers.py": ("random_normal_weight_init", "zeros_bias_init"),
    "mytorch/training/stats.py": ("get_training_stats",),
    "mytorch/autograd_engine.py": ("Function.apply", "backward", "AccumulateGrad.apply"),
    "mytorch/tensor.py": (
        "Tensor.backward",
        "Tensor.__sub__",
        "Tensor.__mul__",
        "Tensor.__truediv__",
    ),
    "mytorch/functions/elementwise.py": (
        *("Sub.forward", "Sub.backward", "Mul.forward", "Mul.backward"),
        *("Div.forward", "Div.backward", "MatMul.forward", "MatMul.backward", "unbroadcast"),
    ),
    "mytorch/functions/layers.py": (
        *("_OfActivation.forward", "_OfActivation.backward"),
        *("BatchNorm.forward", "BatchNorm.backward"),
        *("LogSoftmax.forward", "LogSoftmax.backward"),
    ),
    "mytorch/functions/loss.py": (
        *("CrossEntropy.forward", "CrossEntropy.backward", "cross_entropy"),
    ),
    "mytorch/nn/sequential.py": ("Sequential.forward",),
    "mytorch/functions/linear.py": ("Linear.forward", "Linear.backward"),
    "mytorch/nn/linear.py": ("Linear.forward",),
    "mytorch/nn/activations.py": ("ReLU.forward",),
    "mytorch/nn/batchnorm.py": ("BatchNorm1d.forward", "BatchNorm1d._track"),
    "mytorch/nn/loss.py": ("CrossEntropyLoss.forward",),
    "mytorch/optim/sgd.py": ("SGD.update",),
    "hw1/mnist.py": ("mnist", "train", "validate"),
}
COPIED = (
    *(
        "mytorch",
        "hw1",
        "data",
        "grade.sh",
        "sandbox.py",
        "pyproject.toml",
        "LICENSE",
        ".gitignore",
    ),
    *("tests/__init__.py", "tests/autograder", "tests/submission", "tests/walkthrough"),
    *("tests/support/__init__.py", "tests/support/terminal.py"),
)
LEFT_OUT = (
    *("__pycache__", "mnist", "mutants.*", "matrix.py", "make_references.py", "engine.py"),
    *("references", "pictures", "*.png"),
)
README = """# Homework

Write the methods that raise NotImplementedError; their docstrings say what they compute.

    ./grade.sh 1             # grades the classic homework, and says which mistake was made
    ./grade.sh a             # grades the autograd homework
    .venv/bin/python sandbox.py --step    # steps through the toy problems with your code
    ./grade.sh handin        # makes handin.tar
"""


def blanked(text: str, names: tuple[str, ...]) -> str:
    """Source code with the bodies of the named functions replaced, docstrings kept.

    Raises ValueError for a name that is not there.
    """
    lines = text.splitlines(keepends=True)
    found = dict(_functions(ast.parse(text)))
    missing = [name for name in names if name not in found]
    if missing:
        raise ValueError(f"blanked: there is no {', '.join(missing)}")
    for node in sorted((found[name] for name in names), key=lambda n: -n.lineno):
        first = node.body[0]
        is_docstring = ast.get_docstring(node) is not None
        start = first.end_lineno if is_docstring else first.lineno - 1
        indent = " " * first.col_offset
        lines[start : node.end_lineno] = [f"{indent}raise NotImplementedError\n"]
    return "".join(lines)


def _functions(tree: ast.Module) -> list[tuple[str, ast.FunctionDef]]:
    found = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found.append((node.name, node))
        elif isinstance(node, ast.ClassDef):
            found += [
                (f"{node.name}.{inner.name}", inner)
                for inner in node.body
                if isinstance(inner, ast.FunctionDef)
            ]
    return found


def write_handout(target: Path) -> None:
    """The student's starting point in `target`, which must not exist or be empty.

    Raises FileExistsError where something is there already.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FileExistsError(f"{target} holds something already; name a new folder")
    place = target.resolve()
    if any(place.is_relative_to(ROOT / name) for name in COPIED):
        raise FileExistsError(f"{target} lies in a folder that is copied; name one outside")
    copy_project(target, COPIED, LEFT_OUT)
    for name, methods in BLANKS.items():
        path = target / name
        path.write_text(blanked(path.read_text(encoding="utf-8"), methods), encoding="utf-8")
    (target / "README.md").write_text(README, encoding="utf-8")
