"""Batches: taken in durably, worked on by processes that may die, given out when they are whole."""
