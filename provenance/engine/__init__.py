"""Batches that are larger than a process: one plan on Daft, on this machine or on a Ray cluster."""
