"""Finds a mistake by repairing the code: the smallest change after which the results are right.

It asks for nothing but code that can be run and results that can be judged, so the grader uses it
on homeworks and `gradcheck` on anybody's layer. It imports NumPy and the standard library alone:
the grader copies it into the process that runs a submission.
"""
