"""CMU 11-785, homework 1 part 1 of spring 2019 (one `hw1.py`) and spring 2020 (000 and 001)."""

COMMAND = "1"
TITLE = "classic"
DESCRIPTION = "Grades the classic homework (000 §2.1 to §3.6, and Linear of the 2020 layout)."


def objection(submission: object) -> str:
    """Why a submission is not of this edition; empty if it is."""
    if getattr(submission, "is_classic", False):
        return ""
    return "no classic homework, only the autograd one"
