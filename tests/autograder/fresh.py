"""Fresh cases, with the answers of this project's own library, checked before they are used."""

from __future__ import annotations

from typing import Any

import numpy as np

import mytorch
from mytorch.gradcheck import gradcheck
from mytorch.nn import activations, batchnorm, linear, loss
from mytorch.optim.sgd import SGD
from mytorch.tensor import Tensor
from tests.autograder.cases import Case, Cases, draw
from tests.autograder.model_answers import answers
from tests.autograder.probes_autograd import PROBES
from tests.autograder.references import References

CLASSES: dict[str, Any] = {
    **{name: getattr(mytorch, name) for name in ("SoftmaxCrossEntropy", "Linear", "Sigmoid", "Tanh",
                                                 "ReLU", "BatchNorm", "MLP")},
    "Tensor": Tensor,
    "SGD": SGD,
    "nn.Linear": linear.Linear,
    "nn.ReLU": activations.ReLU,
    "nn.BatchNorm1d": batchnorm.BatchNorm1d,
    "nn.CrossEntropyLoss": loss.CrossEntropyLoss,
}  # fmt: skip


class Disagreement(RuntimeError):
    """The library and its checks do not agree, so nothing may be graded with its answers."""


def draw_fresh(seed: int) -> References:
    """Cases of a seed with the library's answers.

    Raises Disagreement where an answer is not that of the hand-written model, or a gradient not
    that of finite differences.
    """
    cases = draw(seed)
    found = {
        probe: {case: _answered(probe, case, inputs) for case, inputs in probe_cases.items()}
        for probe, probe_cases in cases.items()
    }
    for probe, probe_cases in cases.items():
        for case, inputs in probe_cases.items():
            for name, value in answers(probe, inputs).items():
                _agree(f"{probe}, {case}, {name}", found[probe][case][name], value)
    _check_gradients(cases)
    return References(cases, found, seed)


def _answered(probe: str, case: str, inputs: Case) -> dict[str, Any]:
    try:
        return {
            name: None if value is None else np.array(value)
            for name, value in PROBES[probe](CLASSES, inputs)
        }
    except Exception as error:
        reason = f"{type(error).__name__} {error}".strip()
        raise Disagreement(f"the library does not answer {probe}, {case}: {reason}") from error


def _agree(what: str, value: Any, right: Any) -> None:
    if value is None or right is None:
        same = value is right
    else:
        same = value.shape == right.shape and np.allclose(value, right, rtol=1e-9, atol=1e-12)
    if not same:
        raise Disagreement(f"the library's answer to {what} is not the model's")


def _check_gradients(cases: Cases) -> None:
    layer = cases["linear"]["ordinary"]
    made = mytorch.Linear(*layer["W"].shape, lambda *_: layer["W"], lambda *_: layer["b"])
    x, y = cases["softmax_cross_entropy"]["ordinary"].values()
    checks = [
        gradcheck(made, layer["x"]),
        gradcheck(mytorch.SoftmaxCrossEntropy(), x, y),
        gradcheck(mytorch.BatchNorm(4), cases["batchnorm"]["ordinary"]["x0"]),
        *(
            gradcheck(CLASSES[n](), cases[n.lower()]["ordinary"]["z"])
            for n in ("Sigmoid", "Tanh", "ReLU")
        ),
    ]
    for check in checks:
        if not check:
            raise Disagreement(str(check))
