"""Benchmarks: gradient against primal and against an adjoint written by hand, in one process, one JSON line each."""
