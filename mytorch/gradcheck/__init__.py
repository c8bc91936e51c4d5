"""Analytic against numeric gradients."""

from mytorch.gradcheck.check import Entry, GradientReport, gradcheck
from mytorch.gradcheck.locating import Place

__all__ = ["Entry", "GradientReport", "Place", "gradcheck"]
