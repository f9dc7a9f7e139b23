"""The tiers of triage: built in, local embeddings (an extra), a language model (a key or an address)."""
