"""Cleaning as a step of other tools: each module needs the one it is named after, an extra of this package."""
