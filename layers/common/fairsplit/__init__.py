"""Fairsplit: assignment, events, exact aggregation and statistics of A/B experiments."""

__version__ = "0.1.0"
