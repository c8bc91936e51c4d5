"""Analytic against numeric gradients, for layers, criteria, networks and functions of tensors.

    report = gradcheck(Linear(3, 2, init, zeros), x)
    print(report)      # the worst entry, both values, their ratio
    assert report

    gradcheck(SoftmaxCrossEntropy(), logits, labels)
    gradcheck(lambda a, b: (a * b).sum(), x, y)      # a and b are tensors

The scalar that is differentiated is `sum(upstream * output)`. `upstream` is random: with all ones
the true gradient of batch norm for its input is 0, and so is that of many wrong formulas.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import title
from mytorch.checks.settings import check_int, check_real, shown
from mytorch.gradcheck.locating import Place
from mytorch.gradcheck.locating import locate as located
from mytorch.gradcheck.slopes import Slopes
from mytorch.gradcheck.targets import Problem


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
            f"{where}, relative error {self.relative_error:.1e}\n"
            f"    analytic {self.analytic:.10g}, numeric {self.numeric:.10g}, "
            f"ratio {self.ratio:.8g}"
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
    places: tuple[Place, ...] = ()

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
        lines += [str(place) for place in self.places]
        return "\n".join(lines)


def gradcheck(
    target: Any,
    *inputs: npt.ArrayLike,
    rng: int | np.random.Generator = 0,
    sample: int | None = None,
    tolerance: float = 1e-7,
    averaged: Sequence[str] | None = None,
    locate: bool = False,
    seconds: float = 10.0,
) -> GradientReport:
    """Compares every gradient that `target` computes with central differences in float64.

    Parameters
    ----------
    target : a layer or activation (`forward(x)`, `backward(grad)`), a criterion
        (`forward(x, labels)`, `derivative()`), a network (`backward(labels)`; one of a homework has
        lists `W, dW, b, db` and `bn_layers`); or a function of tensors or a module, which is called
        with tensors and returns one. A copy is checked, `target` stays as it is; a function's
        copy refers to copies of what it names, so that no gradient is left in a module of yours.
    inputs : float64 arrays, `x` or `x, labels` with labels where the target takes them, all that a
        function takes. For a criterion of probabilities (`CrossEntropy`) `x` are the logits: the
        softmax is put in between.
    rng : seed or generator of the upstream gradient and of the sample.
    sample : how many entries of each gradient to check; all of them by default.
    tolerance : the largest relative error accepted, `|a - n| / max(|a|, |n|, floor)`, where
        `floor` is the largest of 1e-3 times the largest gradient, 1e-5 times the largest output
        and 1e-8: below it, rounding hides the numeric value.
    averaged : parameters whose gradient is the mean over the batch, the others' being the sum; by
        default those that a `Layer` says, and `W` and `b` of a homework's layer (001 §3.6).
    locate : where a gradient is wrong, search for at most `seconds` the smallest change of the
        target's source after which all are right, and report its line (`places`).

    A module's parameters are checked with its inputs; their gradients are those of a sum, not
    averaged. Parameters of a layer are the arrays `name` that have an array `dname` beside them.
    At a kink, e.g. ReLU at 0, the left or the right slope counts as right. That the target changed
    one of its arguments or the upstream gradient, or that a gradient has another shape than what
    it belongs to, is a problem that the report names.
    Inputs are converted to float64, which central differences need; TypeError is raised where a
    parameter is not. A function of tensors gets integers and booleans as they are, without a
    gradient, where there is anything else to differentiate by: class numbers, an index, a mask.
    """
    if sample is not None:
        sample = check_int(sample, "gradcheck", "sample")
    tolerance = check_real(tolerance, "gradcheck", "tolerance", 0)
    names = isinstance(averaged, Collection) and not isinstance(averaged, str | bytes | np.ndarray)
    if averaged is not None and not (names and all(isinstance(n, str) for n in averaged)):
        raise TypeError(
            f"gradcheck: expected a list of names of parameters as averaged, got {shown(averaged)}"
        )
    # A stream of its own: the same seed that drew x must not draw an upstream gradient like x, for
    # which the gradient of batch norm is 0.
    if not isinstance(rng, np.random.Generator):
        rng = np.random.default_rng([11785, check_int(rng, "gradcheck", "rng", 0, 2**128)])
    generator = rng
    problem = Problem.of(target, inputs, generator)
    floor = problem.floor()
    slopes = Slopes(problem.output, problem.upstream, floor, tolerance)
    found, checked, problems = [], 0, list(problem.problems)
    for name, array in problem.arrays.items():
        gradient = problem.gradients[name]
        if gradient.shape != array.shape:
            problems.append(f"d{name} has shape {gradient.shape}, {name} has {array.shape}")
            continue
        means = problem.averaged if averaged is None else averaged
        divisor = problem.batch if {name, name.partition("[")[0]} & {*means} else 1
        for index in _indices(array.shape, sample, generator):
            analytic = float(gradient[index])
            numeric = slopes.nearest(array, index, analytic * divisor) / divisor
            error = abs(analytic - numeric) / max(abs(analytic), abs(numeric), floor)
            found.append(Entry(f"d{name}", index, analytic, numeric, error))
            checked += 1
    # a NaN is worse than any number
    worst = max(found, key=lambda e: np.nan_to_num(e.relative_error, nan=np.inf), default=None)
    wrong = sum(not entry.relative_error <= tolerance for entry in found)
    name = getattr(target, "__name__", None) or _named(target)
    places: tuple[Place, ...] = ()
    if locate and (wrong or problems):
        places = located(target, [np.asarray(i, np.float64) for i in inputs], averaged, seconds)
    return GradientReport(name, checked, wrong, worst, tolerance, tuple(problems), places)


def _named(target: Any) -> str:
    """What a report calls a target that has no name of its own."""
    kind: Any = type(target)
    return str(kind.__name__) if kind.__repr__ is object.__repr__ else title(target)


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


__all__ = ["Entry", "GradientReport", "gradcheck"]
