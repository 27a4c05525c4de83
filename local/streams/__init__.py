"""Event source mappings of DynamoDB streams, driven as Lambda drives them.

Four parts, each replaceable:

- a `Source` (source.py) has the stream's shards and their records; `EngineSource` (reading.py) asks a real engine;
- `Places` (checkpoints.py) keep how far each mapping has come in each shard: `Checkpoints` on disk, `Remembered` in
  memory;
- `invoke(event)` runs the function and returns its answer, or raises `InvocationError`;
- a `Driver` (driver.py) joins them: `driver.step()` reads every shard that is due once, delivers what is due through
  `Delivery` (delivery.py: batches, filters, partial failures, bisecting, retries, dead letters, tumbling windows), and
  moves the checkpoint only then.

A driver has no clock, threads or I/O of its own. `polling.py` runs one in a thread of the local service. A test runs
one in process and in one thread, and puts what goes wrong around it (faults.py):

    places = Replayable()
    source = FaultySource(EngineSource(endpoint_url, stream_arn), places, random.Random(7))
    driver = Driver(mapping, source, invoke, places)
    drain(driver)                     # deliver all there is
    source.split(shard_id)            # the shard's further records come in two children, once the parent is done
    places.rewind(random)             # the next driver delivers again from earlier places, in other batches,
    driver = Driver(...)              # and what was delivered before comes in another order
    Driver(mapping, source, crashing(invoke, random), places)    # raises CrashError before or after a call

After any exception the driver is thrown away, as a process that died; a new one goes on from the same places.
"""
