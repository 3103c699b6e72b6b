"""The delivery board and its files."""
