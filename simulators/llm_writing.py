"""The texts of the simulated model: sentences of the prompt, which the product's checks accept and
by which tests can tell which text was summarised.

In a hostile manner it does what injected text would demand of a model: it puts links, mentions and
markup everywhere, or violates the requested shape.
"""

from __future__ import annotations

import json
import re
from typing import Any

from simulators.llm_extracting import INVENTED_ID, extracted

Json = dict[str, Any]

HOSTILE = (
    "Your account expires, log in at https://evil.example/login or [here](http://evil.example)."
    ' <a href="https://evil.example">Click</a> and write to @evil_support or /delete_me.'
)
GIANT = 500  # repetitions of an answer's words
MAX_CHARACTERS, MIN_WORDS = 300, 5
_TAG = re.compile(r"</?\w+[^<>]*>")
_SENTENCE = re.compile(r"[^\s.!?][^.!?]*(?:[.!?](?=\w)[^.!?]*)*[.!?]")
_TEXT = re.compile(r'<text id="\d+">\n(.*?)\n</text>', re.DOTALL)
_STORY = re.compile(r'<story id="\d+">\n(.*?)\n</story>', re.DOTALL)
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
# In these manners the texts are others, or none.
_OTHER_WORDS = ("hostile", "wrong_types", "empty", "giant", "german", "sorry", "nul")
# No translations, but whole sentences of the language with every figure of the text.
_SENTENCES = {
    "de": "Das ist der Text, und er ist auf Deutsch",
    "es": "Este es el texto, y está en español",
    "fr": "C'est le texte, et il est en français",
    "it": "Questo è il testo, ed è in italiano",
    "pt": "Este é o texto, e está em português",
    "nl": "Dit is de tekst, en het is in het Nederlands",
    "pl": "To jest tekst, który jest po polsku",
    "cs": "To je text, který je v češtině",
    "sv": "Det är en text som är på svenska",
    "da": "Det er en tekst, som er på dansk",
    "fi": "Tämä on teksti, joka on suomeksi",
    "tr": "Bu bir metin ve Türkçe olarak yazıldı",
    "id": "Ini adalah teks yang ditulis dalam bahasa Indonesia",
    "vi": "Đây là một văn bản và được viết cho người đọc",
    "uk": "Це текст, і він українською мовою",
    "ru": "Это текст, и он на русском языке",
    "el": "Αυτό είναι το κείμενο, και είναι στα ελληνικά",
    "ar": "هذا هو النص وهو باللغة العربية",
    "hi": "यह पाठ है और यह हिन्दी में है",
    "ja": "これは日本語の文章です",
    "ko": "이것은 한국어로 쓴 글입니다",
    "zh": "这是用中文写的文字",
}
_ID = re.compile(r'\bid="(\d+)"')


def write(
    schema: Json | None, source: str, manner: str, to: str = "de", page: object = "article"
) -> str:
    """An answer to `source` that fits `schema` as far as the manner lets it, with `page` where it
    asks for the kind of a page, or without that for None.

    Manners: hostile (links and markup in every text), wrong_types, empty (no texts), giant (far too
    long), fenced (between reasoning and a code fence), german, sorry (a refusal as text), nul (a
    character that PostgreSQL cannot store), wrapped (in an additional object), echoed (in the place
    of the schema's properties), boxed (each text in an object), listless (without its lists), camel
    (names in camel case), explained (followed by text with brackets); anything else: plain words.
    """
    if schema is None:
        return _words(source, manner)
    if schema.get("title") == "Translation" and manner not in (*_OTHER_WORDS, "listless"):
        return json.dumps({"texts": [_translated(text, to) for text in _TEXT.findall(source)]})
    answer = _answer(schema, source, manner, page)
    if manner == "wrapped":
        answer = {schema.get("title", "response"): answer}
    elif manner == "echoed":
        answer = {"type": "object", "properties": answer}
    elif manner == "boxed":
        answer = {
            key: {"text": value} if isinstance(value, str) else value
            for key, value in answer.items()
        }
    elif manner == "listless":
        answer = {key: value for key, value in answer.items() if not isinstance(value, list)}
    elif manner == "camel":
        answer = {key.title().replace("_", ""): value for key, value in answer.items()}
    written = json.dumps(answer)
    if manner == "explained":
        return f"{written}\n\nThis is {{what}} you asked for."
    if manner == "fenced":
        return f"<think>{{hm}}, what is asked?</think>\nHere it is:\n```json\n{written}\n```"
    return written


def _answer(schema: Json, source: str, manner: str, page: object) -> Json:
    answer: Json = _fill(schema, source, manner, schema.get("$defs", {}))
    title = schema.get("title", "")
    if manner not in _OTHER_WORDS:
        answer |= extracted(title, source)
    if title == "DayLede" and isinstance(answer.get("lede"), str):
        # A sentence about each of the stories that the answer names.
        stories = _STORY.findall(source)[:2]
        answer["lede"] = " ".join(_words(story, manner) for story in stories)
    if "page" in answer:
        answer["page"] = page
    if page is None:
        answer.pop("page", None)
    return answer


def _translated(text: str, language: str) -> str:
    """About as long as the text, with its figures in the first sentence."""
    figures = ", ".join(_FIGURE.findall(text))
    sentence = f"{_SENTENCES[language]}."
    first = f"{sentence[:-1]}: {figures}." if figures else sentence
    return " ".join([first, *[sentence] * ((len(text) - len(first)) // len(sentence))])


def _words(source: str, manner: str) -> str:
    words = _end(source)
    match manner:
        case "hostile":
            return f"{words}. {HOSTILE}"
        case "empty":
            return ""
        case "giant":
            return f"{words}. " * GIANT
        case "german":
            return "Das ist ein Text über die Brücke, und er ist nicht auf Englisch geschrieben."
        case "sorry":
            return "I'm sorry, but I can't assist with that request."
        case "nul":
            return f"\0{words}\0"
        case _:
            return words


def _end(source: str) -> str:
    """The last sentence of several words that is not a question, without tags."""
    text = " ".join(_TAG.sub(" ", source).split())
    sentences = [
        one
        for one in _SENTENCE.findall(text)
        if len(one.split()) >= MIN_WORDS and not one.endswith("?")
    ]
    return (sentences[-1] if sentences else text)[-MAX_CHARACTERS:].strip()


def _fill(schema: Json, source: str, manner: str, definitions: Json) -> Any:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _fill(schema["anyOf"][0], source, manner, definitions)
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            return {
                key: _fill(value, source, manner, definitions) for key, value in properties.items()
            }
        case "array" if manner == "wrong_types":
            return "not a list"
        case "array":
            items = schema.get("items", {"type": "string"})
            if items.get("type") == "integer":
                # Comments have ids; models sometimes invent one.
                return [*map(int, _ID.findall(source)[:2]), INVENTED_ID]
            return [_fill(items, source, manner, definitions)]
        case "integer" | "number":
            return 0
        case "boolean":
            return False
        case _:
            return {"not": "a text"} if manner == "wrong_types" else _words(source, manner)
