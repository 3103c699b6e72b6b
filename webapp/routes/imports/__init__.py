"""Pages that take files: bookings and bank statements."""
