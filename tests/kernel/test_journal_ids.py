import threading
import uuid

from madang.kernel.journal import new_id


def test_ids_are_version_7_and_grow_in_the_order_made():
    ids = [new_id() for _ in range(2000)]
    assert ids == sorted(set(ids))
    assert {(one.version, one.variant) for one in ids} == {(7, uuid.RFC_4122)}


def test_ids_of_many_threads_never_meet():
    made: list[uuid.UUID] = []
    threads = [threading.Thread(target=lambda: made.extend(new_id() for _ in range(1000))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.int >> 64 for one in made}) == 4000  # even without the part that is chance
