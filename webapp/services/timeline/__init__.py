"""What happened to a booking: acts in words with their messages, replies and notes, as one list."""
