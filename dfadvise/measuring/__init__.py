"""Findings held against the image that was built: what they save, measured; what it disproves; what it adds."""
