"""scikit-learn's MLPClassifier."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.benchmarks.contenders import Step, Unavailable
from tests.benchmarks.workloads import CLASSES, LEARNING_RATE, Data, Workload

ACTIVATIONS = {"sigmoid": "logistic", "relu": "relu"}


def classifier(workload: Workload) -> Any:
    """The workload's network; Unavailable where scikit-learn does not have its layers."""
    try:
        neural_network = importlib.import_module("sklearn.neural_network")
    except ImportError as error:
        raise Unavailable("not installed; .venv/bin/python -m pip install scikit-learn") from error
    if workload.batch_norm:
        raise Unavailable("MLPClassifier has no batch norm")
    if workload.convolutions:
        raise Unavailable("MLPClassifier has no convolutions")
    if workload.activation not in ACTIVATIONS:
        raise Unavailable(f"MLPClassifier has no {workload.activation}")
    return neural_network.MLPClassifier(
        workload.sizes[1:-1],
        activation=ACTIVATIONS[workload.activation],
        solver="sgd",
        alpha=0,
        batch_size=workload.batch,
        learning_rate_init=LEARNING_RATE,
        momentum=workload.momentum,
        nesterovs_momentum=False,
        random_state=0,
    )


def sklearn(workload: Workload, dtype: str, data: Data) -> Step:
    """`partial_fit` of one batch, as a loop of one's own would call it."""
    model = classifier(workload)
    x, labels = data.x, data.labels
    classes = np.arange(CLASSES)

    def step(rows: npt.NDArray[Any]) -> None:
        model.partial_fit(x[rows], labels[rows], classes=classes)

    return step
