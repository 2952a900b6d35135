"""Built images: archives of `docker save` and OCI layouts, their true file system, and what is wasted in it.

Nothing here writes to the disk, asks an engine or goes to a network. Archives are untrusted: they are read as streams,
and what is kept of them is bounded.
"""
