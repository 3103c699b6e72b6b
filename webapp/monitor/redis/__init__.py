"""What Redis itself tells: its figures, what is queued, the last minutes."""
