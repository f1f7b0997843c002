"""Where the real data sets lie, which are not part of the source tree."""

import os
from pathlib import Path

SHARED = Path(os.environ.get("MUHATAP_SHARED") or Path(__file__).parents[2] / "shared")
