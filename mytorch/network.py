"""Network: a list of layers with a criterion and an optimizer."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checkpoint.constants import note_constants
from mytorch.checkpoint.state_dict import State, fitting, views_of
from mytorch.checks import network as checks
from mytorch.checks.arrays import FloatArray, as_batch, as_floats, forgot_forward, title
from mytorch.checks.methods import FORMULAS
from mytorch.checks.settings import check_bool
from mytorch.layer import infers_apart
from mytorch.numeric.layer_parameters import LayerParameter, LayerParameters
from mytorch.optim.optimizer import Optimizer
from mytorch.system.parallel import at_once, meanwhile
from mytorch.system.summary import size_of, table

STEPPED = "the weights changed since the last forward, by step or a load; call forward(x) first"
EVALUATED = (
    "the last forward was in evaluation mode, where batch norm does not keep what backward needs; "
    "call train() and forward(x) first"
)
UNFINISHED = "the last forward did not come to its end; call forward(x) again"


class Network:
    """Runs layers one after the other, forward and backward, and takes the optimizer's step.

    Parameters
    ----------
    layers : a list of layers: objects with `forward(x)` and `backward(grad)`, see `Layer`.
    criterion : the loss, e.g. `SoftmaxCrossEntropy()`.
    optimizer : e.g. `SGD(lr=0.1, momentum=0.9)`, made without parameters; it moves this network
        only. Without one the network can be evaluated, but takes no `step`.

    Attributes
    ----------
    output : the result of the last `forward`; None before the first.
    train_mode : whether `forward` runs the layers' `forward` or their `infer`.

    The first pass checks what each layer hands to the next; later ones check what enters, and what
    comes from a layer whose methods have no check of their own (`checks/methods.py`). A layer
    may stand in several networks: one network's forward, backward and step come before the next
    one's. Networks that train in two threads share nothing, the criterion included. Copies
    (`copy.deepcopy`, pickle) share nothing either, and train on from where the original was.
    Raises TypeError or ValueError where layers and criterion do not fit together.
    """

    def __init__(
        self, layers: Sequence[Any], criterion: Any, optimizer: Optimizer | None = None
    ) -> None:
        checks.check_network(layers, criterion, optimizer)
        self._layers = list(layers)
        self._learned = LayerParameters(optimizer)
        self._set_up(criterion)

    def _set_up(self, criterion: Any) -> None:
        self.criterion = criterion
        self.train_mode = True
        self.output: FloatArray | None = None
        self._pass: object = None  # what marks the last forward's layers; why backward cannot run
        self._fitted: Any = None  # the layers and the shape of a sample in a pass with all checks
        self._works_later = False
        note_constants([*self.layers, criterion])
        self._hand_over()

    @property
    def optimizer(self) -> Any:
        """What takes the steps; another one may be assigned, which begins without momentums."""
        return self._learned.optimizer

    @optimizer.setter
    def optimizer(self, new: Optimizer | None) -> None:
        self._check_optimizer(new)
        self._learned = copy.copy(self._learned)  # a shallow copy of the network has this one, too
        self._learned.optimizer = new
        self._hand_over()

    @property
    def layers(self) -> list[Any]:
        """The layers, in the order in which `forward` runs them."""
        return self._layers

    def __call__(self, x: npt.ArrayLike) -> FloatArray:
        """`forward(x)`."""
        return self.forward(x)

    def __repr__(self) -> str:
        rows = [(f"{i}: {layer!r}", size_of(layer)) for i, layer in enumerate(self.layers)]
        settings = (self.criterion, self.optimizer)
        head = ", ".join(repr(one) for one in settings if one is not None)
        return table(f"{type(self).__name__}({head})", rows, self.dtype)

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
                checked = trusted and formula is not None
                layer.used_by = this_pass
        if not isinstance(y, np.ndarray):
            raise TypeError(
                f"{title(self)}: expected an array from forward of {layers[-1]!r}, "
                f"got {type(y).__name__}; perhaps its return is missing"
            )
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
        left in `criterion.loss`. It may be called again with other labels. Raises ValueError for
        another shape, RuntimeError before `forward` and after a step, a load or a layer's own run.
        """
        layers = self.layers
        if self.output is None:
            raise forgot_forward(self, "backward")
        if input_grad is not False:
            input_grad = check_bool(input_grad, self, "input_grad")
        checks.check_pass(self, layers)
        self.criterion.forward(self.output, labels)
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
                checked = self._fitted is not None and formula is not None
        return grad if input_grad else None

    def zero_grads(self) -> None:
        """Sets every gradient to zeros."""
        for layer in self.layers:
            for name in getattr(layer, "parameters", ()):
                grad = vars(layer).get(f"d{name}")  # getattr would keep the new text in a cache
                if isinstance(grad, np.ndarray):
                    grad.fill(0)
                elif grad is not None:  # a single number
                    vars(layer)[f"d{name}"] = 0.0

    def parameters(self) -> list[LayerParameter]:
        """The learned arrays with their gradients, e.g. for `clip_grad_norm`."""
        self._hand_over()
        return self._learned.parameters

    def step(self) -> None:
        """One step of the optimizer, in place: copy what you want to keep. None before `backward`.

        A Ctrl-C in the middle may leave some layers a step ahead; all are good to train on from.
        """
        if self._learned.optimizer is None:
            raise RuntimeError(f"{title(self)}: step needs an optimizer, e.g. SGD(lr=0.1)")
        self._changed()
        self._learned.step(self.layers)

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

    def state_dict(self) -> State:
        """Copies of everything that `forward` depends on, with PyTorch's names and layouts.

        The names are those of a `Sequential` of the same layers: `0.weight (out, in)` and so on.
        """
        return {name: array.copy() for name, array in views_of(self.layers).items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Copies arrays, as `state_dict` names them, into the layers.

        Raises ValueError for a name that is missing or unknown and for another shape, TypeError for
        anything but arrays of numbers; the network then stays as it was.
        """
        views = views_of(self.layers)
        arrays, _ = fitting(views, state, self)
        for name, view in views.items():
            view[...] = arrays[name]
        self._changed()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes all that the next step depends on to the file `path`, in one piece.

        That is `state_dict`, what the optimizer keeps, mode, and the settings of every layer,
        arrays included; gradients are not kept. Raises OSError naming `path` where it can't be
        written.
        """
        from mytorch.checkpoint.network import save_network  # only who uses it waits for its import

        save_network(self, path)

    def load(self, path: str | os.PathLike[str]) -> None:
        """Continues from what `save` wrote for a network of the same structure and dtype.

        All gradients become zeros. Raises DataError, and leaves the network as it was, where the
        file is missing, damaged, of a later version or of another network.
        """
        from mytorch.checkpoint.network import load_network

        load_network(self, path)

    def _check_optimizer(self, new: Any) -> None:
        """Refuses what can't move this network; one that did before may come again."""
        checks.check_optimizer(type(self).__name__, new, self._learned.parameters)

    def _hand_over(self) -> None:
        """Gives the optimizer the arrays that the layers have now."""
        self._learned.hand_over(self.layers)

    def _changed(self) -> None:
        """What the layers keep of the last forward no longer goes with their weights."""
        if self._pass is not None:
            self._pass = STEPPED

    def _last_output(self, method: str) -> FloatArray:
        if self.output is None:
            raise forgot_forward(self, method)
        return self.output


__all__ = ["Network"]
