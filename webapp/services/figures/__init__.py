"""Hourly figures of all messages, and what they say."""
