"""s2sad: source-to-source automatic differentiation of plain Python and NumPy."""
