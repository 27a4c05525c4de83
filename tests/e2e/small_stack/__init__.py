"""A small stack of its own for the tests of the local service."""
