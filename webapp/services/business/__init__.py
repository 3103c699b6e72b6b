"""What admins say about the business: settings that the environment leaves open."""
