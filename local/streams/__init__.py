"""Event source mappings of DynamoDB streams, driven as Lambda drives them.

`mapping.py` reads them from the template, `delivery.py` hands one shard's records to a function (batches, filters,
partial failures, bisecting, retries, dead letters, tumbling windows; no clock, no threads, no I/O of its own), and
`polling.py` reads real streams and keeps checkpoints on disk.
"""
