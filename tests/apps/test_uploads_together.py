"""Pieces, ends and beginnings at the same moment: each test has a database of its own, in which threads really meet."""

from madang.apps.applications.commands import finish_upload, give_up_upload
from madang.apps.applications.models import Upload
from madang.kernel import spool
from madang.kernel.commands import Refused
from tests.apps.test_uploads import PDF, begun, piece
from tests.factories.drafts import World


def test_two_begun_at_once_are_both_counted(together):
    world = World()
    for _ in range(4):
        begun(world)
    results = together(*(lambda: begun(world),) * 3)
    assert sum(isinstance(one, Upload) for one in results) == 1
    assert [r.code for one in results if isinstance(one, Refused) for r in one.reasons] == ["upload_too_many"] * 2


def test_two_ends_at_once_attach_one_file(together):
    world = World()
    upload = begun(world)
    piece(world, upload, PDF, 0)
    results = together(*(lambda: finish_upload(actor=world.first, upload=Upload.objects.get()),) * 4)
    assert [one.state for one in results] == ["done"] * 4
    assert world.draft.files.count() == 1


def test_the_end_and_giving_up_at_once_leave_one_of_the_two(together):
    world = World()
    upload = begun(world)
    piece(world, upload, PDF, 0)
    together(
        lambda: finish_upload(actor=world.first, upload=Upload.objects.get()),
        lambda: give_up_upload(actor=world.first, upload=Upload.objects.get()),
    )
    assert Upload.objects.get().state in ("done", "given_up")
    assert spool.uids() == []


def test_the_same_piece_from_two_tabs_is_there_once(together):
    world = World()
    upload = begun(world)
    results = together(*(lambda: piece(world, Upload.objects.get(), PDF[:20], 0),) * 4)
    assert [one for one in results if isinstance(one, int)] == [20]
    assert {r.code for one in results if isinstance(one, Refused) for r in one.reasons} == {"upload_here_already"}
    assert spool.path_of(upload.uid).read_bytes() == PDF[:20]
