"""What readers say they like to read about: topics to tap, and phrases of their own."""

from __future__ import annotations

import re

from app.readers.phrases import fold_phrase

# Offered as buttons; anything else can be typed. The button shows the name, the phrase is kept.
TOPICS: dict[str, str] = {
    "AI": "AI",
    "LLM": "LLM",
    "Programming": "programming",
    "Python": "Python",
    "Rust": "Rust",
    "JavaScript": "JavaScript",
    "Web": "web",
    "Databases": "database",
    "Linux": "Linux",
    "Security": "security",
    "Privacy": "privacy",
    "Open source": "open source",
    "Startups": "startup",
    "Business": "business",
    "Science": "science",
    "Space": "space",
    "Hardware": "hardware",
    "Games": "game",
    "Design": "design",
    "History": "history",
}
MOST_INTERESTS = 50
MOST_LENGTH = 60

# What headlines say when they mean the interest without naming it. Where the interest's own name
# is also a common word ("go"), the tuple stands instead of it.
_MEANT = {
    "ai": """AI, artificial intelligence, machine learning, deep learning, neural network, LLM,
        language model, OpenAI, Anthropic, ChatGPT, GPT, Claude, Gemini, DeepSeek, Mistral, Qwen,
        Llama, AI agent, diffusion model, AGI""",
    "llm": """LLM, language model, ChatGPT, GPT, Claude, Gemini, DeepSeek, Mistral, Qwen, Llama,
        Kimi, GLM, Grok, OpenAI, Anthropic, llama.cpp, ollama, inference, prompt, tokenizer""",
    "machine learning": """machine learning, deep learning, neural network, PyTorch, TensorFlow,
        language model, reinforcement learning, transformer, ML""",
    "programming": """programming, programmer, software engineering, compiler, coding, developer,
        programming language, debugger, refactoring, type system, algorithm, code review""",
    "python": "Python, CPython, Django, FastAPI, PyPI, NumPy, pandas, asyncio",
    "rust": "Rust, rustc, crates.io, Rustacean, borrow checker",
    "javascript": """JavaScript, TypeScript, Node.js, nodejs, npm, React, Deno, Bun, ECMAScript,
        JS, Vue, Svelte""",
    "programming language": """programming language, compiler, interpreter, type system, Rust,
        Python, golang, in Go, Go is, Zig, TypeScript, JavaScript, Java, Kotlin, C++, Haskell,
        OCaml, Lisp, Clojure, Elixir, Erlang, Gleam, Ruby, PHP, Julia, Lua, Scala, Nim""",
    "go": """golang, Go language, in Go, with Go, Go is, Go 1, Go 2, goroutine, Go programming,
        Go code, Go compiler, Go runtime, Go library, Go module, Go generics, gopher""",
    "c": "C language, in C, C programming, C23, C11, C99, libc, GCC, Clang",
    "c++": "C++, cpp, C++20, C++23, C++26",
    "r": "R language, in R, R 4, R 5, rstats, RStudio, CRAN, tidyverse",
    "swift": "SwiftUI, Swift language, in Swift, Swift 5, Swift 6, Swift 7, Swift package",
    "web": "web, browser, HTML, CSS, HTTP, Firefox, Chrome, Safari, WebAssembly, wasm, frontend",
    "database": """database, SQL, PostgreSQL, Postgres, SQLite, MySQL, DuckDB, Redis, ClickHouse,
        MongoDB, vector database, RocksDB""",
    "linux": "Linux, kernel, Debian, Ubuntu, Fedora, Arch Linux, systemd, GNU, Wayland, NixOS",
    "security": """security, vulnerability, vulnerable, malicious, exploit, CVE, malware,
        ransomware, breach, hacked, spyware, backdoor, encryption, cryptography, zero day,
        phishing, supply chain attack""",
    "privacy": """privacy, surveillance, tracking, GDPR, encryption, spying, facial recognition,
        data broker, chat control, end to end encryption""",
    "open source": "open source, open sourced, FOSS, free software, GPL, open weight",
    "startup": """startup, Y Combinator, YC, founder, venture capital, VC, seed round, Series A,
        funding round, seed funding, bootstrapped, IPO""",
    "business": """business, acquisition, acquire, acquired, acquires, merger, revenue, profit, CEO,
        antitrust, stock market, shareholder, layoff, lay off, laid off, IPO, economy""",
    "science": """science, scientist, physics, biology, chemistry, mathematics, research, study,
        researcher, quantum, neuroscience, genome, climate""",
    "space": """space, NASA, SpaceX, rocket, satellite, orbit, Mars, moon, lunar, asteroid,
        telescope, astronomy, galaxy, ESA, spacecraft, Starship""",
    "hardware": """hardware, CPU, GPU, chip, RISC V, FPGA, Raspberry Pi, Arduino, semiconductor,
        Intel, AMD, Nvidia, circuit, PCB, ESP32, keyboard, 3D printer, firmware""",
    "game": """game, gaming, video game, Nintendo, Steam, PlayStation, Xbox, Doom, emulator, Godot,
        Unity, Unreal, gamedev, chess""",
    "design": "design, designer, typography, font, UX, UI, user interface, Figma, color, icon",
    "history": "history, historical, ancient, medieval, archaeology, archive, museum, vintage",
    "climate": """climate, climate change, carbon, emission, solar, wind power, renewable, battery,
        global warming, energy storage""",
    "crypto": "crypto, cryptocurrency, Bitcoin, Ethereum, blockchain, stablecoin, NFT",
    "apple": "Apple, iPhone, iPad, macOS, iOS, MacBook, App Store, Apple Silicon",
    "kubernetes": "Kubernetes, k8s, kubectl, Helm chart",
    "postgres": "Postgres, PostgreSQL, pgvector",
    "postgresql": "Postgres, PostgreSQL, pgvector",
}
_SEPARATORS = re.compile(r"[,;\n•·|]+")
_LIST_MARK = re.compile(r"^(?:[-*+–]|\d{1,2}[.)])\s+")


def parse_phrases(words: str) -> list[str]:
    """The phrases of a typed list: commas, semicolons and line ends separate, blanks do not.

    A phrase of nothing that could be matched is left out, and so is one that only repeats another.
    """
    phrases: dict[str, str] = {}
    for part in _SEPARATORS.split(words.replace("\0", "")[: 4 * MOST_INTERESTS * MOST_LENGTH]):
        phrase = _LIST_MARK.sub("", " ".join(part.split())).strip(" .\"'“”„‘’")
        phrase = phrase.lstrip("#")[:MOST_LENGTH].strip()
        if folded := fold_phrase(phrase):
            phrases.setdefault(folded, phrase)
    return list(phrases.values())


def meant_by(interest: str) -> tuple[str, ...]:
    """The phrases, folded, any of which in a story means that it is about `interest`."""
    folded = fold_phrase(interest)
    return _MEANT_FOLDED.get(folded) or ((folded,) if folded else ())


_MEANT_FOLDED: dict[str, tuple[str, ...]] = {
    fold_phrase(interest): tuple(dict.fromkeys(fold_phrase(part) for part in phrases.split(",")))
    for interest, phrases in _MEANT.items()
}
