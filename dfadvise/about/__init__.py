"""What rules ask of a file, by subject."""
