"""CSV files of bookings and of bank statements."""
