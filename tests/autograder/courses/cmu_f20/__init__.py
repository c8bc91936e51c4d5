"""CMU 11-785, homework 1 part 1 of fall 2020: automatic differentiation (002)."""
