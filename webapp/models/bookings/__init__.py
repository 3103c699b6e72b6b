"""Bookings: what was booked, what was paid, what staff wrote down, and the files that they came in."""
