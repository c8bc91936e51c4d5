"""Starts the autograder."""

import os
import signal
import sys

from tests.autograder.ending import exit_code, handle


def run(word: str, arguments: list[str]) -> int:
    """The exit code of `grade` or `courses`, or of grading by the course that `word` names."""
    from tests.autograder.command import main
    from tests.autograder.course import find_course

    if word == "courses":
        from tests.autograder.choosing import listed

        print(*listed(), sep="\n")
        return 0
    try:
        if word == "grade":
            from tests.autograder.choosing import choose

            course, arguments = choose(arguments)
        else:
            course = find_course(word)
        _ = course.questions  # which raises what is not right in its file
    except LookupError as error:
        print(f"grade: {error.args[0]}", file=sys.stderr)
        return 2
    return exit_code(lambda: main(course, arguments))


if __name__ == "__main__":
    handle(signal.SIG_DFL)  # there is nothing to put away while modules are imported
    os.chdir(os.environ.get("MYTORCH_CALLER", "."))
    sys.exit(run(" ".join(sys.argv[1:2]), sys.argv[2:]))
