"""Measured comparisons, run by `make bench`: each module is a question with its budget; none asserts a time."""
