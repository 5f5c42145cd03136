"""``python -m s2sad`` is the command ``s2sad``."""

import sys

from s2sad.cli import main

if __name__ == "__main__":
    sys.exit(main())
