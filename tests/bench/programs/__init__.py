"""Programs that a bench starts beside Bellhop."""
