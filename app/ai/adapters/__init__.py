"""The tiers of triage: built in (no key, no extra), local embeddings (an extra), a language model (a key or an address)."""
