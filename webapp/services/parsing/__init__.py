"""Typed text becomes values; an error is a sentence that says what to write. No database."""
