"""Analytic against numeric gradients."""

from mytorch.gradcheck.check import Entry, GradientReport, gradcheck

__all__ = ["Entry", "GradientReport", "gradcheck"]
