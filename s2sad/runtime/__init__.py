"""What emitted code may call, and plain Python functions that stand in for builtins over containers."""
