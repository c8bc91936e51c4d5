"""Checks in front of the methods of layers and criteria.

A method is written as a formula of arrays that fit; the decorator puts a check of its arguments in
front, for whoever calls a layer by itself. A network, which knows what one layer hands to the
next, calls the formula behind the check, which `FORMULAS` knows by the method's function. (An
attribute of the function would also be on a user's function around it, by `functools.wraps`.)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import partial, wraps
from inspect import isfunction
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray, forgot_forward
from mytorch.checks.labels import as_labelled

Method = TypeVar("Method", bound=Callable[..., Any])

FORMULAS: dict[Any, Callable[..., Any]] = {}
"""For each checked function, what runs behind its check."""


class _Here(threading.local):
    """Whether this thread is in a block of `quiet`."""

    quiet = False


_here = _Here()


class quiet:  # noqa: N801 - it is called as a function is
    """A block in which arithmetic does not warn: what leaves the dtype's range becomes inf.

    Formulas need no such block of their own, for a network and the check in front of a layer, a
    criterion or an operation run them in one. Inside another one it does nothing: after each change
    of what NumPy warns of, its next operations take longer.
    """

    __slots__ = ("block",)

    def __enter__(self) -> None:
        self.block = None if _here.quiet else np.errstate(over="ignore", invalid="ignore")
        if self.block is not None:
            self.block.__enter__()
            _here.quiet = True

    def __exit__(self, *error: Any) -> None:
        if self.block is not None:
            _here.quiet = False
            self.block.__exit__(*error)


def formula_of(method: Any) -> Callable[..., Any]:
    """A layer's method without the check in front of it; itself where it has none."""
    formula = FORMULAS.get(getattr(method, "__func__", None))
    return method if formula is None else partial(formula, method.__self__)


def takes_input(formula: Method) -> Method:
    """`forward` or `infer` with a check of `x` in front, for calls of a layer by itself."""

    def check(layer: Any, x: Any) -> FloatArray:
        if formula.__name__ == "forward":
            layer.used_by = None  # what the pass of a network left here is overwritten
        array: FloatArray = layer.check_input(x)
        return array

    return _behind(check, formula)


def takes_gradient(formula: Method) -> Method:
    """`backward` with a check of its gradient in front, for calls of a layer by itself."""
    return _behind(lambda layer, grad: layer.check_gradient(grad), formula)


def _behind(check: Callable[[Any, Any], FloatArray], formula: Method) -> Method:
    """`formula` whose first argument is checked."""
    name = formula.__code__.co_varnames[1]

    @wraps(formula)
    def checked(layer: Any, *values: Any, **named: Any) -> Any:
        if values:
            values = (check(layer, values[0]), *values[1:])
        elif name in named:
            named[name] = check(layer, named[name])
        with quiet():
            return formula(layer, *values, **named)

    FORMULAS[checked] = formula
    return checked  # type: ignore[return-value]


LAYER_CHECKS = {
    "forward": takes_input,
    "infer": takes_input,
    "backward": takes_gradient,
    "parameter_gradients": takes_gradient,
}
"""What is put in front of a layer's methods."""


def keeps_state(formula: Method) -> Method:
    """`forward` of an activation: keeps its result in `state`, with a check of `x` in front."""

    @wraps(formula)
    def forward(layer: Any, x: Any) -> FloatArray:
        layer.state = None  # its memory is then free for the next one
        layer.state = out = np.asarray(formula(layer, x), x.dtype)
        return out

    return takes_input(forward)  # type: ignore[return-value]


def keeps_output(formula: Method) -> Method:
    """`forward` of an activation without a check, which keeps its result where it kept no other."""

    @wraps(formula)
    def keeping(layer: Any, *values: Any, **named: Any) -> Any:
        kept = vars(layer)
        kept.pop("state", None)
        out = formula(layer, *values, **named)
        kept.setdefault("state", out)
        return out

    return keeping  # type: ignore[return-value]


def elementwise(formula: Method) -> Method:
    """`local_gradient` of a class of our own: it may be called with a part of what is kept."""
    FORMULAS[formula] = formula
    return formula


ACTIVATION_CHECKS = {**LAYER_CHECKS, "forward": keeps_state, "local_gradient": elementwise}
"""The same for an activation, whose `forward` is also kept."""


ACTIVATION_KEEPERS = {"forward": keeps_output}
"""What keeps the output of an activation without checks."""


def decorate(cls: type, decorators: Mapping[str, Callable[[Any], Any]]) -> None:
    """Decorates those of the named methods that a class writes itself, and without a check yet."""
    for name in decorators.keys() & vars(cls).keys():
        method = vars(cls)[name]
        if isfunction(method) and method not in FORMULAS:
            setattr(cls, name, decorators[name](method))


def takes_labels(formula: Method) -> Method:
    """`forward(x, y)` that checks both arguments and keeps them in `logits` and `labels`."""

    @wraps(formula)
    def checked(criterion: Any, x: npt.ArrayLike, y: npt.ArrayLike) -> Any:
        logits, labels = as_labelled(x, y, criterion)
        with np.errstate(over="ignore", invalid="ignore"):
            criterion.loss = formula(criterion, logits, labels)
        criterion.logits, criterion.labels = logits, labels
        return criterion.loss

    return checked  # type: ignore[return-value]


def keeps_loss(formula: Method) -> Method:
    """`forward(x, y)` without a check, which also keeps its arguments and what it returns."""

    @wraps(formula)
    def keeping(criterion: Any, x: Any, y: Any) -> Any:
        criterion.logits, criterion.labels = x, y  # before: it may keep others in their place
        criterion.loss = formula(criterion, x, y)
        return criterion.loss

    return keeping  # type: ignore[return-value]


def after_forward(formula: Method) -> Method:
    """`derivative()` that raises RuntimeError before the first `forward`."""

    @wraps(formula)
    def checked(criterion: Any) -> Any:
        if criterion.loss is None:
            raise forgot_forward(criterion, "derivative")
        return formula(criterion)

    FORMULAS[checked] = formula
    return checked  # type: ignore[return-value]


CRITERION_CHECKS = {"forward": takes_labels, "derivative": after_forward}
"""What is put in front of a criterion's methods."""

CRITERION_KEEPERS = {"forward": keeps_loss}
"""What keeps the loss of a criterion without checks."""
