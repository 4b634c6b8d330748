"""The ANALYSE agent's work: a batch of articles through the pool, each with the messages it becomes."""

from collections.abc import Sequence

from processors.models import Record
from streams.flow import Work
from streams.observe import Observer
from streams.outbox import Emission
from streams.pool import Pool


def analyse(pool: Pool, observer: Observer) -> Work:
    """Give the work of an agent on `articles`."""

    async def work(records: Sequence[Record]) -> list[Emission]:
        reply = await pool.run(records)
        observer.analysed(records, reply)
        return [
            Emission(record=record, outputs=each.outputs)
            for record, each in zip(records, reply.replies, strict=True)
        ]

    return work
