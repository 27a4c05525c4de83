"""Fairsplit on one machine: the template itself, running; and commands that use it."""
