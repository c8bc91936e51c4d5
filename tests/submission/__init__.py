"""Somebody else's code: what is in its folder, and running it in a process of its own."""
