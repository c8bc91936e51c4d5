"""Makes a handout: what a student starts from. A tool, run by `./grade.sh handout DIR`."""
