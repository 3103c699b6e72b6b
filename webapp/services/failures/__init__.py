"""What people do about failed messages, one or many."""
