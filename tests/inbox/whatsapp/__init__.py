"""WhatsApp over HTTP, by Meta and by Gallabox."""
