"""Assigns stories to a few broad subjects, by their words.

The model's topics are used if there are any; titles, sites and excerpts are enough without them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from app.digests.candidates import REMEMBERED_STORIES, Candidate
from app.readers.interests.senses import sense_of
from app.readers.interests.vocabulary import meaning_of
from app.text.phrases import PhraseSet, fold_phrase, words_of
from app.text.telegram_html import REMEMBERED_TEXTS

# Each phrase counts once, at its most significant occurrence.
NAMED, MENTIONED, SITE = 3.0, 1.0, 2.0
# Words that are as often about code as about culture: "by reading its imports", "a UI library".
_WEAK = frozenset(
    ("reading", "writing", "language", "library", "novel", "map", "history", "art", "scroll")
)
# Words in summaries cannot outweigh the title, and a single one counts for nothing.
MAX_MENTIONED = 2.5
# The share of uses in this sense from which an ambiguous word counts.
USUALLY = 0.7
# The weight of Ask HN, Tell HN and Show HN, whose subject counts if the title suggests no other.
OF_ITS_KIND = 1.5
MIN_WEIGHT = 1.5

# The interests from which a subject takes its phrases, and further phrases. The texts
# `subject.<name>` are the headings.
_INTERESTS: dict[str, tuple[str, ...]] = {
    "ai": ("AI", "LLM", "machine learning"),
    "security": ("security", "privacy"),
    "programming": (
        *("programming", "programming language", "Python", "Rust", "JavaScript", "Go", "C", "C++"),
        *("R", "Swift", "database", "postgres", "kubernetes", "open source", "web"),
    ),
    "machines": ("Linux", "hardware", "apple"),
    "science": ("science", "space", "climate"),
    "business": ("startup", "business", "crypto"),
    "society": (),
    "culture": ("game", "design", "history"),
}
_PHRASES: dict[str, str] = {
    "ai": """coding agent, AI model, Codex, Copilot, chatbot, MCP, Hugging Face, hallucination,
        superintelligence, vibe coding, agentic, OpenRouter, xAI, token""",
    "security": """password, hacked, leak, scam, fraud, surveil, mass surveillance, VPN, anonymity,
        age verification, bug bounty, root access, SSH, OAuth, passkey, authentication, spy,
        license plate, Flock, security incident, privilege escalation, vulnerable,
        brute force, LPE, use after free, encrypt, encrypted, botnet, phishing, email virus, DDoS,
        fingerprinting, bleepingcomputer.com, krebsonsecurity.com, eff.org,
        digital ID, wiretap, rootkit""",
    "programming": """code, source code, software library, standard library, framework, API, Git,
        GitHub, GitLab, Emacs, Vim,
        Neovim, editor, IDE, parser, regex, bug, debugging, unit test, Docker, Nix, Java, Haskell,
        Zig, Elixir, Phoenix, PHP, Ruby, Lua, Lisp, Scheme, Erlang, OCaml, Typst, LaTeX, Markdown,
        terminal, command line, shell, bash, concurrency, async, multithreading, memory safety,
        garbage collection, graphics, OpenGL, Vulkan, GPU programming, WebGPU, SVG, UUID, JSON,
        data structure, hash table, CLI, SDK, backend, microservice, distributed system, software,
        Nginx, self hosted, self hosting, data engineering, spreadsheet, functional programming,
        programmer, static analysis, WAL, github.com, stackoverflow.com, technical debt, ORM,
        GraphQL, DNS, TLS, Flexbox, layout, React, Svelte, browser""",
    "machines": """laptop, phone, smartphone, Android, iPad, watchOS, visionOS, Windows, BSD,
        FreeBSD, OpenBSD, Asahi, io_uring, epoll, driver, SSD, RAM, memory price, disk, USB,
        Thunderbolt, Bluetooth, Wi Fi, Ethernet, router, x86, ARM, Framework laptop, ThinkPad,
        Pixel, Flipper, mouse, trackball, display, monitor, e ink, camera, data center, datacenter,
        supercomputer, mainframe, operating system, file system, ZFS, bootloader, virtual machine,
        radio, battery, sensor, robot, robotics, drone, electric car, EV, TV, gadget, processor,
        microcontroller, soldering, oscilloscope, mesh network, voltmeter, Kindle, 5G,
        retrocomputing, Amiga, Commodore, Game Boy, vacuum tube, thermostat, smart home,
        appliance""",
    "science": """physicist, mathematician, math, theorem, proof, conjecture, Erdős, gene, DNA,
        brain, cancer, drug, vaccine, disease, health, medicine, medical, doctor, sleep, protein,
        cell biology, bacteria, virus, fossil, species, insect, animal, bird, whale, dinosaur,
        ocean, earthquake, volcano, planet, universe, black hole, particle, fusion, nuclear,
        energy, solar panel, weather, Atlantic, heat, experiment, clinical trial, engineering
        principle, obesity, psychology, cognitive, nature.com, science.org, arxiv.org,
        quantamagazine.org, phys.org, sciencedaily.com, newscientist.com, astronomer, comet,
        aurora, botany, moss, fungus, forest, chemist, material, archaeologist, statistic,
        aeronautical, geology""",
    "business": """company, market, stock, shares, billion, layoff, CEO, founder, sale, buy,
        acquisition, bankrupt, bankruptcy, investor, investment, bank, inflation, consumer price,
        tariff, trade, salary, hiring, employee, worker, job, union, unionize, remote work, office,
        customer, subscription, advertising, ad, monopoly, SpaceX IPO, real estate, housing, rent,
        S P 500, fund, pricing, retail, marketing, valuation, dollar""",
    "society": """law, bill, court, judge, lawsuit, sue, sued, ruling, jury, indict, police,
        arrest, arrested, prison, government, gov't, parliament, congress, senate, president,
        Trump, White House, EU, European Union, European Commission, UK, minister, regulator,
        regulation, legislation, legislate, ban, banned, censorship, copyright, patent, election,
        vote, war, military, army, Pentagon, Iran, Israel, Ukraine, Russia, China, immigration,
        green card, visa, border, tax, public, city, municipality, school, university, college,
        student, exam, teacher, education, children, teen, social media, democracy, autocracy,
        protest, rights, freedom, mandate, policy, bipartisan, Supreme Court, FCC, FTC, FBI, ICE,
        DHS, treaty, sanction, Pope, church, encyclical, transport, railway, train, housing crisis,
        poverty, loneliness, society, journalist, journalism, newspaper, politics.co.uk,
        theguardian.com, propublica.org, politico.com""",
    "culture": """book, novel, writer, writing, author, poem, poetry, music, musician, composer,
        song, album, guitar, synth, film, movie, cinema, television, TV show, art, artist,
        painting, photo, photograph, photography, comic, animation, map, architecture, language,
        English, grammar, essay, blog, library, reading, puzzle, board game, Lego, toy, retro,
        nostalgia, cooking, food, coffee, recipe, travel, walking, bicycle, sport, football,
        marathon, museum, fiction, sci fi, Tolkien, SimCity, GTA, Wolfenstein, Quake, obituary, has
        died, pyramid, weekend, public domain, barcode, calendar, Wikipedia, scroll, philosophy,
        meditation, happiness, Calvin and Hobbes, craft, woodworking, typeface, fashion""",
}
_KINDS = ("ask", "show")
FROM_READERS = "from_readers"
SUBJECTS = (*_INTERESTS, FROM_READERS)

_LETTERS_THEN_DIGITS = re.compile(r"\b([^\W\d_]{2,})-?\d[\w.]*")


def prepare() -> None:
    """Build what is built once and takes half a second; callable from any thread."""
    _phrases_by_subject()


def subjects_of(candidate: Candidate) -> Mapping[str, float]:
    """How much a story is about each subject; only subjects that it is about."""
    basic = candidate.summary("basic")
    known = _about(
        candidate.title, candidate.topics, candidate.site or "", basic.sentences if basic else ""
    )
    return {**known, FROM_READERS: OF_ITS_KIND} if candidate.kind in _KINDS else known


@lru_cache(REMEMBERED_STORIES)
def subject_of(candidate: Candidate) -> str | None:
    """The subject that a story is most about, the same for all readers; None if there is none."""
    about = subjects_of(candidate)
    return max(about, key=about.__getitem__, default=None)


@lru_cache(REMEMBERED_TEXTS)
def _about(title: str, topics: tuple[str, ...], site: str, sentences: str) -> Mapping[str, float]:
    # "Qwen3.8" and "GPT5" contain the names Qwen and GPT.
    families = _LETTERS_THEN_DIGITS.sub(r"\1", title)
    named, told = words_of([title, families, *topics]), words_of([sentences])
    where = words_of([site])
    about = {}
    by_subject = _phrases_by_subject()
    names = {subject: phrases.held_by(named) for subject, phrases in by_subject.items()}
    every = [name for held in names.values() for name in held]
    for subject, phrases in by_subject.items():
        by_name = sum(
            MENTIONED if name in _WEAK else NAMED
            for name in names[subject]
            if not _is_within(name, every)
        )
        by_site = SITE if any("." in phrase for phrase in phrases.held_by(where)) else 0.0
        mentioned = MENTIONED * len(phrases.held_by(told))
        weight = by_name + by_site + min(mentioned, MAX_MENTIONED)
        if weight >= MIN_WEIGHT:
            about[subject] = weight
    return about


def _is_within(name: str, names: Iterable[str]) -> bool:
    """Whether a phrase is part of a longer one: "language" of "language model"."""
    return any(name != other and f" {name} " in f" {other} " for other in names)


@lru_cache(1)
def _phrases_by_subject() -> Mapping[str, PhraseSet]:
    """The folded phrases of each subject; a phrase of several subjects belongs to the first."""
    found: dict[str, str] = {}
    for subject, phrases in _PHRASES.items():
        for phrase in phrases.split(","):
            found.setdefault(fold_phrase(phrase), subject)
    for subject, interests in _INTERESTS.items():
        for interest in interests:
            for phrase in filter(_usually_means, meaning_of(interest).names):
                found.setdefault(phrase, subject)
    return {
        subject: PhraseSet(phrase for phrase, of in found.items() if of == subject)
        for subject in _INTERESTS
    }


def _usually_means(phrase: str) -> bool:
    """Whether a phrase nearly always means its interest."""
    sense = sense_of(phrase)
    return sense is None or sense.alone >= USUALLY
