"""APIs for tests that kill them: each line on stdin starts one, whose process id is answered, then where it answers.

They are forked, since the imports of an API would take most of the time of such a test.
"""

import os
import signal
import sys

from api.app import create_app
from api.cli.serving import serve

PRELOADED = create_app  # before the fork

if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are gone at once
    for _ in sys.stdin:
        if pid := os.fork():
            sys.stdout.write(f"{pid}\n")
            sys.stdout.flush()
        else:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            serve(host="127.0.0.1", port=0)
            os._exit(0)
