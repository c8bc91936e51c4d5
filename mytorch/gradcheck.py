"""Analytic against numeric gradients, for any layer, activation, criterion or whole MLP.

    report = gradcheck(Linear(3, 2, init, zeros), x)
    print(report)      # the worst entry, both values, their ratio
    assert report

The scalar that is differentiated is `sum(upstream * output)`. `upstream` is random: with all ones
the true gradient of batch norm for its input is 0, and so is that of many wrong formulas.
"""

import copy
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch._arrays import FloatArray, as_floats, title
from mytorch._slopes import Slopes
from mytorch.activation import Softmax

AVERAGED = ("W", "b")
"""Parameters whose gradient is the mean over the batch (001 §3.6); the others' is the sum."""


@dataclass(frozen=True)
class Entry:
    """One number of one gradient: where it stands, and both of its values."""

    name: str
    index: tuple[int, ...]
    analytic: float
    numeric: float
    relative_error: float

    @property
    def ratio(self) -> float:
        """`analytic / numeric`: 1 where they agree, the batch size where an average is missing."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(np.float64(self.analytic) / self.numeric)

    def __str__(self) -> str:
        where = f"{self.name}[{', '.join(map(str, self.index))}]"
        return (
            f"{where}: analytic {self.analytic:.10g}, numeric {self.numeric:.10g}, "
            f"ratio {self.ratio:.8g}, relative error {self.relative_error:.1e}"
        )


@dataclass(frozen=True)
class GradientReport:
    """What `gradcheck` found; true where every gradient is right."""

    title: str
    checked: int
    wrong: int
    worst: Entry | None
    tolerance: float
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every entry is within the tolerance and nothing else was found."""
        return not self.wrong and not self.problems

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        verdict = "gradients agree" if self.passed else "GRADIENTS ARE WRONG"
        lines = [
            f"{self.title}: {verdict}",
            f"  {self.wrong} of {self.checked} entries differ by more than {self.tolerance:g}",
            *(f"  {problem}" for problem in self.problems),
        ]
        if self.worst is not None:
            lines.append(f"  worst: {self.worst}")
        return "\n".join(lines)


def gradcheck(
    target: Any,
    x: npt.ArrayLike,
    labels: npt.ArrayLike | None = None,
    *,
    rng: int | np.random.Generator = 0,
    sample: int | None = None,
    tolerance: float = 1e-7,
    averaged: Sequence[str] = AVERAGED,
) -> GradientReport:
    """Compares every gradient that `target` computes with central differences in float64.

    Parameters
    ----------
    target : a layer or activation (`forward(x)`, `backward(grad)`), a criterion
        (`forward(x, labels)`, `derivative()`), or an MLP (`backward(labels)`, lists `W, dW, b, db`
        and `bn_layers`), from here or from a homework. A copy is checked, `target` stays as it is.
    x, labels : float64 input `(batch, n)`, and labels where the target takes them. For a criterion
        of probabilities (`CrossEntropy`) `x` are the logits: the softmax is put in between.
    rng : seed or generator of the upstream gradient and of the sample.
    sample : how many entries of each gradient to check; all of them by default.
    tolerance : the largest relative error accepted, `|a - n| / max(|a|, |n|, floor)`, where
        `floor` is 1e-3 of the largest gradient and at least 1e-8: below it, rounding hides the
        numeric value.
    averaged : parameters whose gradient is the mean over the batch, the others' being the sum.

    Parameters of a layer are the arrays `name` that have an array `dname` beside them. At a kink,
    e.g. ReLU at 0, the left or the right slope counts as right. That the target changed `x`,
    `labels` or the upstream gradient, or that a gradient has another shape than what it belongs
    to, is a problem that the report names.
    Raises TypeError where anything is not float64, in which central differences need to be.
    """
    generator = np.random.default_rng(rng)
    problem = _Problem(copy.deepcopy(target), x, labels, generator)
    floor = problem.floor()
    slopes = Slopes(problem.output, problem.upstream, floor, tolerance)
    found, checked, problems = [], 0, list(problem.problems)
    for name, array in problem.arrays.items():
        gradient = problem.gradients[name]
        if gradient.shape != array.shape:
            problems.append(f"d{name} has shape {gradient.shape}, {name} has {array.shape}")
            continue
        divisor = len(problem.x) if name.partition("[")[0] in averaged else 1
        for index in _indices(array.shape, sample, generator):
            analytic = float(gradient[index])
            numeric = slopes.nearest(array, index, analytic * divisor) / divisor
            error = abs(analytic - numeric) / max(abs(analytic), abs(numeric), floor)
            found.append(Entry(f"d{name}", index, analytic, numeric, error))
            checked += 1
    # a NaN is worse than any number
    worst = max(found, key=lambda e: np.nan_to_num(e.relative_error, nan=np.inf), default=None)
    wrong = sum(not entry.relative_error <= tolerance for entry in found)
    return GradientReport(title(target), checked, wrong, worst, tolerance, tuple(problems))


class _Problem:
    """A target with its input, reduced to one function of named arrays, and their gradients.

    `output()` is computed from the arrays as they are now, so a check changes them in place.
    """

    def __init__(
        self,
        target: Any,
        x: npt.ArrayLike,
        labels: npt.ArrayLike | None,
        generator: np.random.Generator,
    ) -> None:
        self.x = np.array(as_floats(x, "gradcheck", "x"))
        self.labels = None if labels is None else np.array(as_floats(labels, "gradcheck", "labels"))
        self.output: Callable[[], FloatArray]
        self.arrays: dict[str, FloatArray] = {"x": self.x}
        self.gradients: dict[str, FloatArray] = {}
        self.problems: list[str] = []

        given = {"x": self.x.copy()}
        if self.labels is not None:
            given["labels"] = self.labels.copy()

        if hasattr(target, "zero_grads"):
            self._network(target)
        elif self.labels is not None:
            self._criterion(target)
        else:
            self.output = lambda: target.forward(self.x)
            self.upstream = generator.normal(size=np.shape(self.output()))
            given["upstream"] = self.upstream.copy()
            self.gradients["x"] = np.array(target.backward(self.upstream))
            for name in _parameters(target):
                self.arrays[name] = getattr(target, name)
                self.gradients[name] = np.array(getattr(target, f"d{name}"))

        for name, before in given.items():
            now: FloatArray = getattr(self, name)
            if not np.array_equal(before, now, equal_nan=True):
                self.problems.append(f"forward or backward changed its argument {name}")
                now[...] = before
        for name, array in self.arrays.items():
            if array.dtype != np.float64:
                raise TypeError(
                    f"gradcheck: expected float64 throughout, got {name} of {array.dtype} "
                    f"in {title(target)}; build it with dtype=np.float64"
                )

    def floor(self) -> float:
        """Gradients below this drown in the rounding of the numeric ones."""
        largest = max(float(np.abs(g).max(initial=0)) for g in self.gradients.values())
        scale = float(np.abs(self.output() * self.upstream).max())
        return max(1e-3 * float(np.nan_to_num(largest)), 1e-5 * scale, 1e-8)

    def _criterion(self, criterion: Any) -> None:
        softmax = Softmax()
        if getattr(criterion, "takes_probabilities", False):
            self.output = lambda: criterion.forward(softmax.forward(self.x), self.labels)
        else:
            self.output = lambda: criterion.forward(self.x, self.labels)
        self.upstream = np.ones(np.shape(self.output()))  # derivative() takes no upstream gradient
        self.gradients["x"] = np.array(criterion.derivative())

    def _network(self, mlp: Any) -> None:
        if self.labels is None:
            raise TypeError("gradcheck: an MLP needs labels, gradcheck(mlp, x, labels)")

        def losses() -> FloatArray:
            output = mlp.forward(self.x)
            result: FloatArray = mlp.criterion.forward(output, self.labels)
            return result

        self.output = losses
        self.upstream = np.ones(np.shape(losses()))
        mlp.forward(self.x)
        if "input_grad" in inspect.signature(mlp.backward).parameters:
            self.gradients["x"] = np.array(mlp.backward(self.labels, input_grad=True))
        else:
            mlp.backward(self.labels)
            del self.arrays["x"]
        for name in ("W", "b"):
            for i, array in enumerate(getattr(mlp, name)):
                self.arrays[f"{name}[{i}]"] = array
                self.gradients[f"{name}[{i}]"] = np.array(getattr(mlp, f"d{name}")[i])
        for i, bn in enumerate(getattr(mlp, "bn_layers", None) or []):
            for name in ("gamma", "beta"):
                self.arrays[f"{name}[{i}]"] = getattr(bn, name)
                self.gradients[f"{name}[{i}]"] = np.array(getattr(bn, f"d{name}"))


def _parameters(layer: Any) -> list[str]:
    """The names of the arrays that have a gradient beside them: `W` where there is `dW`."""
    return [
        attribute[1:]
        for attribute in dir(layer)
        if attribute.startswith("d")
        and isinstance(getattr(layer, attribute), np.ndarray)
        and isinstance(getattr(layer, attribute[1:], None), np.ndarray)
    ]


def _indices(
    shape: tuple[int, ...], sample: int | None, generator: np.random.Generator
) -> Iterator[tuple[int, ...]]:
    """All indices of an array, or `sample` of them drawn without repetition."""
    size = int(np.prod(shape))
    if sample is None or sample >= size:
        yield from np.ndindex(shape)
        return
    for flat in generator.choice(size, sample, replace=False):
        yield tuple(int(i) for i in np.unravel_index(flat, shape))
