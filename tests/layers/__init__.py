"""Tests of layers, losses, networks, their training and its pictures."""
