"""A tool, run by `./grade.sh class`: grades the hand-ins of a class, on this machine or a cluster.

`handins.py` and `naming.py` find the hand-ins in a folder or in a platform's download, `task.py`
says what decides a grade, `station.py` grades in a process of its own, `executing.py` gives the
hand-ins to any `concurrent.futures.Executor`, `store.py` keeps the results, `roster.py` and
`tables.py` write what a platform imports, `statistics.py` and `pages/` show the class,
`similar.py` compares the hand-ins with each other.
"""

from tests.autograder.classes.executing import grade_class

__all__ = ["grade_class"]
