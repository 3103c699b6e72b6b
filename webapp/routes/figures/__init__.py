"""The figures of all messages, and the morning mail."""
