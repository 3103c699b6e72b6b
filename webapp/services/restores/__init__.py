"""A database that is older than what was sent from it: noticed, held back, and let go by an admin."""
