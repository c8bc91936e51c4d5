"""Pages of a class as static files: one for the class, one for each student."""
