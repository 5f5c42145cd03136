"""Benchmarks: value and gradient by s2sad, by hand, in C and by the peers, side by side in one process."""
