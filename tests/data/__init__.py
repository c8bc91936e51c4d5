"""Tests of data sets: files, damaged files, downloads, pixels."""
