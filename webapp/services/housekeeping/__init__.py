"""Heartbeats, leases of the housekeeper, capacity, retention and stored log lines."""
