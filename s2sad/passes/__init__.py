"""The passes of the compiler, one per file; `s2sad/pipeline.py` is their order."""
