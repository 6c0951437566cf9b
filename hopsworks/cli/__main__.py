"""``python -m hopsworks.cli``: the command where its script is not on the PATH."""

import sys

from hopsworks.cli.main import main

sys.exit(main())
