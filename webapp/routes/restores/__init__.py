"""What an admin does about an older database that was put back."""
