"""Typed text becomes values; an error is a sentence that says what is expected. No database."""
