"""The multi-layer perceptron: a container that runs layers forward, backward and a step."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.activation import Activation
from mytorch.batchnorm import BatchNorm
from mytorch.checkpoint.state_dict import State, fitting, layer_views
from mytorch.checks.arrays import FloatArray, as_batch, cast, float_dtype, forgot_forward, title
from mytorch.checks.network import (
    check_kept,
    check_parts,
    check_structure,
    checked_rate,
    kept,
    layer_sizes,
    takes_probabilities,
)
from mytorch.checks.settings import check_bool, check_int
from mytorch.linear import BiasInit, Linear, WeightInit
from mytorch.loss import Criterion
from mytorch.numeric.flat import FlatArrays
from mytorch.numeric.layer_lists import OfLinearLayers


class MLP:
    """Layers of `Linear`, `BatchNorm` (in the first `num_bn_layers`) and activation (000 §3).

    Parameters
    ----------
    input_size, output_size : columns of the input and of the output.
    hiddens : the number of units of each hidden layer; an empty list gives a linear classifier.
    activations : one activation object for each layer, the output layer included.
    weight_init_fn, bias_init_fn : called for each layer in turn, as `Linear` says.
    criterion : the loss, e.g. `SoftmaxCrossEntropy()`.
    lr, momentum : learning rate and momentum of `step`.
    num_bn_layers : how many layers, from the input on, are batch-normalised.
    dtype : float32 or float64 for every layer; without it, that of the weights.

    Attributes
    ----------
    linear_layers, bn_layers, activations : the layers' parts, in order.
    W, dW, b, db : lists over the layers; assigning an element, `mlp.W[0] = array`, or the whole
        list reaches the layers.
    output : the result of the last `forward`, `(batch, output_size)`; None before the first.
    train_mode, bn, nlayers : whether batch norm uses the batch's statistics, whether there is
        batch norm, and the number of linear layers.

    A layer may be replaced by another of its size, and may stand in several networks: assign
    `other.linear_layers[0] = mlp.linear_layers[0]`. It has one set of gradients and momenta, so
    one network's forward, backward and step come before the next one's. Networks that train in
    two threads share nothing, the criterion included. Copies (`copy.deepcopy`, pickle) share
    nothing either, and train on from where the original was.

    Raises ValueError where the numbers of layers do not fit together, or where one activation
    object is used twice: it holds the state of one layer.
    """

    W = OfLinearLayers()
    dW = OfLinearLayers()
    b = OfLinearLayers()
    db = OfLinearLayers()

    def __init__(
        self,
        input_size: int,
        output_size: int,
        hiddens: Sequence[int],
        activations: Sequence[Activation],
        weight_init_fn: WeightInit,
        bias_init_fn: BiasInit,
        criterion: Criterion,
        lr: float,
        momentum: float = 0.0,
        num_bn_layers: int = 0,
        dtype: npt.DTypeLike | None = None,
    ) -> None:
        sizes = layer_sizes(input_size, hiddens, output_size)
        self.input_size, *_, self.output_size = sizes
        self.nlayers = len(sizes) - 1
        self.num_bn_layers = num_bn_layers = check_int(num_bn_layers, "MLP", "num_bn_layers", 0)
        self.bn = num_bn_layers > 0
        self.activations = list(activations) if np.iterable(activations) else [activations]
        self.criterion = criterion
        self.lr = checked_rate("lr", lr, np.inf)
        self.momentum = checked_rate("momentum", momentum, 1)
        self.train_mode = True
        self.output: FloatArray | None = None
        self._output_in_training = True
        self._kept: list[Any] | None = None  # still so where a subclass has its own forward
        self._stepped = False
        check_structure(self)

        if dtype is not None:
            dtype = float_dtype(dtype)
        self.linear_layers = [
            Linear(fan_in, fan_out, weight_init_fn, bias_init_fn, dtype)
            for fan_in, fan_out in pairwise(sizes)
        ]
        self.bn_layers = [
            BatchNorm(layer.out_feature, dtype=layer.dtype)
            for layer in self.linear_layers[:num_bn_layers]
        ]
        self._linear_arrays = FlatArrays(("W", "b"), ("dW", "db"), ("momentum_W", "momentum_b"))
        self._bn_arrays = FlatArrays(("gamma", "beta"), ("dgamma", "dbeta"))
        self._linear_arrays.parts(self.linear_layers)
        self._bn_arrays.parts(self.bn_layers)

    def __call__(self, x: npt.ArrayLike) -> FloatArray:
        """`forward(x)`."""
        return self.forward(x)

    def __repr__(self) -> str:
        sizes = [self.input_size, *(layer.out_feature for layer in self.linear_layers)]
        rows = []
        for i, layer in enumerate(self.linear_layers):
            norm = self.bn_layers[i : i + 1]
            parts = " -> ".join(map(repr, [layer, *norm, self.activations[i]]))
            count = layer.W.size + layer.b.size + sum(bn.gamma.size + bn.beta.size for bn in norm)
            rows.append((f"  {i}: {parts}", count))
        width = max(len(text) for text, _ in rows)
        total = sum(count for _, count in rows)
        return "\n".join(
            [
                f"MLP({' -> '.join(map(str, sizes))}, {self.criterion!r}, "
                f"lr={self.lr:g}, momentum={self.momentum:g})",
                *(f"{text:<{width}}  {count:>9,} parameters" for text, count in rows),
                f"{f'  all, {self.dtype}':<{width}}  {total:>9,} parameters",
            ]
        )

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype in which the network computes: that of its first layer."""
        return self.linear_layers[0].dtype

    def forward(self, x: npt.ArrayLike) -> FloatArray:
        """The network's output `(batch, output_size)` for `x (batch, input_size)`.

        Raises ValueError for another shape, an empty batch, and where a layer was added or stands
        twice; TypeError for anything not real.
        """
        check_parts(self)
        y = as_batch(x, self.input_size, self.dtype, self)
        for i, linear in enumerate(self.linear_layers):
            y = linear.forward(y)
            if i < self.num_bn_layers:
                bn = self.bn_layers[i]
                if bn.dtype != linear.dtype:  # other weights were assigned
                    cast(bn, linear.dtype)
                y = bn.forward(y, eval=not self.train_mode)
            y = self.activations[i].forward(y)
        self.output = y
        self._output_in_training = self.train_mode
        self._kept, self._stepped = kept(self), False
        return y

    def backward(self, labels: npt.ArrayLike, input_grad: bool = False) -> FloatArray | None:
        """Fills every `dW, db, dgamma, dbeta` for `labels (batch, output_size)` (001 §3.5).

        With `input_grad=True` also returns the gradient for the input, `(batch, input_size)`.
        The loss of each row is left in `criterion.loss`.
        It may be called again, with other labels, too. Raises RuntimeError before `forward`, after
        a `step` or a load, where a layer has since run forward in another network, and where batch
        norm did not see the batch because the network was in evaluation mode; ValueError for
        another shape.
        """
        output = self._last_output("backward")
        input_grad = check_bool(input_grad, self, "input_grad")
        if self.bn and not self._output_in_training:
            raise RuntimeError(
                f"{title(self)}: the last forward was in evaluation mode, where batch norm does "
                f"not keep what backward needs; call train() and forward(x) first"
            )
        if self._stepped:
            raise RuntimeError(
                f"{title(self)}: the weights changed since the last forward, by step or a load; "
                f"call forward(x) first"
            )
        if self._kept is not None:
            check_kept(self, self._kept)
        self.criterion.forward(output, labels)
        delta = self.criterion.derivative()
        for i in reversed(range(self.nlayers)):
            # CrossEntropy's derivative has already passed the softmax in the last layer.
            if not (i == self.nlayers - 1 and takes_probabilities(self.criterion)):
                delta = self.activations[i].backward(delta)
            if i < self.num_bn_layers:
                delta = self.bn_layers[i].backward(delta)
            if i > 0 or input_grad:
                delta = self.linear_layers[i].backward(delta)
            else:
                self.linear_layers[i].parameter_gradients(delta)
        return delta if input_grad else None

    def zero_grads(self) -> None:
        """Sets every gradient to zeros."""
        for _, dW, _ in self._linear_arrays.parts(self.linear_layers):
            dW.fill(0)
        for _, dgamma in self._bn_arrays.parts(self.bn_layers):
            dgamma.fill(0)

    def step(self) -> None:
        """One step of gradient descent with momentum, in place (000 §3.6, 002 §2.6).

        `v = momentum * v - lr * dW` and `W = W + v`, likewise for `b`;
        `gamma = gamma - lr * dgamma` and `beta = beta - lr * dbeta` have no momentum.
        Before the first `backward` all gradients are zeros, and the step changes nothing.
        A Ctrl-C in the middle may leave some layers a step ahead of others, or momenta ahead of
        the weights; all are as good as before to train on from.
        Raises TypeError or ValueError where `lr` or `momentum` was set to something impossible.
        """
        lr = checked_rate("lr", self.lr, np.inf)
        momentum = checked_rate("momentum", self.momentum, 1)
        self._stepped = self._kept is not None
        # Here W is every W and b of the network, one after the other, and so are dW and v.
        for W, dW, v in self._linear_arrays.parts(self.linear_layers):
            v *= momentum
            v -= lr * dW
            W += v
        for gamma, dgamma in self._bn_arrays.parts(self.bn_layers):
            gamma -= lr * dgamma

    def train(self) -> None:
        """Training mode: batch norm uses the batch's statistics and updates the running ones."""
        self.train_mode = True

    def eval(self) -> None:
        """Evaluation mode: batch norm uses the running statistics and changes nothing."""
        self.train_mode = False

    def state_dict(self) -> State:
        """Copies of everything that `forward` depends on, with PyTorch's names and layouts.

        The names are those of a `Sequential` of the same layers: `0.weight (out, in)`,
        `0.bias (out,)`; batch norm's scale and shift are `weight` and `bias` too.
        """
        return {name: array.copy() for name, array in layer_views(self).items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Copies arrays, as `state_dict` names them, into the layers.

        Raises ValueError for a name that is missing or unknown and for another shape, TypeError for
        what is no array of numbers; the network then stays as it was.
        """
        views = layer_views(self)
        arrays = fitting(views, state, self)
        for name, view in views.items():
            view[...] = arrays[name]
        self._stepped = self._kept is not None

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes all that the next step depends on to the file `path`, in one piece.

        That is `state_dict`, momentum, learning rate, mode and the settings of every part;
        gradients are not kept. Raises OSError naming `path` where it can't be written.
        """
        from mytorch.checkpoint.mlp import save_mlp  # only who uses it waits for its import

        save_mlp(self, path)

    def load(self, path: str | os.PathLike[str]) -> None:
        """Continues from what `save` wrote for a network of the same structure and dtype.

        All gradients become zeros. Raises DataError, and leaves the network as it was, where the
        file is missing, damaged, of a later version or of another network.
        """
        from mytorch.checkpoint.mlp import load_mlp

        load_mlp(self, path)

    def error(self, labels: npt.ArrayLike) -> int:
        """How many rows of the last output have their largest value at another class.

        `labels` is one-hot, `(batch, output_size)`. Raises as `total_loss` does.
        """
        output = self._last_output("error")
        rows = as_batch(labels, self.output_size, self.dtype, self, "labels", rows=len(output))
        return int(np.count_nonzero(output.argmax(axis=1) != rows.argmax(axis=1)))

    def total_loss(self, labels: npt.ArrayLike) -> float:
        """The loss of the last output, summed over the batch.

        Raises RuntimeError before `forward`, ValueError for labels of another shape.
        """
        return float(self.criterion.forward(self._last_output("total_loss"), labels).sum())

    def _last_output(self, method: str) -> FloatArray:
        if self.output is None:
            raise forgot_forward(self, method)
        return self.output
