"""What runs the emitted programs: one backend each, `numpy` is the reference."""
