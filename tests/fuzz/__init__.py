"""Hostile input for every public callable: what is handed over, and what is a right answer to it.

A case changes one argument of a good call. `values` makes hostile values and says what each one
means, `kinds` which of them an argument may take, `table` lists the callables, `judge` decides. The
numbers of a case are its callable, its argument and its count, so every case can be run again:

    python -m tests.fuzz linear.Linear.forward x 17
"""
