"""Arithmetic that layers share: sums, flat storage, lists of arrays."""
