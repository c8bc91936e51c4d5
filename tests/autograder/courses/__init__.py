"""The editions of courses, one folder each; see `tests/autograder/course.py`."""
