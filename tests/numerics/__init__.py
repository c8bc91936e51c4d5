"""Errors in units of the last place, against 60-digit arithmetic; `bounds.py` has the table."""
