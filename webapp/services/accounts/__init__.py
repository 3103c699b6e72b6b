"""People who sign in, their passwords, and the API's keys."""
