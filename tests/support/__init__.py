"""The real servers that tests use, and the helpers that wait, compare and look."""
