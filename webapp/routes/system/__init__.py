"""Pages for programs: assets, health, metrics."""
