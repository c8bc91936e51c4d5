"""Network: a list of layers with a criterion and an optimizer."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mytorch.checkpoint.constants import note_constants
from mytorch.checkpoint.state_dict import State, fitting, views_of
from mytorch.checks import network as checks
from mytorch.checks.arrays import title
from mytorch.network.passes import Passes
from mytorch.numeric.layer_parameters import LayerParameter, LayerParameters
from mytorch.optim.optimizer import Optimizer
from mytorch.system.summary import call, size_of, table


class Network(Passes):
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
    losses : the loss of each row in the last `backward`, as the criterion gave it; likewise.
    train_mode : whether `forward` runs the layers' `forward` or their `infer`.

    A layer may stand in several networks: one network's forward, backward and step come before the
    next one's. Networks that train in two threads share nothing, the criterion included. Copies
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
        self._begin()
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

    def __repr__(self) -> str:
        rows = [(f"{i}: {layer!r}", size_of(layer)) for i, layer in enumerate(self.layers)]
        settings = [repr(one) for one in (self.criterion, self.optimizer) if one is not None]
        return table(call(type(self).__name__, settings), rows, self.dtype)

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


__all__ = ["Network"]
