"""Edits on the text that keep everything around them, and fixes made of them."""
