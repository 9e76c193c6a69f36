"""The worker's rounds: what must not wait has a thread of its own."""

import threading

from madang.kernel import worker


def test_a_job_that_hangs_does_not_hold_up_one_that_is_alone(monkeypatch):
    hangs, sealed, stop = threading.Event(), threading.Event(), threading.Event()
    monkeypatch.setattr(worker, "JOBS", [])
    worker.every(1, "mail", lambda: int(hangs.wait(30)))
    worker.every(1, "seal", lambda: sealed.set() or 1, alone=True)
    running = threading.Thread(target=worker.run, args=(stop,))
    running.start()
    assert sealed.wait(20), "sealed while the mail server says nothing"
    stop.set()
    hangs.set()
    running.join(20)
    assert not running.is_alive()
