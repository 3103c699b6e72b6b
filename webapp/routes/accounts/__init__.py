"""Pages of people: signing in, one's own account, staff, API keys, the audit."""
