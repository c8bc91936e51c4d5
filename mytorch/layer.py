"""Layer: the one idea that networks, optimizers, checkpoints, `gradcheck` and tensors know.

    class Scale(Layer):
        parameters = ("factor",)                    # has its gradient in `dfactor`

        def __init__(self, n):
            self.factor = np.ones((1, n))

        def forward(self, x):
            self.x = x
            return x * self.factor

        def backward(self, grad):
            self.dfactor = (grad * self.x).sum(axis=0, keepdims=True)
            return grad * self.factor

`forward` and `backward` are formulas of arrays that fit. The library's own layers are written with
`checked=True`, which puts checks in front of them, for whoever calls a layer by itself
(`checks/methods.py`). The bases of all activations and of all criteria are here, too.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import (
    ArrayAttribute,
    FloatArray,
    as_batch,
    as_floats,
    as_gradient,
    as_logits,
    forgot_forward,
    not_a_slope,
)
from mytorch.checks.component import Component
from mytorch.checks.methods import (
    ACTIVATION_CHECKS,
    ACTIVATION_KEEPERS,
    CRITERION_CHECKS,
    CRITERION_KEEPERS,
    FORMULAS,
    LAYER_CHECKS,
    quiet,
)
from mytorch.numeric.blocks import NUMBERS, times_slope


class Layer(Component):
    """A function with learned arrays: `forward`, `backward`, and the names of what it learns.

    Attributes
    ----------
    parameters : the names of the learned arrays; `W` has its gradient in `dW`.
    buffers : the names of the arrays that are stored with them, e.g. running statistics.
    kept : the names of other arrays that passes and steps leave in the layer; see `Component`.
    output_like : the name of one of these that has the output's shape and dtype; or, in a layer
        with an `out_feature`, as many rows as the output.
    torch_names : what PyTorch calls its arrays, where that is not their own name.
    constants : the names of arrays that are settings, stored too; a network that first has a layer
        notes here all others that are there before it runs.
    averaged : the parameters whose gradient is the mean over the batch, the others' being the sum.
    works_later : whether `backward` leaves work to other threads, see `system/parallel.py`.
    used_by : the pass of the network that `forward` last ran in; None after a call by itself of a
        layer with a check (`checks/methods.py`). That of a layer without one goes unnoticed.
    """

    parameters: tuple[str, ...] = ()
    buffers: tuple[str, ...] = ()
    averaged: tuple[str, ...] = ()
    output_like = ""
    torch_names: ClassVar[dict[str, str]] = {}
    checks = LAYER_CHECKS
    works_later = False
    used_by: object = None

    def __init_subclass__(cls, checked: bool = False) -> None:
        """Where a class writes `backward` anew, `parameter_gradients` runs that one, too."""
        super().__init_subclass__(checked)
        names = {"backward", "parameter_gradients"}
        nearest = next(base for base in cls.__mro__ if names & vars(base).keys())
        inherited = cls.parameter_gradients is not Layer.parameter_gradients
        if inherited and "parameter_gradients" not in vars(nearest):
            cls.parameter_gradients = Layer.parameter_gradients  # type: ignore[method-assign]

    def __call__(self, x: npt.ArrayLike) -> FloatArray:
        """`forward(x)`."""
        return self.forward(x)

    def forward(self, x: Any) -> FloatArray:
        """The output for `x`; keeps what `backward` needs."""
        raise NotImplementedError(f"{type(self).__name__} has no forward yet")

    def infer(self, x: Any) -> FloatArray:
        """The output in evaluation; `forward` where a layer has no other."""
        return self.forward(x)

    def backward(self, grad: Any, /) -> FloatArray:
        """Fills the gradients of the parameters; returns the gradient for the input.

        `grad` is the gradient for the output of the last `forward`, of its shape.
        """
        raise NotImplementedError(f"{type(self).__name__} has no backward yet")

    def parameter_gradients(self, grad: Any, /) -> None:
        """`backward` without the gradient for the input, which a first layer does not need."""
        self.backward(grad)

    def named_arrays(self) -> dict[str, FloatArray]:
        """Parameters and buffers as `state_dict` names them and lays them out; not copied.

        Where a class has `torch_names`, that is as PyTorch has them: `(1, n)` as `(n,)`, and
        weights `(in, out)` as `(out, in)`.
        """
        arrays = {}
        for name in (*self.parameters, *self.buffers):
            attribute, array = getattr(type(self), name, None), getattr(self, name)
            if self.torch_names and isinstance(attribute, ArrayAttribute):
                array = attribute.as_in_torch(array)
            arrays[self.torch_names.get(name, name)] = array
        return arrays

    def check_input(self, x: npt.ArrayLike) -> FloatArray:
        """`x` as floats, and as `(batch, in_feature)` in the layer's dtype where it has them.

        Raises ValueError for another shape or an empty batch, TypeError for anything not real.
        """
        if hasattr(self, "in_feature") and hasattr(self, "dtype"):
            return as_batch(x, self.in_feature, self.dtype, self)
        return as_floats(x, self)

    def expected_gradient(self) -> tuple[tuple[int, ...], np.dtype[Any]] | None:
        """Shape and dtype of the last output, for `check_gradient`; None before the first."""
        like = getattr(self, self.output_like, None) if self.output_like else None
        if like is None:
            return None
        columns = getattr(self, "out_feature", None)
        return (like.shape if columns is None else (len(like), columns)), like.dtype

    def check_gradient(self, grad: npt.ArrayLike) -> FloatArray:
        """`grad` as floats of the last output's shape and dtype.

        Raises RuntimeError before the first `forward`, ValueError for another shape.
        """
        expected = self.expected_gradient()
        if expected is None:
            raise forgot_forward(self)
        return as_gradient(grad, *expected, self)


class Activation(Layer, checked=True):
    """What all activations have in common: a subclass writes `forward` and `local_gradient`.

    Attributes
    ----------
    state : the output of the last `forward`, same shape as its input; None before the first. It is
        kept around every `forward` that a subclass writes, unless that sets it itself, to an array
        of the output's shape and dtype, or calls `super().forward`, which sets it to its own.

    The dtype is that of the input: float32 stays float32, everything else becomes float64.
    """

    kept: tuple[str, ...] = ("state",)
    output_like = "state"
    checks, keepers = ACTIVATION_CHECKS, ACTIVATION_KEEPERS
    state: Any

    gives_probabilities = False
    """True for the activation that a criterion of probabilities needs, the softmax: of rows."""

    def __init_subclass__(cls, checked: bool = False) -> None:
        """Where a class writes `local_gradient`, `derivative` and `backward` go by that one."""
        super().__init_subclass__(checked)
        for name in ("derivative", "backward") if "local_gradient" in vars(cls) else ():
            if name not in vars(cls) and getattr(cls, name) is not getattr(Activation, name):
                setattr(cls, name, getattr(Activation, name))

    def check_input(self, x: npt.ArrayLike) -> FloatArray:
        """`x` as floats of any shape, or of rows; ValueError for others, TypeError if not real."""
        return as_logits(x, self) if self.gives_probabilities else as_floats(x, self)

    def local_gradient(self) -> Any:
        """`f'(z)` for each number `z` of the last input, in its shape, from what `forward` kept.

        Of `Softmax` it is the Jacobian.
        """
        raise NotImplementedError(f"{type(self).__name__} has no local_gradient yet")

    def derivative(self, grad: npt.ArrayLike | None = None) -> Any:
        """`f'(z)` of the last input, same shape; with `grad`, the product `grad * f'(z)`.

        `grad` (same shape) is the gradient of the loss for the output; the product is the
        gradient for the input (001 §3.3). Raises RuntimeError before the first `forward`,
        ValueError where `grad` has another shape than the output.
        """
        if self.state is None:
            raise forgot_forward(self, "derivative")
        with quiet():
            slope = self.local_gradient()
            if grad is None:
                return slope
            grad = self.check_gradient(grad)
            if slope is None or np.shape(slope) not in ((), grad.shape):
                raise not_a_slope(self, slope, grad.shape)
            return slope * grad

    def backward(self, grad: Any) -> FloatArray:
        """The gradient for the input, from the gradient for the output: `grad * f'(z)`."""
        ours = getattr(self.local_gradient, "__func__", None) in FORMULAS
        if not ours or getattr(self.derivative, "__func__", None) is not Activation.derivative:
            return np.asarray(self.derivative(grad), grad.dtype)  # a user's, which may do more
        if grad.size > NUMBERS:
            return times_slope(self, grad)
        dz = self.local_gradient()
        dz *= grad  # in the memory of f'(z), which is new
        return np.asarray(dz, grad.dtype)


class Criterion(Component):
    """What all criteria have in common: a subclass writes `forward` and `derivative`.

    Attributes
    ----------
    logits : what the last `forward` was given for the network's output, `(batch, n)`.
    labels : the wanted output, `(batch, n)`: one-hot rows, or any distribution.
    loss : the last loss, `(batch,)`.
    All three are None before the first `forward`, and after one of its network, whose output has
    no labels yet. The dtype is that of `logits`. They are kept around every `forward` that a
    subclass writes, so that its `derivative` finds them.
    """

    kept: tuple[str, ...] = ("logits", "labels", "loss")
    checks, keepers = CRITERION_CHECKS, CRITERION_KEEPERS
    logits: Any
    labels: Any
    loss: Any

    takes_probabilities = False
    """True where `forward` takes the output of a softmax."""

    passes_softmax = False
    """True where `derivative` is nevertheless for the input of that softmax."""

    applies_softmax = False
    """True where `forward` takes logits, to which it applies the softmax itself."""

    def __call__(self, x: npt.ArrayLike, y: npt.ArrayLike) -> FloatArray:
        """`forward(x, y)`."""
        return self.forward(x, y)

    def forward(self, x: Any, y: Any) -> FloatArray:
        """The loss of each row, `(batch,)`, from output `x` and labels `y`, both `(batch, n)`.

        Raises ValueError where the shapes differ, TypeError for anything not real.
        """
        raise NotImplementedError(f"{type(self).__name__} has no forward yet")

    def derivative(self) -> FloatArray:
        """The gradient of each row's loss, `(batch, n)`, not averaged.

        Raises RuntimeError before the first `forward`.
        """
        raise NotImplementedError(f"{type(self).__name__} has no derivative yet")

    def forget(self) -> None:
        """Sets what the last `forward` left to None, for a network has a new output since."""
        vars(self).update(dict.fromkeys(self.kept))


def infers_apart(layer: Any) -> bool:
    """Whether evaluation computes something else than `forward`, e.g. with running statistics."""
    return getattr(type(layer), "infer", Layer.infer) is not Layer.infer


__all__ = ["Activation", "Component", "Criterion", "Layer", "infers_apart"]
