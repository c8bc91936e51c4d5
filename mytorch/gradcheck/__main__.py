"""`python -m mytorch.gradcheck FILE:CLASS`, the same as `python -m mytorch gradcheck`."""

import sys

from mytorch.gradcheck.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
