"""Analyses: one fact per file; none changes the program."""
