"""The passes of a network: its layers run one after the other, forward and backward."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checkpoint.constants import note_constants
from mytorch.checks import network as checks
from mytorch.checks.arrays import FloatArray, as_batch, as_floats, forgot_forward, no_array
from mytorch.checks.methods import FORMULAS
from mytorch.checks.settings import check_bool
from mytorch.layer import infers_apart
from mytorch.system.parallel import at_once, meanwhile

STEPPED = "the weights changed since the last forward, by step or a load; call forward(x) first"
EVALUATED = (
    "the last forward was in evaluation mode, where batch norm does not keep what backward needs; "
    "call train() and forward(x) first"
)
UNFINISHED = "the last forward did not come to its end; call forward(x) again"


class Passes:
    """Runs layers one after the other, forward and backward; see `Network`.

    The first pass checks what each layer hands to the next; later ones check what enters, and what
    comes from a layer whose methods have no check of their own (`checks/methods.py`).
    """

    criterion: Any

    def _begin(self) -> None:
        """Before the first pass."""
        self.train_mode = True
        self.output: FloatArray | None = None
        self.losses: Any = None  # what the criterion gave for the last labels
        self._pass: object = None  # what marks the last forward's layers; why backward cannot run
        self._fitted: Any = None  # the layers and the shape of a sample in a pass with all checks
        self._works_later = False

    @property
    def layers(self) -> Sequence[Any]:
        """The layers, in the order in which `forward` runs them."""
        raise NotImplementedError(f"{type(self).__name__} has no layers yet")

    def __call__(self, x: npt.ArrayLike) -> FloatArray:
        """`forward(x)`."""
        return self.forward(x)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype in which the network computes: that of its first layer that has one."""
        for layer in self.layers:
            if getattr(layer, "dtype", None) is not None:
                return layer.dtype
        return np.dtype(np.float64)

    def forward(self, x: npt.ArrayLike) -> FloatArray:
        """The output for `x`, whose rows are samples; keeps what `backward` needs.

        Raises ValueError for another shape than the first layer takes, an empty batch, and where a
        layer stands twice; TypeError for anything not real.
        """
        layers, training = self.layers, self.train_mode
        y = self.check_input(x)
        fitting_pass = (layers, y.shape[1:])
        trusted = checked = fitting_pass == self._fitted
        if not trusted:
            checks.check_layers(layers)
            note_constants(layers)
            self._works_later = any(getattr(layer, "works_later", False) for layer in layers)
            self._fitted = None
        if hasattr(self.criterion, "forget"):  # one of a user's may keep all it has
            self.criterion.forget()
        if self._pass is not None:
            self._pass = UNFINISHED
        this_pass = object()
        with np.errstate(over="ignore", invalid="ignore"):
            for layer in layers:
                run = layer.forward if training else getattr(layer, "infer", layer.forward)
                formula = FORMULAS.get(getattr(run, "__func__", None))
                y = formula(run.__self__, y) if checked and formula is not None else run(y)
                if y is None:
                    raise no_array(self, f"forward of {layer!r}", y)
                checked = trusted and formula is not None
                layer.used_by = this_pass
        if not isinstance(y, np.ndarray):
            raise no_array(self, f"forward of {layers[-1]!r}", y)
        if not trusted and checks.one_dtype(layers):
            self._fitted = (list(layers), fitting_pass[1])
        self.output = y
        self._pass = this_pass if training or not any(map(infers_apart, layers)) else EVALUATED
        return y

    def check_input(self, x: npt.ArrayLike) -> FloatArray:
        """`x` as the first layer takes it, in the network's dtype."""
        first, dtype = self.layers[0], self.dtype
        array = first.check_input(x) if hasattr(first, "check_input") else as_floats(x, self)
        return array if array.dtype == dtype else array.astype(dtype)

    def backward(self, labels: npt.ArrayLike, input_grad: bool = False) -> FloatArray | None:
        """Fills every layer's gradients for `labels`, of the output's shape (001 §3.5).

        With `input_grad=True` also returns the gradient for the input. The loss of each row is
        left in `losses`. It may be called again with other labels. Raises ValueError for
        another shape, RuntimeError before `forward` and after a step, a load or a layer's own run,
        TypeError where a layer's backward returns nothing.
        """
        layers = self.layers
        if self.output is None:
            raise forgot_forward(self, "backward")
        if input_grad is not False:
            input_grad = check_bool(input_grad, self, "input_grad")
        checks.check_pass(self, layers)
        self.losses = self.criterion.forward(self.output, labels)
        derivative = self.criterion.derivative
        formula = FORMULAS.get(getattr(derivative, "__func__", None))
        grad = derivative() if formula is None else formula(derivative.__self__)
        checked = self._fitted is not None and formula is not None
        last = len(layers)
        if getattr(self.criterion, "passes_softmax", False):
            last -= 1  # the derivative has already passed the softmax
        first = 0
        while first < last - 1 and not input_grad and not getattr(layers[first], "parameters", 0):
            first += 1  # no gradient is needed below the first layer that learns
        with meanwhile() if self._works_later else nullcontext():
            for i in range(last - 1, first - 1, -1):
                layer = layers[i]
                backward = layer.backward
                if i == first and not input_grad and "backward" not in vars(layer):
                    backward = getattr(layer, "parameter_gradients", backward)
                formula = FORMULAS.get(getattr(backward, "__func__", None))
                if checked and formula is not None:
                    grad = formula(backward.__self__, grad)
                else:  # it may look at the gradients that a layer of the library leaves
                    grad = at_once(backward, grad)
                    if grad is None and (i > first or input_grad):
                        raise no_array(self, f"backward of {layer!r}", grad)
                checked = self._fitted is not None and formula is not None
        return grad if input_grad else None

    def train(self) -> None:
        """Training mode: batch norm uses the batch's statistics and updates the running ones."""
        self.train_mode = True

    def eval(self) -> None:
        """Evaluation mode: layers compute as `infer` says, e.g. with running statistics."""
        self.train_mode = False

    def error(self, labels: npt.ArrayLike) -> int:
        """How many rows of the last output have their largest value at another class.

        `labels` is one-hot, of the output's shape, at least two columns. Raises as `total_loss`.
        """
        output = checks.with_classes(self, self._last_output("error"))
        rows = as_batch(labels, output.shape[1], output.dtype, self, "labels", rows=len(output))
        return int(np.count_nonzero(output.argmax(axis=1) != rows.argmax(axis=1)))

    def total_loss(self, labels: npt.ArrayLike) -> float:
        """The loss of the last output, summed over the batch.

        Raises RuntimeError before `forward`, ValueError for labels of another shape.
        """
        return float(self.criterion.forward(self._last_output("total_loss"), labels).sum())

    def _changed(self) -> None:
        """What the layers keep of the last forward no longer goes with their weights."""
        if self._pass is not None:
            self._pass = STEPPED

    def _last_output(self, method: str) -> FloatArray:
        if self.output is None:
            raise forgot_forward(self, method)
        return self.output


__all__ = ["EVALUATED", "STEPPED", "UNFINISHED", "Passes"]
