"""Tests of what users run: scripts, autograder, sandbox, benchmarks, grade.sh, the README."""
