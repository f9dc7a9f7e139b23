"""Auth: how staff sign in, the sessions that keep them signed in, and the limits on trying."""
