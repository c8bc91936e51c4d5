"""The multi-layer perceptron: the homework's network of linear layers, batch norms, activations."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.activation import Activation
from mytorch.batchnorm import BatchNorm
from mytorch.checks.arrays import FloatArray, as_batch, float_dtype
from mytorch.checks.network import check_lists, check_mlp, layer_sizes
from mytorch.checks.settings import check_int, check_real
from mytorch.linear import BiasInit, Linear, WeightInit
from mytorch.loss import Criterion
from mytorch.network import Network
from mytorch.network.passes import STEPPED
from mytorch.numeric.layer_lists import OfLinearLayers
from mytorch.numeric.layer_parameters import LayerParameter, LayerParameters
from mytorch.optim.sgd import SGD
from mytorch.system.summary import size_of, table


class MLP(Network):
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
    linear_layers, bn_layers, activations : the layers by kind, in order; one may be replaced by
        another of its size.
    W, dW, b, db : lists over the layers; assigning an element, `mlp.W[0] = array`, or the whole
        list reaches the layers.
    output : the result of the last `forward`, `(batch, output_size)`; None before the first.
    train_mode, bn, nlayers : whether batch norm uses the batch's statistics, whether there is
        batch norm, and the number of linear layers.

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
        self.num_bn_layers = check_int(num_bn_layers, "MLP", "num_bn_layers", 0)
        self.bn = self.num_bn_layers > 0
        self.activations = list(activations) if np.iterable(activations) else [activations]
        self.criterion = criterion
        check_mlp(self)
        # As the homework has it, gamma and beta take a step of their own, without momentum.
        self._learned = LayerParameters(SGD(), momenta=True)
        self._norms = LayerParameters(SGD())
        self.lr, self.momentum = lr, momentum
        dtype = None if dtype is None else float_dtype(dtype)
        self.linear_layers = [
            Linear(fan_in, fan_out, weight_init_fn, bias_init_fn, dtype)
            for fan_in, fan_out in pairwise(sizes)
        ]
        self.bn_layers = [
            BatchNorm(layer.out_feature, dtype=layer.dtype)
            for layer in self.linear_layers[: self.num_bn_layers]
        ]
        self._lists: tuple[list[Any], ...] = ()
        self._learning: list[Any] = []  # activations with parameters
        self._set_up(criterion)

    def __repr__(self) -> str:
        sizes = [self.input_size, *(layer.out_feature for layer in self.linear_layers)]
        rows = []
        for i, (linear, activation) in enumerate(
            zip(self.linear_layers, self.activations, strict=True)
        ):
            group = [linear, *self.bn_layers[i : i + 1], activation]
            rows.append((f"{i}: {' -> '.join(map(repr, group))}", sum(map(size_of, group))))
        return table(
            f"MLP({' -> '.join(map(str, sizes))}, {self.criterion!r}, "
            f"lr={self.lr:g}, momentum={self.momentum:g})",
            rows,
            self.dtype,
        )

    @property
    def layers(self) -> list[Any]:
        """All layers in the order in which `forward` runs them."""
        lists = (self.linear_layers, self.bn_layers, self.activations)
        if lists != self._lists:  # a layer was replaced, or this is the first time
            check_lists(self)
            layers: list[Any] = []
            for i, (linear, activation) in enumerate(zip(lists[0], lists[2], strict=True)):
                layers += [linear, *self.bn_layers[i : i + 1], activation]
            self._layers = layers
            self._learning = [one for one in lists[2] if getattr(one, "parameters", ())]
            self._lists = ([*lists[0]], [*lists[1]], [*lists[2]])  # last: Ctrl-C may come before
        return self._layers

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype in which the network computes: that of its first layer."""
        return self.linear_layers[0].dtype

    @property
    def lr(self) -> float:
        """The learning rate; TypeError or ValueError where an impossible one is assigned."""
        return self.optimizer.lr

    @lr.setter
    def lr(self, value: float) -> None:
        self.optimizer.lr = check_real(value, "MLP", "lr", 0)

    @property
    def momentum(self) -> float:
        """The share of the last step that is taken again, from 0 to 1; checked as `lr` is."""
        return self.optimizer.momentum

    @momentum.setter
    def momentum(self, value: float) -> None:
        self.optimizer.momentum = check_real(value, "MLP", "momentum", 0, 1)

    def check_input(self, x: npt.ArrayLike) -> FloatArray:
        """`x` as `(batch, input_size)` in the network's dtype; ValueError for another shape."""
        return as_batch(x, self.input_size, self.linear_layers[0].dtype, self)

    def parameters(self) -> list[LayerParameter]:
        """All learned arrays with their gradients: of linear layers, then of the others."""
        return [*super().parameters(), *self._norms.parameters]

    def step(self) -> None:
        """One step of gradient descent with momentum, in place (000 §3.6, 002 §2.6).

        `v = momentum * v - lr * dW` and `W = W + v`, likewise for `b`;
        `gamma = gamma - lr * dgamma` and `beta = beta - lr * dbeta` have no momentum, nor has what
        an activation of your own learns.
        Otherwise as `Network.step`.
        """
        if self._pass is not None:
            self._pass = STEPPED
        self._learned.step(self.linear_layers)
        others = [*self.bn_layers, *self._learning]
        if others:
            plain = self._norms.optimizer
            if plain.lr != self._learned.optimizer.lr:
                plain.lr = self._learned.optimizer.lr
            self._norms.step(others)

    def _check_optimizer(self, new: Any) -> None:
        super()._check_optimizer(new)
        if not isinstance(new, SGD):
            raise TypeError(
                f"MLP: expected SGD as optimizer, for an MLP has lr and momentum, got {new!r}; "
                f"other rules move Network(mlp.layers, mlp.criterion, Adam())"
            )

    def _hand_over(self) -> None:
        self._learned.hand_over(self.linear_layers)
        self._norms.hand_over([*self.bn_layers, *self._learning])


__all__ = ["MLP", "Network"]
