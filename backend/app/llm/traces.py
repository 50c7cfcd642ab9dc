"""Sends calls as traces to Langfuse, if its keys are set; nothing waits for it.

Langfuse accepts OpenTelemetry (https://langfuse.com/integrations/native/opentelemetry), whose
exporter sends from a thread and drops what it cannot send. Langfuse's own SDK does the same with
three times the memory, and delays the end of the process if the server does not answer.
"""

from __future__ import annotations

import asyncio
import json
import logging
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from app.llm.outcomes import Outcome, Usage
from app.llm.truncation import PromptMessage
from app.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

log = logging.getLogger(__name__)

# A call takes about 20 kB. This many wait while Langfuse is unavailable; the rest is dropped.
MAX_WAITING = 64
AT_ONCE = 16
SEND_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Call:
    """A completed call; times are nanoseconds since 1970."""

    purpose: str
    story_id: int | None
    model: str
    instructions: str
    messages: Sequence[PromptMessage]
    answer: str | None
    outcome: Outcome
    usage: Usage | None
    cost: Decimal | None
    start: int
    end: int


class Traces:
    """Sends calls to Langfuse if its keys are set."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._public_key, self._secret_key = (
            settings.langfuse_public_key,
            settings.langfuse_secret_key,
        )
        self._tracer: asyncio.Task[Tracer] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def record(self, call: Call) -> None:
        """Queue a call for sending; returns at once and never raises."""
        if self._public_key is None or self._secret_key is None:
            return
        if len(self._tasks) < MAX_WAITING:
            task = asyncio.create_task(self._record(call))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _record(self, call: Call) -> None:
        try:
            if self._tracer is None:
                self._tracer = asyncio.create_task(asyncio.to_thread(self._open))
            _emit(await asyncio.shield(self._tracer), call)
        except Exception:
            log.exception("A call could not be traced")

    def _open(self) -> Tracer:
        # Imported only if traces are enabled, and outside the event loop.
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        # It logs every failed attempt.
        logging.getLogger("opentelemetry").setLevel(logging.ERROR)
        assert self._public_key is not None
        assert self._secret_key is not None
        keys = f"{self._public_key.get_secret_value()}:{self._secret_key.get_secret_value()}"
        exporter = OTLPSpanExporter(
            endpoint=f"{self._settings.langfuse_host}/api/public/otel/v1/traces",
            headers={"Authorization": f"Basic {b64encode(keys.encode()).decode()}"},
            timeout=SEND_SECONDS,
        )
        resource = Resource(
            {"service.name": "hnpal", "langfuse.environment": self._settings.environment}
        )
        # Unsent traces are lost at the end of the process, because a stop must not wait for them.
        provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        provider.add_span_processor(
            BatchSpanProcessor(exporter, max_queue_size=MAX_WAITING, max_export_batch_size=AT_ONCE)
        )
        return provider.get_tracer("hnpal")


def _emit(tracer: Tracer, call: Call) -> None:
    span = tracer.start_span(call.purpose, start_time=call.start)
    asked = [
        {"role": "system", "content": call.instructions},
        *({"role": role, "content": content} for role, content in call.messages),
    ]
    attributes: dict[str, str | int] = {
        "langfuse.trace.name": call.purpose,
        "langfuse.observation.type": "generation",
        "langfuse.observation.model.name": call.model,
        "langfuse.observation.input": json.dumps(asked),
        "langfuse.observation.metadata.outcome": str(call.outcome),
    }
    if call.answer is not None:
        attributes["langfuse.observation.output"] = call.answer
    if call.story_id is not None:
        attributes["langfuse.observation.metadata.story_id"] = call.story_id
    if call.usage is not None:
        usage = {"input": call.usage.prompt, "output": call.usage.completion}
        attributes["langfuse.observation.usage_details"] = json.dumps(usage)
    if call.cost is not None:
        attributes["langfuse.observation.cost_details"] = json.dumps({"total": float(call.cost)})
    if call.outcome is not Outcome.ANSWERED:
        attributes["langfuse.observation.level"] = "ERROR"
    span.set_attributes(attributes)
    span.end(call.end)
