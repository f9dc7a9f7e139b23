"""The chat on a clinic's own site: who its visitors are, what they may see, and what they send."""
