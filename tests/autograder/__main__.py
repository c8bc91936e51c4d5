"""Starts the autograder."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

from tests.autograder.ending import exit_code, handle

if TYPE_CHECKING:
    from tests.autograder.course import Course


def run(word: str, arguments: list[str]) -> int:
    """The exit code of `grade` or `courses`, or of grading by the course that `word` names.

    Without a word, and with an option or a hand-in as the first, it is `grade`.
    """
    if word == "courses":
        from tests.autograder.choosing import listed

        print(*listed(), sep="\n")
        return 0
    from tests.autograder.command import main

    try:
        course, arguments = _chosen(word, arguments)
        _ = course.questions  # which raises what is not right in its file
    except LookupError as error:
        print(f"grade: {error.args[0]}", file=sys.stderr)
        return 2
    return exit_code(lambda: main(course, arguments))


def _chosen(word: str, arguments: list[str]) -> tuple[Course, list[str]]:
    """The course, and the arguments that are left; LookupError where there is none."""
    from tests.autograder.choosing import choose
    from tests.autograder.course import find_course
    from tests.autograder.entries import BadCourse

    if word == "grade":
        return choose(arguments)
    if word[:1] in ("", "-"):
        return choose([word, *arguments] if word else arguments)
    try:
        return find_course(word), arguments
    except BadCourse:
        raise
    except LookupError:
        if os.path.exists(word):
            return choose([word, *arguments])
        raise


if __name__ == "__main__":
    handle(signal.SIG_DFL)  # there is nothing to put away while modules are imported
    os.chdir(os.environ.get("MYTORCH_CALLER", "."))
    sys.exit(run(" ".join(sys.argv[1:2]), sys.argv[2:]))
