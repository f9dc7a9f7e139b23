"""What the shared address of WhatsApp needs of Meta's dialect before the channel is known."""

from app.channels.adapters.whatsapp_cloud_wire import Change, given_signature, is_signed, read_changes, write_changes

__all__ = ["Change", "given_signature", "is_signed", "read_changes", "write_changes"]
