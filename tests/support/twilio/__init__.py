"""A Twilio for tests, and what can go wrong at it."""
