"""What an export holds: the columns and rows of each kind, and how they are written."""
