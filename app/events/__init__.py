"""Events: the per-clinic log that every change is written to, in the transaction that makes the change.

``unit_of_work`` is how a use case changes anything; ``ingest_batch`` is how many webhooks share one commit. Both end in
the same log: numbered without gaps in commit order, chained by digests, announced only after the commit.
"""
