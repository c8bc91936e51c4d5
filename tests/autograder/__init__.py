"""A tool, run by ./grade.sh 1 and a: grades coursework and says which mistake was made.

A tool, run by `./grade.sh 1` and its neighbours. `courses/` has one folder for each edition of a
course; `course.py` says what is in it. The same exercises (`exam.py` of a course, on a `sheet.py`)
are asked of a submission in a child process (`child.py`, `grading.py`), of PyTorch (`engine.py`,
once, for the stored answers in `references.py`) and of right and wrong models (`model.py`,
`answering.py`). `diagnosis.py` finds the mistake, `unwritten.py` what is none, `scoring.py` gives
points, `report.py` shows them.

A submission is asked with its own parts; where one fails its own question, the later ones are
asked again with the grader's (`standins.py` of a course) in its place; the better answer counts.
"""
