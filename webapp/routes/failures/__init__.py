"""Pages of failed messages: by reason, in batches, and each act on one."""
