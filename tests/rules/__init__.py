"""The house rules, as tests: each one's docstring is its reason."""
