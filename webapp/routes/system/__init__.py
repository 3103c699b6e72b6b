"""What machines ask: assets, health, metrics."""
