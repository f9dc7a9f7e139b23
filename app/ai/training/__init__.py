"""How the models of triage are trained and measured. Nothing here is read by the running product."""
