"""Package managers: what they install, cache and leave, and what they read."""
