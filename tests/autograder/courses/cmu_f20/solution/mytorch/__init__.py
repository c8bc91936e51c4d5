"""The homework: layers, networks and automatic differentiation in NumPy."""
