"""A small Faust worker that writes and acknowledges in order or, on purpose, newest first.

Run as `python -m tests.integration.disorder BOOTSTRAP SOURCE TARGET GROUP MODE STALLING`: MODE is "ordered" or
"reversed"; the message at offset STALLING (-1: none) is never done. Prints a line for each event that the test
waits for. Every message becomes one whose key is its offset.
"""

import asyncio
import sys
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer

from processors.models import Output, Record
from streams.app import group_app, topic
from streams.flow import Flow, Limits
from streams.outbox import Emission, Outbox
from streams.settings import load
from tests.streams.quiet import Quiet

GROUP_SIZE = 10  # messages that are worked on at once


class Reversed(Flow):
    """Writes and acknowledges each group of batches from its newest to its oldest."""

    async def _finish(self) -> None:
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: len(self._batches) == GROUP_SIZE)
            for batch in reversed(list(self._batches)):
                await self._outbox.write(await batch.done)
                self._acknowledge(batch.events)
                self._acknowledged([emission.record for emission in batch.done.result()])
            self._batches.clear()
            async with self._changed:
                self._changed.notify_all()


async def main() -> None:
    bootstrap, source, target, group, mode, stalling = sys.argv[1:]
    settings = load(
        {"bootstrap": bootstrap, "group": group, "session_timeout_seconds": 6.0}, environ={}
    ).settings
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    await producer.start()
    done: set[int] = set()
    acknowledged: set[int] = set()
    moved = asyncio.Event()

    async def work(records: Sequence[Record]) -> list[Emission]:
        for record in records:
            if record.offset == int(stalling):
                await asyncio.Event().wait()
            done.add(record.offset)
        moved.set()
        return [
            Emission(
                record=record,
                outputs=[Output(topic=target, key=b"%d" % record.offset, value=b"done", headers=[])],
            )
            for record in records
        ]

    def note(records: Sequence[Record]) -> None:
        acknowledged.update(record.offset for record in records)
        moved.set()

    flow = (Reversed if mode == "reversed" else Flow)(
        work=work,
        outbox=Outbox(producer, stage="analyse", prefix="", limits={}, events=Quiet()),
        limits=Limits(
            batch_messages=1,
            batch_bytes=1_000,
            workers=GROUP_SIZE,
            batches=GROUP_SIZE,
            bytes=1_000_000,
        ),
        acknowledged=note,
    )
    app = group_app(settings, "disorder")
    app.agent(topic(app, settings, source), name="disorder", concurrency=1)(flow.run)
    await app.start()

    while True:
        await moved.wait()
        moved.clear()
        await app.consumer.commit()
        print(f"done {len(done)} acknowledged {len(acknowledged)}", flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
