"""`python -m cellbank` is the same as `cellbank`."""

import sys

from cellbank.entrypoints.cli import main

if __name__ == "__main__":
    sys.exit(main())
