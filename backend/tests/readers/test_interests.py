"""Interests match every form of a word, and no other sense of it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from app.digests.round import Round
from app.readers.interests import senses
from app.readers.interests.evidence import HINT, MENTIONED, StoryWords
from app.readers.interests.spelling import suggest_spelling
from app.readers.interests.topics import TOPICS, parse_phrases
from app.readers.interests.vocabulary import SITE, known_phrases, meaning_of, topic_of
from app.text.phrases import MAX_CHARACTERS, fold
from app.wording.locales import FOLDER
from tests.digests.stories import NOW, candidate

WORDS = Path(senses.__file__).parent / "words"


def share(interest: str, title: str, **story: object) -> float:
    return Round([candidate(title, **story)], NOW).about(interest).get(0, 0.0)


@pytest.mark.parametrize(
    ("interest", "title"),
    [
        ("rust", "Why I moved from Rust to Go"),
        ("go", "Why I moved from Rust to Go"),
        ("c", "Modern C"),
        ("c", "Modern C, third edition"),
        ("psychology", "What psychologists get wrong about grief"),
        ("psychology", "Psychological safety at work"),
        ("math", "The Unreasonable Effectiveness of Mathematics"),
        ("mathematics", "Mathematicians discover new shape"),
        ("math", "Mathematical beauty"),
        ("self-hosted", "My self-hosted setup in 2026"),
        ("self hosting", "Self-hosting my email"),
        ("self-hosting", "How I self-host everything at home"),
        ("r", "R 4.6.0 is released"),
        ("go", "Go 1.30 released"),
        ("go", "Error handling in Go"),
        ("swift", "Swift 7 announced"),
        ("java", "Java 26 brings value objects"),
        ("ruby", "Ruby 4.0 released"),
        ("web", "The web is getting slower"),
        ("history", "History of the semicolon"),
        ("music", "Making music with code"),
        ("climate", "The climate is changing faster"),
        ("chess", "Magnus Carlsen wins"),
        ("physics", "Physicists observe new particle"),
        ("biology", "Biologists find new species"),
        ("bees", "Honeybees can count"),
        ("beekeeping", "Beekeepers report losses"),
        ("photography", "Photographers against AI"),
        ("startups", "Bootstrapping to $1M ARR"),
        ("hardware", "Building a RISC-V laptop"),
        ("databases", "Postgres 19 beta"),
        ("privacy", "Meta tracked users through the browser"),
        ("cloud", "Moving off the cloud"),
        ("linux", "Linux 7.2 released"),
        ("crypto", "Bitcoin falls 10%"),
        ("unicode", "Unicode 18 adds emoji"),
        ("quantum computing", "A new qubit record"),
        ("gardening", "What gardeners know"),
        ("typography", "A typographer's guide"),
        ("philosophy", "Philosophers on free will"),
        ("electric cars", "EV sales rise"),
        ("women in tech", "Women in tech leave"),
        ("economics", "Economists puzzled by jobs"),
        ("docker", "Docker Desktop pricing"),
        ("ai", "OpenAI announces GPT-6"),
        ("ai", "Gemini 4 is here"),
        ("ai", "Claude is down"),
        ("ai", "Llama 5 released"),
        ("ai", "How I use Claude"),
        ("rust", "Rust is eating the world"),
        ("rust", "Rust in production"),
        ("python", "Python is slow"),
        ("apple", "Apple sued by DOJ"),
        ("security", "Security is hard"),
        ("security", "Security flaws in smart locks"),
        ("space", "Space is hard"),
        ("space", "NASA delays Artemis"),
        ("games", "The game that broke me"),
        ("ai", "Claude Code tips"),
    ],
)
def test_interests_match_titles(interest: str, title: str) -> None:
    assert share(interest, title) > MENTIONED


@pytest.mark.parametrize(
    ("interest", "title"),
    [
        ("ai", "Claude Monet's water lilies sell for $40M"),
        ("ai", "Llama farming in the Andes"),
        ("ai", "The Gemini spacecraft and the race to the Moon"),
        ("ai", "Llamas make good guards for sheep"),
        ("ai", "Claude Debussy's lost score found"),
        ("ai", "Claude Shannon, the man who invented information theory"),
        ("ai", "Gemini twins are most compatible with Leo"),
        ("ai", "Claude Lévi-Strauss at 100"),
        ("security", "Social Security cuts will hit retirees"),
        ("security", "Food security in the Sahel"),
        ("security", "Energy security and the price of gas"),
        ("security", "National Security Council shakeup"),
        ("security", "Airport security lines are getting longer"),
        ("security", "SEC charges firm with securities fraud"),
        ("python", "Ball python care for beginners"),
        ("python", "Burmese pythons are eating the Everglades"),
        ("python", "Monty Python turns 50"),
        ("python", "Python swallowed a deer whole in Florida"),
        ("apple", "Fiona Apple releases a new album"),
        ("apple", "The best apple pie recipe"),
        ("apple", "How to grow an apple tree from seed"),
        ("rust", "Manufacturing returns to the Rust Belt"),
        ("rust", "How to remove rust from cast iron"),
        ("rust", "Why does steel rust?"),
        ("games", "LocalStack: an AWS emulator for testing"),
        ("games", "AWS emulator written in Go"),
        ("games", "Game theory and nuclear deterrence"),
        ("games", "A DynamoDB emulator"),
        ("games", "Terminal emulator Ghostty 1.3"),
        ("space", "Tabs vs spaces: the final answer"),
        ("space", "Vacant office space in San Francisco"),
        ("space", "Running out of disk space"),
        ("space", "Latent space exploration with autoencoders"),
        ("space", "Show HN: A co-working space in the woods"),
        ("space", "Address space layout randomization"),
        ("c", "Vitamin C and the common cold"),
        ("c", "USB-C is a mess"),
        ("c", "Bill C-22 passes"),
        ("c", "It's 45°C in Paris"),
        ("r", "R&D spending falls"),
        ("go", "Where did all the bees go?"),
        ("go", "Pokémon Go turns ten"),
        ("go", "Places to go in Lisbon"),
        ("swift", "Taylor Swift breaks record"),
        ("java", "Earthquake hits Java island"),
        ("ruby", "Ruby slippers stolen from museum"),
        ("design", "Intelligent design ruled out"),
        ("history", "How to clear your browser history"),
        ("climate", "Political climate in Washington"),
        ("startups", "Slow startup times in Java"),
        ("startups", "Startup sound of the Mac"),
        ("hardware", "The potato chip that changed America"),
        ("privacy", "Private equity buys hospitals"),
        ("cloud", "Cloud cover over the Arctic is shrinking"),
        ("mars", "Bruno Mars tops charts"),
        ("space", "Bruno Mars tops charts"),
        ("space", "Mercury poisoning in tuna"),
        ("space", "Samsung Galaxy S27"),
        ("kubernetes", "Kafka's Metamorphosis at 110"),
        ("databases", "Oracle bones reveal ancient China"),
        ("julia", "Julia Child's kitchen"),
        ("elixir", "Elixir of life sought by alchemists"),
        ("amazon", "Amazon rainforest loses trees"),
        ("steam", "The steam engine that built Britain"),
        ("games", "Steam engine restored after 20 years"),
    ],
)
def test_another_sense_of_the_word(interest: str, title: str) -> None:
    assert share(interest, title) <= HINT


def test_weaker_evidence_is_worth_less_than_a_name() -> None:
    named = share("databases", "Postgres 19 is out")
    assert named == 1
    assert 0 < share("databases", "How to index what you query", site="site.example") < named
    assert share("databases", "A long weekend", site="postgresql.org") == pytest.approx(SITE)
    assert share("databases", "A long weekend", sentences="It ran on Postgres.") == MENTIONED


def test_several_pieces_of_weak_evidence_add_up() -> None:
    once = share("databases", "On replication")
    assert 0 < once < share("databases", "On replication", site="postgresql.org") < 1


def test_the_topics_of_the_model_decide() -> None:
    unknown = "What Claude left behind"
    assert share("AI", unknown, topics=["ai"]) == 1
    assert share("AI", unknown, topics=["painting", "museums"]) == 0
    assert share("AI", unknown, topics=["weather"]) < share("AI", unknown)


def test_a_summary_tells_which_sense_is_meant() -> None:
    title = "The return of Python"
    assert share("python", title, sentences="The snake was seen in a swamp near wildlife.") == 0
    assert share("python", title, sentences="The interpreter is twice as fast.") == 1


def test_unknown_interests_are_found_in_any_form_and_order() -> None:
    assert share("basket weaving", "Basket weaving for beginners") == 1
    assert 0 < share("basket weaving", "Weaving a basket") < 1
    assert 0 < share("birdwatching", "The last birdwatchers") < 1
    assert share("basket weaving", "A basket") == 0


def test_a_site_is_an_interest_too() -> None:
    assert share("lwn.net", "Anything", site="lwn.net") == 1


@pytest.mark.parametrize(
    ("interest", "title", "told"),
    [
        ("Rust", "Rust 2.0 is out", True),
        ("Rust", "The Rust Belt returns", False),
        ("database", "Postgres 19 is out", False),
        ("Datenbank", "A database of birds", True),
        ("falconry", "Falconry today", True),
    ],
)
def test_alerts_need_the_words_in_the_meant_sense(interest: str, title: str, told: bool) -> None:
    assert bool(Round([candidate(title)], NOW).speaking_of(interest)) == told


@pytest.mark.parametrize("interest", TOPICS.values())
def test_every_topic_on_a_button_means_itself(interest: str) -> None:
    assert topic_of(interest)
    assert fold(interest) in meaning_of(interest).names


@pytest.mark.parametrize(
    ("typed", "topic"),
    [
        ("AI", "ai"),
        ("databases", "database"),
        ("opensource", "open source"),
        ("self hosted", "self hosting"),
        ("rust programming", "rust"),
        ("news about space", "space"),
        ("Maths", "mathematics"),
        ("cyber-security", "security"),
    ],
)
def test_a_topic_has_many_names(typed: str, topic: str) -> None:
    assert topic_of(typed) == topic


def test_masked_expressions_hold_the_word_and_more() -> None:
    table = tomllib.loads((WORDS / "senses.toml").read_text("utf-8"))
    masked = [
        (fold(word), fold(phrase.replace("#", " 0 ")))
        for word, entry in table.items()
        for phrase in str(entry.get("masked", "")).split(",")
        if phrase
    ]
    wrong = [
        (word, phrase)
        for word, phrase in masked
        if word == phrase or f" {word} " not in f" {phrase} "
    ]
    assert wrong == []
    assert all(senses.sense_of(fold(word)) for word in table)


def test_hostile_interests_and_titles_do_no_harm() -> None:
    hostile = ["x" * 4096, "a b " * 1024, "(" * 4096, "\u0301" * 4096, "#" * 4096, "rust " * 800]
    for interest in hostile:
        for title in (*hostile, "Rust"):
            assert 0 <= share(interest, title) <= 1
    assert known_phrases()


def test_only_the_beginning_of_a_long_text_is_matched() -> None:
    story = StoryWords("rust " * 1_000_000 + "python", (), "claude " * 1_000_000)
    assert len(story.title) == len(story.summary) == MAX_CHARACTERS
    assert "python" not in story.around


@pytest.mark.parametrize(
    ("typed", "topic"),
    [
        ("KI", "ai"),
        ("Datenbanken", "database"),
        ("künstliche Intelligenz", "ai"),
        ("kuenstliche intelligenz", "ai"),
        ("Verschlüsselung", "cryptography"),
        ("bases de datos", "database"),
        ("criptografia", "cryptography"),
    ],
)
def test_readers_may_write_their_own_language(typed: str, topic: str) -> None:
    assert topic_of(typed) == topic


def test_a_foreign_name_is_not_taken_for_an_english_word() -> None:
    assert share("Handy", "The new iPhone") == 1
    assert share("Handy", "A handy way to fold maps") == 0


def called() -> Iterator[tuple[str, Mapping[str, str]]]:
    """For each language what its speakers call the topics."""
    yield (
        "en",
        {
            topic: table.get("called", "")
            for path in WORDS.glob("*.toml")
            if path.stem not in ("senses", "contexts")
            for topic, table in tomllib.loads(path.read_text("utf-8")).items()
        },
    )
    for path in FOLDER.glob("*/topics.toml"):
        yield path.parent.name, tomllib.loads(path.read_text("utf-8"))["called"]


@pytest.mark.parametrize(("language", "topics"), list(called()))
def test_each_language_names_known_topics_once(language: str, topics: Mapping[str, str]) -> None:
    assert topics, language
    wrong = [
        (name.strip(), topic, topic_of(name))
        for topic, names in topics.items()
        for name in names.split(",")
        if name and topic_of(name) != topic
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("machine learnng", "machine learning"),
        ("pyhton", "Python"),
        ("rsut", "Rust"),
        ("Datenbnaken", "Datenbanken"),
        ("astronmy", "astronomy"),
        ("Agricutura", "agricultura"),
        ("Klimwandel", "Klimawandel"),
        ("criptogarfia", "criptografía"),
        ("postgers", "Postgres"),
        ("javascirpt", "JavaScript"),
        ("cybersecuirty", "cyber security"),
    ],
)
def test_a_mistyped_interest_is_corrected(typed: str, meant: str) -> None:
    assert suggest_spelling(typed) == meant


@pytest.mark.parametrize("typed", ["Rust", "SQLite", "falconry", "xyz", "", "x" * 4096, "lwn.net"])
def test_known_and_dissimilar_interests_are_not_corrected(typed: str) -> None:
    assert suggest_spelling(typed) is None


@pytest.mark.parametrize(
    "typed",
    [
        *("goats", "memo", "licence", "trainees", "loved", "marking", "silo", "send", "cellar"),
        *("Apicultura", "teología", "sala", "humano", "murales", "cisnes", "canción", "gobernado"),
        *("Müssen", "Mäuse", "Rost", "Brillen", "Wände", "Supermarkt", "Patientin", "Stände"),
    ],
)
def test_a_word_is_not_taken_for_another(typed: str) -> None:
    assert suggest_spelling(typed) is None


@pytest.mark.parametrize(
    ("words", "wanted", "unwanted"),
    [
        ("I'm into gardening and old computers", ["gardening", "old computers"], []),
        ("anything but politics", [], ["politics"]),
        ("nothing about Elon Musk", [], ["Elon Musk"]),
        ("no AI please", [], ["AI"]),
        ("rust & go", ["Rust", "go"], []),
        ("Rust or Go", ["Rust", "Go"], []),
        ("I like reading about trains", ["trains"], []),
        ("just in time compilation", ["just in time compilation"], []),
        ("alles außer Politik", [], ["Politik"]),
        ("Themen rund um Datenschutz", ["privacy"], []),
        ("Datenbanken sowie Linux", ["database", "Linux"], []),
        ("bitte nur Wissenschaft", ["science"], []),
        ("todo menos política", [], ["política"]),
        ("cosas de trenes", ["trenes"], []),
        ("quiero leer sobre física", ["física"], []),
        ("me gusta la astronomía", ["astronomía"], []),
        ("me interesan los trenes y la historia", ["trenes", "history"], []),
        ("Los Angeles", ["Los Angeles"], []),
    ],
)
def test_topics_in_own_words(words: str, wanted: list[str], unwanted: list[str]) -> None:
    typed = parse_phrases(words)
    assert (typed.wanted, typed.unwanted) == (wanted, unwanted)
