"""What providers send back, returned mail, and the sandbox."""
