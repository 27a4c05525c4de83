"""Does not start."""

raise ValueError("no such luck")
