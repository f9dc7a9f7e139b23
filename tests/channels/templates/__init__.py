"""Messages that WhatsApp has approved: fetched, kept, sent."""
