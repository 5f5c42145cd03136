"""The machinery of the two transforms: memory facts, cotangents, pullbacks of rules, reversal of statements."""
