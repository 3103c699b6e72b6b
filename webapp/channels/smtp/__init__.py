"""Speaking SMTP: the message, the session, and what a server's answers mean."""
