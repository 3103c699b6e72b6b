"""The pages on which admins write texts."""
