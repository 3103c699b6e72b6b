"""A message's own page, and the order of channels."""
