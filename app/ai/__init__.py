"""The Practice Assistant: it sorts what patients write.

Triage reads each incoming message after it is committed and tells the desk what the patient wants, how they feel and
what cannot wait. It can raise a flag and never lowers one.
"""
