"""Realtime: the websocket. The log is the truth; the hub writes each event once per process and encoding, in order."""
