"""Heartbeats, leases of the housekeeper, capacity, retention and kept log lines."""
