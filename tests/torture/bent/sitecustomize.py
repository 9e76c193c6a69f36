"""For processes under libfaketime: it reckons the end of an absolute sleep by the clock that it bends, and so breaks
`time.sleep` of Python 3.11 and later. Here that waits by a relative time, which it leaves alone.
"""

import select
import time


def sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = sleep
