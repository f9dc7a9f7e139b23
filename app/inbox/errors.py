"""What the inbox refuses."""

from __future__ import annotations

from app.kit.errors import Conflict, Invalid


class ThreadMovedOn(Conflict):
    """The reply fence: something newer was written than the author had seen. ``messages`` holds it."""

    code = "thread_moved_on"


class NotCancellable(Conflict):
    """The message is on its way already."""

    code = "already_on_its_way"


class NotChangeable(Conflict):
    """The message is on its way already, or no person wrote it."""

    code = "already_on_its_way"


class NotRetryable(Conflict):
    """Only a message that could not be delivered, or needs a look, can be sent again."""

    code = "not_retryable"


class NoWayToReply(Invalid):
    """The contact has no address, or the clinic no channel, of that kind."""

    code = "no_way_to_reply"


class OptedOut(Conflict):
    """The person does not want messages of this kind. Nobody can send past it."""

    code = "opted_out"


class ClientIdTaken(Conflict):
    """Another message was sent under this client id."""

    code = "client_id_taken"


class FileNotTaken(Invalid):
    """A file that cannot be sent: its kind, its size, or the way it should go."""

    code = "file_not_taken"


class WhatsAppWindowClosed(Conflict):
    """The person has not written by WhatsApp for 24 hours: only an approved message may go."""

    code = "whatsapp_window_closed"


class DraftGone(Conflict):
    """The reply that somebody had begun was sent, emptied, or somebody else goes on with it."""

    code = "draft_gone"


class ThreadJoined(Conflict):
    """The conversation was joined with another one: ``thread_id`` is where its messages are now."""

    code = "thread_merged"


class Blocked(Conflict):
    """The clinic has blocked this person; nothing is written to them until somebody unblocks them."""

    code = "blocked"


class AddressBounced(Conflict):
    """Mail to this address came back for good. Staff can mark the address as good again."""

    code = "address_bounced"
