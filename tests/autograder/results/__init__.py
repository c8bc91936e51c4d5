"""The result of a hand-in as files that people and platforms read."""
