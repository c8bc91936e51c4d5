"""Checks of what comes in: arrays, settings, shapes and networks."""
