"""A mail server for tests, well-behaved or not."""
