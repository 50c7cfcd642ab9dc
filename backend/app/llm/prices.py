"""The prices of models."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from app.llm.outcomes import Usage
from app.llm.servers import ServerKind, server_of
from app.settings import ModelSettings

_MILLION = Decimal(1_000_000)
_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens of input, of cached input, and of output."""

    input: Decimal
    cached: Decimal
    output: Decimal

    def of(self, usage: Usage) -> Decimal:
        """What a call cost, in US dollars."""
        cached = min(usage.cached, usage.prompt)
        return (
            (usage.prompt - cached) * self.input
            + cached * self.cached
            + usage.completion * self.output
        ) / _MILLION


def _price(of_input: str, of_cached: str, of_output: str) -> Price:
    return Price(Decimal(of_input), Decimal(of_cached), Decimal(of_output))


# https://developers.openai.com/api/docs/pricing, standard tier, as published in June 2026.
# LLM_INPUT_USD_PER_MILLION and LLM_OUTPUT_USD_PER_MILLION take precedence.
PRICES = {
    "gpt-5.5": _price("5.00", "0.50", "30.00"),
    "gpt-5.4": _price("2.50", "0.25", "15.00"),
    "gpt-5.4-mini": _price("0.75", "0.075", "4.50"),
    "gpt-5.4-nano": _price("0.20", "0.02", "1.25"),
    "gpt-5.2": _price("1.75", "0.175", "14.00"),
    "gpt-5.1": _price("1.25", "0.125", "10.00"),
    "gpt-5": _price("1.25", "0.125", "10.00"),
    "gpt-5-mini": _price("0.25", "0.025", "2.00"),
    "gpt-5-nano": _price("0.05", "0.005", "0.40"),
    "gpt-4.1": _price("2.00", "0.50", "8.00"),
    "gpt-4.1-mini": _price("0.40", "0.10", "1.60"),
    "gpt-4.1-nano": _price("0.10", "0.025", "0.40"),
    "gpt-4o": _price("2.50", "1.25", "10.00"),
    "gpt-4o-mini": _price("0.15", "0.075", "0.60"),
    "o4-mini": _price("1.10", "0.275", "4.40"),
}
# Some servers prefix the maker's name.
_MAKER = "openai/"
FREE_OF_CHARGE = Price(Decimal(0), Decimal(0), Decimal(0))
# An unknown model counts as the most expensive one, so that budgets hold in any case.
UNKNOWN = max(PRICES.values(), key=lambda price: price.output)


def price_of(settings: ModelSettings) -> tuple[Price, bool]:
    """The price of the configured model, and whether it is known rather than assumed."""
    of_input = settings.llm_input_usd_per_million
    of_output = settings.llm_output_usd_per_million
    if server_of(settings).kind is ServerKind.OWN:
        listed: Price | None = FREE_OF_CHARGE
    else:
        listed = PRICES.get(_SNAPSHOT.sub("", settings.openai_model.removeprefix(_MAKER)))
    price = listed or UNKNOWN
    if of_input is not None:
        price = Price(of_input, of_input, price.output)
    if of_output is not None:
        price = Price(price.input, price.cached, of_output)
    known = listed is not None or (of_input is not None and of_output is not None)
    return price, known
