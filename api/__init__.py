"""What is shown: the GraphQL API and the command."""

import os

# said before numpy is loaded: the threads of its linear algebra spin on the core the engine needs, and sums differ
# with their number
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
