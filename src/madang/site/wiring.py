"""Who hears what, and what the worker does: the one page that says so."""

from django.conf import settings

from madang.apps.accounts import tasks as accounts
from madang.apps.applications import tasks as applications
from madang.apps.applications.queries import narrow_exports_by
from madang.apps.calls.commands import tell_alerts
from madang.apps.calls.events import DefinitionPublished
from madang.apps.directory.events import HandedOver, OrganisationsMerged
from madang.apps.enquiries import tasks as enquiries
from madang.apps.outbox import tasks as outbox
from madang.apps.review import tasks as review
from madang.apps.review.queries import narrowed
from madang.kernel import files, mail, outages, sealing, worker
from madang.kernel.events import listen


def connect() -> None:
    """Called once, when Django is ready."""
    watch = outages.Watch()
    worker.every(outages.PULSE_S, "pulse", watch.look)
    worker.every(2, "outages", watch.write)
    worker.every(1, "mail", mail.deliver_due)
    worker.every(3600, "files-left-aside", files.sweep)
    worker.every(sealing.SEAL_EVERY_S, "seal", sealing.seal, alone=True)
    if settings.MAIL_BOUNCES:
        worker.every(60, "bounces", outbox.take_bounces)

    narrow_exports_by(narrowed)

    listen(DefinitionPublished, applications.follow_amendment)
    listen(DefinitionPublished, applications.tell_new_deadline)
    listen(HandedOver, applications.take_over_drafts)
    listen(OrganisationsMerged, applications.follow_merge)
    worker.every(300, "draft-versions", applications.follow_all)
    worker.every(300, "new-deadlines", applications.tell_new_deadlines)
    worker.every(300, "draft-handovers-and-merges", applications.catch_up)
    worker.every(300, "draft-reminders", applications.remind)
    worker.every(3600, "abandoned-uploads", applications.end_uploads)
    worker.every(60, "supplements-expired", applications.expire_supplements)
    worker.every(300, "supplement-reminders", applications.remind_of_supplements)
    worker.every(1, "imports", applications.work_on_imports, alone=True)
    worker.every(3600, "abandoned-imports", applications.end_imports)
    worker.every(1, "exports", applications.make_exports, alone=True)
    worker.every(600, "past-exports", applications.end_exports)

    listen(HandedOver, enquiries.take_over)
    listen(OrganisationsMerged, enquiries.follow_merge)
    worker.every(300, "enquiry-handovers-and-merges", enquiries.catch_up)

    worker.every(2, "press-packs", review.make_packs, alone=True)

    worker.every(300, "alerts", tell_alerts)
    worker.every(3600, "old-keys", accounts.drop_old_keys)
