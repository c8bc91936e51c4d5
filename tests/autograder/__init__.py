"""A tool, run by ./grade.sh 1 and a: grades coursework and says which mistake was made.

A tool, run by `./grade.sh 1` and its neighbours. `courses/` has one folder for each edition of a
course; `course.py` says what is in it. The same exercises (`exam.py` of a course) are asked of a
submission in a child process (`child.py`, `grading.py`), of PyTorch (`engine.py`, once, for the
stored answers in `references.py`) and of right and wrong models (`model.py`, `answering.py`).
`diagnosis.py` finds the mistake, `scoring.py` gives points, `report.py` shows them.
"""
