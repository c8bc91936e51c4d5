"""Optimizer: what all update rules have in common."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial
from operator import attrgetter, is_
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.remedies import parameter_remedy, parameters_remedy, rate_remedy
from mytorch.checks.settings import Setting, shown
from mytorch.numeric.flat import FlatArrays
from mytorch.system.parallel import in_parallel
from mytorch.system.process import keep_memory
from mytorch.system.summary import call, named

MANY = 8
"""Pieces, from which on other threads save more time than it takes to wake them."""


class Optimizer:
    """Holds parameters and changes them by their gradients; a subclass writes `update`.

        class SignSGD(Optimizer):
            def update(self, W, dW):
                W -= self.lr * np.sign(dW)

    A parameter is anything with `data`, an array of floats, and `grad`: None, an array or a tensor.
    What a rule keeps for each parameter, e.g. its last step, is a list of arrays of their shapes,
    zeros at first; `state` has the names of these lists.

    Inside, all arrays lie in flat ones, so that a rule runs over many parameters at once; `data`
    is then a view of them, which a step changes in place.

    Attributes
    ----------
    params : the parameters, as a list; empty until a network hands over its own.
    lr : the learning rate, at least 0.
    steps : how many steps each parameter has taken.
    t : inside `update`, the number of this step, from 1.
    flat : the flat arrays of data, of gradients and of each list in `state`; None before a step.
    schedule : the newest schedule of its learning rate, which checkpoints keep with it; or None.
    gathered : whether a network has just seen that they hold what its layers hold.

    Raises ValueError where `params` are given and there are none, or one stands there twice;
    TypeError for anything that is no parameter of floats, and for tensors that are no leaves.
    """

    state: tuple[str, ...] = ()
    on_threads = False
    """Whether `update` may run on several threads at once, as that of the library's own rules."""
    lr = Setting(0)

    def __init__(self, params: Iterable[Any] | None = None, lr: float = 0.001) -> None:
        keep_memory()
        self.lr = lr
        self.params: list[Any] = []
        self.steps: list[int] = []
        self.t = 0
        self.flat: list[FlatArrays] | None = None
        self.gathered = False
        self.schedule: Any = None
        self._pieces: list[tuple[Any, ...]] = []  # what `update` is called with
        self._versions: list[list[int]] = []  # how often tensors were changed, which they count
        for name in self.state:
            setattr(self, name, [])
        if params is not None:
            self.params = self._checked(params)
            self.steps = [0] * len(self.params)
            for name in self.state:
                setattr(self, name, [np.zeros_like(p.data) for p in self.params])

    def __repr__(self) -> str:
        settings = {n: v for n, v in vars(self).items() if type(v) is float}
        return call(type(self).__name__, named(settings))

    def update(self, W: Any, dW: Any, *state: Any) -> Any:
        """Changes `W` in place by its gradient `dW` and what `state` names, all of one shape.

        It returns nothing, or `W` itself; TypeError in `step` for anything else.
        """
        raise NotImplementedError(f"{type(self).__name__} has no step yet: it needs an update")

    def step(self) -> None:
        """`update` for every parameter that has a gradient."""
        if type(self).update is Optimizer.update:
            self.update(None, None)  # even where no parameter has a gradient yet
        missing: Collection[int] = () if self.gathered else self._gather()
        self.gathered = False
        steps = self.steps
        if steps and not missing and steps.count(steps[0]) == len(steps):
            self.t = steps[0] + 1
            if self.on_threads and len(self._pieces) >= MANY:
                in_parallel(partial(self._checked_update, *arrays) for arrays in self._pieces)
            else:
                for arrays in self._pieces:  # `_checked_update` without its call
                    if (result := self.update(*arrays)) is not None:
                        self._check_result(result, arrays[0])
            self.steps = [self.t] * len(steps)
        else:
            for i, arrays in enumerate(
                zip(*map(attrgetter("views"), self.flat or ()), strict=True)
            ):
                if i not in missing:
                    self.t = steps[i] = steps[i] + 1
                    self._checked_update(*arrays)
        for version in self._versions:
            version[0] += 1

    def _checked_update(self, *arrays: Any) -> None:
        """`update` with a check of what it returns."""
        if (result := self.update(*arrays)) is not None:
            self._check_result(result, arrays[0])

    def _check_result(self, result: Any, W: Any) -> None:
        """TypeError where `update` returned a new W, which is not used."""
        if result is not W:
            raise TypeError(
                f"{type(self).__name__}: expected update to change W in place and to return "
                f"nothing, got {shown(result)}; write e.g. W -= self.lr * dW, without return"
            )

    def zero_grad(self) -> None:
        """Sets the gradient of every parameter to None."""
        for parameter in self.params:
            parameter.grad = None

    def take_over(self, params: list[Any], momentums: list[Any] | None = None) -> None:
        """Makes these the parameters; what was kept for those that were there already stays.

        `momentums` replaces what was kept under that name.
        """
        known = {id(p): i for i, p in enumerate(self.params)}
        places = [known.get(id(p)) for p in params]
        for name in self.state:
            kept = getattr(self, name)
            arrays = [
                np.zeros_like(p.data) if i is None else kept[i]
                for p, i in zip(params, places, strict=True)
            ]
            own = name == "momentums" and momentums is not None
            setattr(self, name, momentums if own else arrays)
        self.steps = [0 if i is None else self.steps[i] for i in places]
        if params != self.params:
            self.params, self.flat = list(params), None
        if params:
            self._gather()

    def _gather(self) -> set[int]:
        """Brings into the flat arrays what is not there; the result numbers missing gradients."""
        if self.flat is None:
            data = FlatArrays([p.data for p in self.params])
            zeros = [np.zeros_like(view) for view in data.views]  # which lie in memory as data does
            made = [data, *(FlatArrays(zeros) for _ in ("grad", *self.state))]
            self._pieces = list(zip(*map(attrgetter("pieces"), made), strict=True))
            self._versions = [p.version for p in self.params if hasattr(p, "version")]
            self.flat = made  # last: what is interrupted before is made again
        data, grads, *kept = self.flat
        for name, flat in zip(self.state, kept, strict=True):
            arrays = getattr(self, name)
            if not all(map(is_, arrays, flat.views)):
                for parameter, array, view in zip(self.params, arrays, flat.views, strict=True):
                    if array is not view:
                        self._copy(array, view, parameter, name)
                setattr(self, name, list(flat.views))
        missing = set()
        for i, parameter in enumerate(self.params):
            own, view = data.views[i], grads.views[i]
            if parameter.data is not own:
                self._copy(parameter.data, own, parameter, "data")
                parameter.data = own
            grad = parameter.grad
            if grad is None:
                missing.add(i)
            elif hasattr(grad, "grad_fn") and (array := grad._data).shape == view.shape:
                view[...] = array
            elif grad is not view:
                self._gather_array(parameter, view)
        return missing

    def _gather_array(self, parameter: Any, view: npt.NDArray[Any]) -> None:
        """Copies a gradient that is an array; raises for anything that is no gradient."""
        grad = parameter.grad
        if hasattr(grad, "grad_fn"):
            grad = grad.data  # of another shape
        elif not isinstance(grad, np.ndarray) or hasattr(parameter, "grad_fn"):
            name = type(self).__name__
            raise TypeError(f"{name}: expected a Tensor as grad, got {type(grad).__name__}")
        self._copy(grad, view, parameter, "grad")
        parameter.grad = view  # a parameter with arrays keeps it from then on

    def _copy(self, array: Any, view: npt.NDArray[Any], parameter: Any, what: str) -> None:
        """`view[...] = array`; ValueError for another shape."""
        if array.shape != view.shape:
            raise ValueError(
                f"{type(self).__name__}: expected a {what} of the parameter's shape {view.shape}, "
                f"got {array.shape}{'' if hasattr(parameter, 'grad_fn') else f' for {parameter!r}'}"
            )
        view[...] = array

    def _checked(self, params: Iterable[Any]) -> list[Any]:
        """The parameters as a list, or an error that says what was expected."""
        name = type(self).__name__
        if (
            not isinstance(params, Iterable)
            or isinstance(params, np.ndarray | str | bytes | dict)
            or hasattr(params, "grad_fn")  # a tensor
            or hasattr(params, "parameters")  # a module, of which some are sequences of modules
        ):
            raise TypeError(
                f"{name}: expected a list of parameters, e.g. model.parameters(), "
                f"got {type(params).__name__}{rate_remedy(params, name)}{parameters_remedy(params)}"
            )
        parameters = list(params)
        for parameter in parameters:
            if not (hasattr(parameter, "grad") and getattr(parameter, "is_leaf", True)):
                raise TypeError(
                    f"{name}: expected leaf tensors, got {type(parameter).__name__}"
                    f"{parameter_remedy(parameter)}"
                )
            if parameter.data.dtype.kind != "f":
                raise TypeError(
                    f"{name}: expected parameters of floats, got {parameter.data.dtype}"
                )
        if len(set(map(id, parameters))) != len(parameters):
            raise ValueError(f"{name}: one parameter stands twice in params")
        if not parameters:
            raise ValueError(
                f"{name}: expected at least one parameter, got none; "
                f"an optimizer of a network is given None, and takes over the network's"
            )
        return parameters

    def __getstate__(self) -> dict[str, Any]:
        # Views of a flat array would be copied as arrays of their own, no longer in it.
        return {**vars(self), "flat": None, "_pieces": [], "_versions": []}


__all__ = ["Optimizer"]
