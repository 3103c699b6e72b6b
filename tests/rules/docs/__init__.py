"""The house rules for its documents."""
