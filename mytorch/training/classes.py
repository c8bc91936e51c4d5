"""What a trained network says of samples, and how that compares with what they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray, array_or_none, as_floats, title
from mytorch.checks.labels import sum_to_one
from mytorch.checks.settings import check_int
from mytorch.datasets.pixels import Pixels
from mytorch.network import Network
from mytorch.numeric.softmax import softmax_and_log
from mytorch.training.samples import checked_network, outputs


def predict_proba(network: Network, x: npt.ArrayLike | Pixels) -> FloatArray:
    """The probability of each class, `(N, classes)`, for samples `x (N, input_size)`.

    The network is in evaluation mode meanwhile. Raises TypeError where its criterion knows no
    probabilities, as `L2`.
    """
    criterion = checked_network(network).criterion
    if getattr(criterion, "applies_softmax", False):
        return softmax_and_log(outputs(network, x))[0]
    if getattr(criterion, "takes_probabilities", False):
        return outputs(network, x)
    raise TypeError(
        f"{title(network)}: predict_proba needs a criterion of probabilities, "
        f"SoftmaxCrossEntropy or CrossEntropy, and {criterion!r} fits numbers; use predict"
    )


def predict(network: Network, x: npt.ArrayLike | Pixels) -> npt.NDArray[Any]:
    """The class number of each sample, `(N,)`; where the network fits numbers, its output.

    That is the output `(N, output_size)` of a network whose criterion knows no probabilities.
    """
    softmax = ("applies_softmax", "takes_probabilities")
    said = outputs(network, x)
    classes = any(getattr(network.criterion, name, False) for name in softmax)
    return said.argmax(axis=1) if classes else said


def confusion_matrix(
    labels: npt.ArrayLike, predicted: npt.ArrayLike, num_classes: int
) -> npt.NDArray[np.intp]:
    """How many samples of class i were taken for class j, `(num_classes, num_classes)`.

    Both are class numbers `(N,)`. Raises ValueError for numbers out of range or other shapes,
    TypeError for what are no integers.
    """
    n = check_int(num_classes, "confusion_matrix", "num_classes")
    both: list[npt.NDArray[np.intp]] = []
    for what, given in (("labels", labels), ("predicted", predicted)):
        numbers = array_or_none(given)
        if numbers.ndim != 1 or (both and len(numbers) != len(both[0])):
            raise ValueError(
                f"confusion_matrix: expected class numbers (N,) as labels and as predicted, got "
                f"{numbers.shape} as {what}; of one-hot rows take argmax(axis=1)"
            )
        if numbers.dtype.kind not in "iu":
            raise TypeError(
                f"confusion_matrix: expected integers as {what}, got dtype {numbers.dtype}"
            )
        if len(numbers) and not (numbers.min() >= 0 and numbers.max() < n):
            raise ValueError(
                f"confusion_matrix: expected {what} from 0 to {n - 1}, got {numbers.min()} to "
                f"{numbers.max()}"
            )
        both.append(numbers.astype(np.intp))
    return np.bincount(both[0] * n + both[1], minlength=n * n).reshape(n, n)


def class_weights(labels: npt.ArrayLike) -> FloatArray:
    """A weight for each class of one-hot labels `(N, n)` by which all classes count the same.

    That is `N / (k count)` with k classes that have samples, so the weights average 1 over the
    samples; a class without any has the weight 1.
    """
    rows = as_floats(labels, "class_weights", "labels")
    if rows.ndim != 2 or not rows.size:
        raise ValueError(
            f"class_weights: expected one-hot labels (N, n), got {rows.shape}; "
            f"datasets.one_hot makes them of class numbers"
        )
    wrong = rows[~sum_to_one(rows)]
    if len(wrong):
        raise ValueError(
            f"class_weights: expected labels whose rows are at least 0 and sum to 1, got a sum of "
            f"{wrong[0].sum():.6g}; datasets.one_hot makes one-hot rows of class numbers (N,)"
        )
    counts = rows.sum(axis=0, dtype=np.float64)
    return np.where(counts > 0, len(rows) / ((counts > 0).sum() * np.maximum(counts, 1e-300)), 1.0)


__all__ = ["class_weights", "confusion_matrix", "predict", "predict_proba"]
