"""Bookings, their payments and notes, and uploaded files."""
