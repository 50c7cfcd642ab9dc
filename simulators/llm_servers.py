"""The error responses of servers that resemble OpenAI's, with their own texts and statuses.

The texts are from the servers' sources and from public reports: OpenAI's and Azure's API,
llama.cpp's `llama-server`, vLLM (two generations), Groq, OpenRouter, Text Generation Inference,
Mistral, LM Studio. Ollama reports no errors: it ignores unknown parameters and cuts prompts to its
context.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
ErrorResponse = tuple[int, Json]


@dataclass(frozen=True, slots=True)
class TooLong:
    """The tokens of a request, and the limit."""

    prompt: int
    answer: int
    context: int

    @property
    def total(self) -> int:
        return self.prompt + self.answer


@dataclass(frozen=True, slots=True)
class Server:
    """A kind of server.

    Attributes:
        too_long: the error for a request that exceeds the context; None: the prompt is cut.
        filtered: the error for blocked content.
        unknown: the error for an unknown parameter; None: it is ignored.
        parameters: the parameters of HN Pal's requests that are unknown to it.
        both_limits: whether it accepts the old and the new name of the limit together.
        limit: the name of the limit that it uses.
    """

    too_long: Callable[[TooLong], ErrorResponse] | None
    filtered: Callable[[], ErrorResponse]
    unknown: Callable[[str], ErrorResponse] | None = None
    parameters: tuple[str, ...] = ()
    both_limits: bool = True
    limit: str = "max_completion_tokens"


def error(message: str, **more: Any) -> Json:
    return {"error": {"message": message, **more}}


def _unsupported(parameter: str) -> ErrorResponse:
    return 400, error(
        f"Unsupported parameter: '{parameter}' is not supported with this model.",
        type="invalid_request_error",
        param=parameter,
        code="unsupported_parameter",
    )


def _of_openai(one: TooLong) -> ErrorResponse:
    return 400, error(
        f"This model's maximum context length is {one.context} tokens. However, your messages "
        f"resulted in {one.prompt} tokens. Please reduce the length of the messages.",
        type="invalid_request_error",
        param="messages",
        code="context_length_exceeded",
    )


def _of_llama_cpp(one: TooLong) -> ErrorResponse:
    return 400, error(
        f"request ({one.prompt} tokens) exceeds the available context size ({one.context} tokens), "
        "try increasing it",
        code=400,
        type="exceed_context_size_error",
        n_prompt_tokens=one.prompt,
        n_ctx=one.context,
    )


def _of_old_llama_cpp(one: TooLong) -> ErrorResponse:
    return 400, error(
        "the request exceeds the available context size. try increasing the context size or "
        "enable context shift",
        code=400,
        type="invalid_request_error",
    )


def _of_vllm(one: TooLong) -> ErrorResponse:
    return 400, error(
        f"'max_tokens' or 'max_completion_tokens' is too large: {one.answer}. This model's maximum "
        f"context length is {one.context} tokens and your request has {one.prompt} input tokens "
        f"({one.answer} > {one.context} - {one.prompt}).",
        type="BadRequestError",
        param="max_tokens",
        code=400,
    )


def _of_old_vllm(one: TooLong) -> ErrorResponse:
    return 400, {
        "object": "error",
        "message": f"This model's maximum context length is {one.context} tokens. However, you "
        f"requested {one.total} tokens ({one.prompt} in the messages, {one.answer} in the "
        "completion). Please reduce the length of the messages or completion.",
        "type": "BadRequestError",
        "param": None,
        "code": 400,
    }


def _of_groq(one: TooLong) -> ErrorResponse:
    return 413, error(
        "Request too large for model `llama-3.1-8b-instant` in organization `org_01` service tier "
        f"`on_demand` on tokens per minute (TPM): Limit {one.context}, Requested {one.total}, "
        "please reduce your message size and try again.",
        type="tokens",
        code="rate_limit_exceeded",
    )


def _of_openrouter(one: TooLong) -> ErrorResponse:
    return 400, error(
        f"This endpoint's maximum context length is {one.context} tokens. However, you requested "
        f"about {one.total} tokens ({one.prompt} of text input, {one.answer} in the output). "
        "Please reduce the length of either one.",
        code=400,
        metadata={"provider_name": None},
    )


def _of_tgi(one: TooLong) -> ErrorResponse:
    return 422, {
        "error": f"Input validation error: `inputs` tokens + `max_new_tokens` must be <= "
        f"{one.context}. Given: {one.prompt} `inputs` tokens and {one.answer} `max_new_tokens`",
        "error_type": "validation",
    }


def _of_mistral(one: TooLong) -> ErrorResponse:
    return 400, {
        "object": "error",
        "message": f"Prompt contains {one.prompt} tokens and 0 draft tokens, too large for model "
        f"with {one.context} maximum context length",
        "type": "invalid_request_prompt",
        "code": "3051",
    }


def _of_lm_studio(one: TooLong) -> ErrorResponse:
    return 400, {
        "error": f"Trying to keep the first {one.prompt} tokens when context the overflows. "
        f"However, the model is loaded with context length of only {one.context} tokens, which is "
        "not enough. Try to load the model with a larger context length, or provide a shorter input"
    }


def _filtered_by_openai() -> ErrorResponse:
    return 400, error(
        "Invalid prompt: your prompt was flagged as potentially violating our usage policy.",
        type="invalid_request_error",
        param=None,
        code="invalid_prompt",
    )


def _filtered_by_azure() -> ErrorResponse:
    return 400, error(
        "The response was filtered due to the prompt triggering Azure OpenAI's content management "
        "policy. Please modify your prompt and retry.",
        type=None,
        param="prompt",
        code="content_filter",
        status=400,
        innererror={
            "code": "ResponsibleAIPolicyViolation",
            "content_filter_result": {"violence": {"filtered": True, "severity": "medium"}},
        },
    )


def _filtered_by_openrouter() -> ErrorResponse:
    return 403, error(
        "Your chosen model requires moderation and your input was flagged",
        code=403,
        metadata={"reasons": ["violence"], "flagged_input": "…", "provider_name": "Some"},
    )


def _filtered_by_dashscope() -> ErrorResponse:
    return 400, error(
        "Input data may contain inappropriate content.",
        type="data_inspection_failed",
        code="data_inspection_failed",
    )


def _extra_input(parameter: str) -> ErrorResponse:
    return 422, {
        "detail": [
            {
                "type": "extra_forbidden",
                "loc": ["body", parameter],
                "msg": "Extra inputs are not permitted",
            }
        ]
    }


def _both(_: str) -> ErrorResponse:
    return 400, error(
        "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
        type="invalid_request_error",
        param="max_tokens",
        code="invalid_parameter_combination",
    )


BOTH_LIMITS = _both("")

SERVERS = {
    "openai": Server(_of_openai, _filtered_by_openai, _unsupported),
    "azure": Server(_of_openai, _filtered_by_azure, _unsupported, both_limits=False),
    "ollama": Server(None, _filtered_by_openai, limit="max_tokens"),
    "llama.cpp": Server(_of_llama_cpp, _filtered_by_openai, limit="max_tokens"),
    "old llama.cpp": Server(_of_old_llama_cpp, _filtered_by_openai, limit="max_tokens"),
    "vllm": Server(_of_vllm, _filtered_by_openai),
    "old vllm": Server(
        _of_old_vllm,
        _filtered_by_openai,
        _extra_input,
        parameters=("max_completion_tokens", "reasoning_effort"),
        limit="max_tokens",
    ),
    "groq": Server(_of_groq, _filtered_by_openai),
    "openrouter": Server(_of_openrouter, _filtered_by_openrouter),
    "tgi": Server(_of_tgi, _filtered_by_dashscope, limit="max_tokens"),
    "mistral": Server(
        _of_mistral,
        _filtered_by_dashscope,
        _extra_input,
        parameters=("max_completion_tokens", "reasoning_effort"),
        limit="max_tokens",
    ),
    "lm studio": Server(_of_lm_studio, _filtered_by_openai, limit="max_tokens"),
}
