"""The inner loops of matching: plain functions over numbers, each of which runs in two ways.

A kernel is one Python function. Interpreted it takes lists, compiled by numba it takes arrays; both ways do the
same operations on the same 64-bit numbers in the same order, and so give the same bits. `running` chooses.
What a kernel needs it is given: compiled code is kept by the file it came from, and would not see that a
constant or a function elsewhere has changed.
"""
