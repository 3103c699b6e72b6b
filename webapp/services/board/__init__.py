"""The delivery board: its filters, its list and its file."""
