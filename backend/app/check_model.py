"""`python -m app.check_model`: sends one story to the configured model and advises on settings.

It needs only the settings of the model: no database, no Telegram.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from app.llm.client import Client
from app.llm.outcomes import ModelError, Outcome, Usage
from app.llm.prices import Price, price_of
from app.llm.servers import Server, ServerKind, server_of
from app.llm.shapes import Shape, read
from app.llm.truncation import PromptMessage
from app.settings import ModelSettings, SettingsError, load_model_settings
from app.summaries import prompts
from app.summaries.claims.evidence import SourcePart
from app.summaries.claims.filter import SentenceFilter
from app.summaries.languages import is_english
from app.summaries.source_filter import SourceFilter
from app.text.sentences import cut, split
from app.written_story import ARTICLE, COMMENTS, QUESTION, TITLE

# A server that counts less than this share of the tokens sent has cut the prompt.
MUCH_LESS = 0.6
MIN_CONTEXT = 1024  # the least value of LLM_CONTEXT_TOKENS
MAX_SHOWN = 160
# The most hours for a day's stories with which the model keeps up.
MAX_HOURS_OF_A_DAY = 20


@dataclass(frozen=True, slots=True)
class Task:
    """One of the requests that the bot makes for every story."""

    name: str
    instructions: str
    message: PromptMessage
    shape: type[Shape]
    max_tokens: int
    field: str  # the field of the shape with the text for readers


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a task."""

    task: Task
    took: timedelta
    sent: int = 0  # estimated tokens
    cut: bool = False  # whether the middle of the story was cut to fit
    usage: Usage | None = None
    text: str = ""
    shown: str = ""  # the part of the text that readers would be shown
    error: ModelError | None = None

    @property
    def works(self) -> bool:
        return bool(self.shown)


def main() -> int:
    try:
        settings = load_model_settings()
    except SettingsError as error:
        _say(f"✗ {error}")
        return 2
    if settings.openai_api_key is None:
        _say("✗ OPENAI_API_KEY is not set. A server of your own accepts any value, such as x.")
        return 2
    return asyncio.run(check(settings))


async def check(settings: ModelSettings) -> int:
    """Run the tasks and print the result. Returns 0 if everything works."""
    server, (price, known) = server_of(settings), price_of(settings)
    client = Client(settings)
    await client.open()
    _say(_server_in_words(settings.openai_model, server, price, known=known))
    results = []
    for task in _tasks():
        results.append(await _result(client, task))
        _say(_in_words(results[-1], price))
    _say("")
    if all(one.works for one in results):
        _say(_a_day(settings, server, price, results))
    changes = list(dict.fromkeys(_changes(client, settings, server, results, known=known)))
    _say("Nothing needs to be changed." if not changes else "Settings to change:")
    for change in changes:
        _say(f"- {change}")
    return 0 if all(one.works for one in results) else 1


def _tasks() -> list[Task]:
    story = prompts.story_message(TITLE, ARTICLE)
    comments = prompts.comments_message(TITLE, COMMENTS)
    passages = [("p1", cut(ARTICLE, 900)), *((str(one.id), one.text or "") for one in COMMENTS)]
    question = prompts.question_message(TITLE, passages, QUESTION)
    answer = prompts.answer_shape([name for name, _ in passages])
    summary = prompts.summary_instructions("basic", "article")
    summary_shape = prompts.summary_shape("basic", "article")
    return [
        Task("summary", summary, story, summary_shape, prompts.SUMMARY_TOKENS, "summary"),
        Task(
            *("discussion", prompts.DISCUSSION, comments),
            *(prompts.DiscussionSummary, prompts.DISCUSSION_TOKENS, "line"),
        ),
        Task("question", prompts.QUESTION, question, answer, prompts.ANSWER_TOKENS, "answer"),
    ]


async def _result(client: Client, task: Task) -> Result:
    start = time.monotonic()
    usage, text, shown, failure = None, "", "", None
    try:
        completion = await client.complete(
            task.instructions, [task.message], task.shape, task.max_tokens
        )
        usage = completion.usage
        text = str(getattr(read(completion.content, task.shape), task.field))
        shown = _shown(task, text)
    except ModelError as error:
        usage, failure = error.usage, error
    except ValueError as error:
        failure = ModelError(Outcome.NONSENSE, str(error), usage)
    took = timedelta(seconds=time.monotonic() - start)
    dialect = client.dialect
    fit = dialect.fit(task.instructions, [task.message], task.shape, task.max_tokens) or []
    sent = dialect.prompt_tokens(task.instructions, fit, task.shape)
    return Result(task, took, sent, fit != [task.message], usage, text, shown, failure)


def _shown(task: Task, text: str) -> str:
    """The sentences of an answer that pass the checks applied to all texts of models."""
    material = prompts.material(task.message)
    allowed = SourceFilter(material).allowed(text)
    if task.name == "question":
        return " ".join(allowed)
    checked = SentenceFilter([SourcePart(material, "")], TITLE, task.instructions)
    return " ".join(checked.kept(allowed)) if is_english(text) else ""


def _server_in_words(model: str, server: Server, price: Price, *, known: bool) -> str:
    whose = {
        ServerKind.OPENAI: "OpenAI's",
        ServerKind.HOSTED: "at a public address",
        ServerKind.OWN: "at a private address",
    }[server.kind]
    context = f", a context of {server.context} tokens" if server.context else ""
    cost = "costs nothing"
    if price.output or price.input:
        cost = f"${price.input} and ${price.output} per million tokens"
        cost += "" if known else " (assumed: nobody has said what it costs)"
    return (
        f"{model} at {server.url}, {whose}: {server.concurrency} calls at once, "
        f"{server.deadline.total_seconds():g} s for each{context}; {cost}"
    )


def _in_words(result: Result, price: Price) -> str:
    name, seconds = result.task.name, f"{result.took.total_seconds():.1f} s"
    if result.error is not None:
        return f"✗ {name}: {seconds}, {result.error.outcome}: {result.error}"
    counted = "tokens not reported"
    if result.usage is not None:
        cost = price.of(result.usage)
        counted = f"{result.usage.prompt} + {result.usage.completion} tokens, ${cost:.5f}"
    said = result.shown or result.text
    sentences = f"{len(split(result.shown))} of {len(split(result.text))} sentences can be shown"
    mark = "✓" if result.works else "✗"
    line = cut(" ".join(said.split()), MAX_SHOWN)
    return f"{mark} {name}: {seconds}, {counted}, {sentences}: “{line}”"


def _a_day(settings: ModelSettings, server: Server, price: Price, results: Sequence[Result]) -> str:
    """The cost and duration of a day's summaries and discussions in one style."""
    everybody = [one for one in results if one.task.name != "question"]
    minutes = _hours_of_a_day(settings, server, results) * 60
    duration = f"{minutes / 60:.1f} h" if minutes > 90 else f"{max(1, round(minutes))} min"
    cost = sum((price.of(one.usage) for one in everybody if one.usage), Decimal(0))
    return (
        f"A day of {settings.stories_per_day} stories takes about {duration} and costs about "
        f"${cost * settings.stories_per_day:.2f}, in one style and without questions."
    )


def _hours_of_a_day(settings: ModelSettings, server: Server, results: Sequence[Result]) -> float:
    seconds = sum(one.took.total_seconds() for one in results if one.task.name != "question")
    return seconds * settings.stories_per_day / server.concurrency / 3600


def _changes(
    client: Client,
    settings: ModelSettings,
    server: Server,
    results: Sequence[Result],
    *,
    known: bool,
) -> Iterator[str]:
    """The settings to change, the most important first."""
    for result in results:
        if result.error is not None:
            yield from _after_a_failure(result.error, server)
        elif not result.works:
            yield (
                f"OPENAI_MODEL: the answer to the {result.task.name} states nothing that the "
                "source states, or is not in English; a larger model does better."
            )
    seen = [one.usage.prompt for one in results if one.usage and _is_cut(one)]
    if seen:
        yield (
            f"LLM_CONTEXT_TOKENS={max(seen)}: the server counted no more tokens than that, so it "
            "cuts longer prompts silently. Better: start it with a larger context."
        )
    learned = client.dialect.context
    if learned is not None and MIN_CONTEXT <= learned != server.context:
        yield (
            f"LLM_CONTEXT_TOKENS={learned}: the server takes no more, and without the setting "
            "each process has to learn that. Better: start it with a larger context."
        )
    elif server.context is not None and all(one.works for one in results) and results[0].cut:
        yield (
            f"Perhaps LLM_CONTEXT_TOKENS: the story was cut to {server.context} tokens. Set it if "
            "the server has a larger context."
        )
    slowest = max(one.took for one in results)
    if all(one.error is None for one in results) and slowest > server.deadline / 2:
        yield f"LLM_DEADLINE_SECONDS={4 * round(slowest.total_seconds())}: it is slow."
    if (hours := _hours_of_a_day(settings, server, results)) > MAX_HOURS_OF_A_DAY:
        fewer = max(1, int(settings.stories_per_day * MAX_HOURS_OF_A_DAY / hours))
        yield (
            f"STORIES_PER_DAY={fewer}: {settings.stories_per_day} stories take {hours:.0f} hours, "
            "and what is not written in time is told by excerpts."
        )
    if any(one.usage is None and one.error is None for one in results):
        yield "Nothing, but the server does not report its tokens: costs are estimated."
    if not known:
        yield "LLM_INPUT_USD_PER_MILLION and LLM_OUTPUT_USD_PER_MILLION: the prices of this model."


def _is_cut(result: Result) -> bool:
    counted = result.usage.prompt if result.usage and not result.error else result.sent
    return counted < MUCH_LESS * result.sent


def _after_a_failure(error: ModelError, server: Server) -> Iterator[str]:
    match error.outcome:
        case Outcome.MISCONFIGURED:
            yield "OPENAI_API_KEY, OPENAI_MODEL or OPENAI_BASE_URL, whichever the error names."
        case Outcome.UNREACHABLE:
            yield f"OPENAI_BASE_URL: no server answers at {server.url}; most end in /v1."
        case Outcome.NO_QUOTA:
            yield "The account: it has no credit left."
        case Outcome.TIMEOUT:
            yield (
                f"LLM_DEADLINE_SECONDS: no answer within {server.deadline.total_seconds():g} s. "
                "Try more, a smaller model, or a smaller LLM_CONTEXT_TOKENS for shorter prompts."
            )
        case Outcome.RATE_LIMITED:
            yield "LLM_CONCURRENCY=1 and fewer STORIES_PER_DAY, or a higher limit at the provider."
        case Outcome.TOO_LONG:
            yield "The server's context: not even a shortened story fits into it."
        case Outcome.NONSENSE | Outcome.CUT_OFF:
            yield "OPENAI_MODEL: this one does not return the requested JSON."
        case Outcome.REFUSED:
            yield "The provider's content filter: it blocked a harmless story about a bridge."
        case _:
            yield "The server; its error message has the reason."


def _say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    sys.exit(main())
