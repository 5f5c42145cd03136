"""NumPy functions of a few lines, as plain Python that the compiler differentiates like a user's function."""
