"""A tool, run by ./grade.sh bench: speed and memory against other libraries."""
