"""Coursework as a student might hand it in, written without a look at the library."""
