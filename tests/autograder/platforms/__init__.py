"""Recipes by which Gradescope and Autolab run this grader."""
