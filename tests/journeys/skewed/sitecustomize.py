"""Python imports this before anything else where its folder is on PYTHONPATH: the wall clock of that process then lies.

By as many seconds as the file named by CLOCK_OFFSET_FILE holds at the moment. Monotonic time goes on as ever, and so
does the database's. The product has one clock and no hook in it; this replaces what that clock reads.
"""

import datetime as dt
import os
import time
from pathlib import Path

from app.kit import clock

_file = Path(os.environ["CLOCK_OFFSET_FILE"])
_now, _time = clock.now, time.time


def _offset() -> float:
    return float(_file.read_text() or 0)


clock.now = lambda: _now() + dt.timedelta(seconds=_offset())
time.time = lambda: _time() + _offset()
