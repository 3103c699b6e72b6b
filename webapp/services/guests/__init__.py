"""Guests: their lanes, what they opted out of, and what they write to us."""
