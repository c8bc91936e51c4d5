"""Numeric slopes: how fast `sum(upstream * output)` changes with one number of one array."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mytorch.checks.arrays import FloatArray

STEPS = tuple(10 ** (-k / 2) for k in range(6, 15))  # 1e-3 to 1e-7, of the number or absolute
KINK = 1e-3  # slopes on both sides that differ by more than this share make a kink


@dataclass(frozen=True)
class _Estimate:
    """Slopes from one step: both sides together, the right side and the left side alone.

    `rounding` is what the last digit of the outputs makes of a slope.
    """

    central: float
    right: float
    left: float
    rounding: float


class Slopes:
    """Differentiates `sum(upstream * output())` for entries of arrays that `output` reads.

    `floor` is the size below which a slope counts as rounding, `tolerance` the relative error
    that the caller accepts.
    """

    def __init__(
        self,
        output: Callable[[], FloatArray],
        upstream: FloatArray,
        floor: float,
        tolerance: float,
    ) -> None:
        self.output = output
        self.upstream = upstream
        self.floor = floor
        self.tolerance = tolerance
        self.base = np.array(output())

    def nearest(self, array: FloatArray, index: tuple[int, ...], analytic: float) -> float:
        """The slope for `array[index]`; at a kink, the one-sided slope nearer to `analytic`."""
        first = self._estimate(array, index, STEPS[0])
        scale = max(abs(first.central), abs(analytic), self.floor)
        smooth = abs(first.right - first.left) <= 0.1 * scale
        if smooth and abs(first.central - analytic) <= 0.01 * self.tolerance * scale:
            return first.central
        return self._careful(array, index, analytic, first)

    def _careful(
        self, array: FloatArray, index: tuple[int, ...], analytic: float, first: _Estimate
    ) -> float:
        """The slope for which two neighbouring steps agree best, whatever `analytic` says."""
        estimates = [first, *(self._estimate(array, index, step) for step in STEPS[1:])]
        rounding = [e.rounding for e in estimates]
        central = _stable([e.central for e in estimates], rounding)
        right = _stable([e.right for e in estimates], rounding)
        left = _stable([e.left for e in estimates], rounding)
        if abs(right - left) <= KINK * max(abs(right), abs(left), self.floor):
            return central
        return min(right, left, key=lambda slope: abs(slope - analytic))

    def _estimate(self, array: FloatArray, index: tuple[int, ...], step: float) -> _Estimate:
        """Differences of fourth order in the step for both sides, of second order for each side.

        Outputs are subtracted before they are summed, so that those which the entry does not
        reach cancel exactly.
        """
        value = array[index]
        h = step * max(1.0, abs(value))
        h = float((value + h) - value)  # what is really added
        out = {}
        try:
            for k in (1, 2, -1, -2):
                array[index] = value + k * h
                out[k] = np.array(self.output())
        finally:
            array[index] = value

        def change(high: FloatArray, low: FloatArray) -> float:
            return float((self.upstream * (high - low)).sum())

        base = self.base
        reached = np.abs(self.upstream * base)[out[1] != out[-1]]
        return _Estimate(
            central=(8 * change(out[1], out[-1]) - change(out[2], out[-2])) / (12 * h),
            right=(4 * change(out[1], base) - change(out[2], base)) / (2 * h),
            left=(4 * change(base, out[-1]) - change(base, out[-2])) / (2 * h),
            rounding=float(np.finfo(base.dtype).eps * reached.sum() / h),
        )


def _stable(estimates: list[float], rounding: list[float]) -> float:
    """Of a series with ever smaller steps, the value after which it changed least.

    Two slopes of small steps may agree to the last digit because both are rounded to the same
    number; what agrees better than rounding lets it counts as agreeing as well as that.
    """
    changes = np.maximum(np.abs(np.diff(estimates)), rounding[1:])
    return estimates[int(np.nan_to_num(changes, nan=np.inf).argmin()) + 1]
