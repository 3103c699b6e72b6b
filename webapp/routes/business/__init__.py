"""The page of the business's settings."""
