"""CMU 11-785, homework 1 part 1 of spring 2019 (one `hw1.py`) and spring 2020 (000 and 001)."""
