"""A part of two tools, ./grade.sh 1 and sandbox.py --path: runs submitted code in a process."""
