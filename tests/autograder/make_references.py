"""Computes the stored answers with PyTorch: `python -m tests.autograder.make_references`."""

from __future__ import annotations

import torch

from tests.autograder.answering import written
from tests.autograder.course import own_courses
from tests.autograder.references import SEED, References, file_of, save


def main() -> None:
    """Writes the references of every course."""
    for course in own_courses():
        cases, engine = course.module("cases").draw(SEED), course.module("engine").CLASSES
        answers = {
            exercise: {
                name: written(course, exercise, engine, case) for name, case in named.items()
            }
            for exercise, named in cases.items()
        }
        file = file_of(course)
        save(References(cases, answers, SEED), file)
        print(f"wrote {file}, {file.stat().st_size} bytes, with PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
