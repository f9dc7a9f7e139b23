"""Staff: the people who work in a clinic, their roles, and how a colleague is invited."""
