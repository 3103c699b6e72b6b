"""Lengths of time and sizes as staff say them."""


def span(seconds: float) -> str:
    """A length of time as staff say it."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 86_400 else f"{seconds / 86_400:.0f} days"


def size(count: float) -> str:
    """A number of bytes as staff say it."""
    mega = count / 2**20
    if mega < 10:
        return f"{mega:.1f} MB"
    return f"{mega:,.0f} MB" if mega < 10_240 else f"{mega / 1024:,.1f} GB"
