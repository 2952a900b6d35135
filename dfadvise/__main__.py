"""`python -m dfadvise`."""

import sys

if __name__ == "__main__":
    # `-m` puts the working directory first, and a repository that is linted may hold a `bisect.py`.
    if not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
        del sys.path[0]
    from dfadvise.cli import main

    sys.exit(main())
