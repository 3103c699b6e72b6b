"""Pages of payments and the acts on them."""
