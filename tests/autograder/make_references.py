"""Computes the stored answers with PyTorch: `python -m tests.autograder.make_references`."""

from __future__ import annotations

from typing import Any

import torch

from tests.autograder import engines, engines_autograd
from tests.autograder.cases import draw
from tests.autograder.references import FILE, SEED, References, save

ENGINES: dict[str, Any] = {
    "softmax_cross_entropy": engines.softmax_cross_entropy,
    "linear": engines.linear,
    "classifier": engines.classifier,
    "hidden": engines.classifier,
    "sigmoid": lambda case: engines.activation(case, torch.sigmoid),
    "tanh": lambda case: engines.activation(case, torch.tanh),
    "relu": lambda case: engines.activation(case, torch.relu),
    "batchnorm": engines.batchnorm,
    "mlp_batchnorm": engines.mlp_batchnorm,
    "momentum": engines.momentum,
    "subtraction": lambda case: engines_autograd.binary(case, torch.sub),
    "multiplication": lambda case: engines_autograd.binary(case, torch.mul),
    "division": lambda case: engines_autograd.binary(case, torch.div),
    "graph": engines_autograd.graph,
    "module_linear": engines_autograd.module_linear,
    "module_relu": engines_autograd.module_relu,
    "sgd": engines_autograd.sgd,
    "sgd_momentum": engines_autograd.sgd,
    "module_batchnorm": engines_autograd.module_batchnorm,
    "cross_entropy": engines_autograd.cross_entropy,
}


def array_of(value: Any) -> Any:
    """A tensor as a copy in NumPy."""
    return None if value is None else value.detach().numpy().copy()


def main() -> None:
    """Writes the references."""
    cases = draw(SEED)
    answers = {
        probe: {
            case: {name: array_of(value) for name, value in ENGINES[probe](inputs)}
            for case, inputs in probe_cases.items()
        }
        for probe, probe_cases in cases.items()
    }
    save(References(cases, answers, SEED))
    print(f"wrote {FILE}, {FILE.stat().st_size} bytes, with PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
