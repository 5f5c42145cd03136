"""Abstract interpretation of structured Python with the arguments' types: the engine of pass `specialise`.

It resolves names, methods and callees, decides what is known at compile time, gives every value a type, a versioned
name and the memory it may live in, and leaves one active primitive per statement.
"""
