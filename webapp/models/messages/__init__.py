"""Messages both ways, how they go out, and what became of each."""
