"""Reading shell scripts: the parts of the shell model, and what can be told of a script."""
