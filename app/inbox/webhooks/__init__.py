"""The doors providers deliver through. Bare ASGI handlers: Litestar's request handling would be most of their cost.

Mounted, because an ASGI handler with a path parameter fails in Litestar 2.25 (KeyError on the method). What lies below
the mount, e.g. ``<channel>/status``, arrives as the path.
"""

from app.inbox.webhooks.email import email
from app.inbox.webhooks.gallabox import gallabox
from app.inbox.webhooks.twilio import twilio
from app.inbox.webhooks.whatsapp import whatsapp

ROUTES = [twilio, whatsapp, gallabox, email]
