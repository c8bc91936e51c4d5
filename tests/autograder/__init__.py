"""A tool, run by ./grade.sh 1 and a: grades coursework and says which mistake was made.

`questions.py` has the questions and points, `cases.py` the inputs, `probes.py` what is asked of the
submission in a child process, `model.py` what right and wrong submissions answer, `diagnosis.py`
finds the mistake, `grading.py` runs it all, `report.py` shows it.
"""
