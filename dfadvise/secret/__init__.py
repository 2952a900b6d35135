"""Secrets: how they are told, what they are worth, where they end up, and how they stay out of reports."""
