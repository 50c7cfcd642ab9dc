"""`make digest` without the internet: ten stories that were read, plainly labelled as a sample."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from simulators.processes import ROOT


def test_a_digest_of_the_sample_day(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "demo", "--state", str(tmp_path), "--offline"]
    made = subprocess.run(
        [*command, "--print-digest"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    assert "this is a sample day: its sites, people and facts are invented" in made.stdout
    heading = made.stdout[made.stdout.index("Hacker News, ") :].split("\n\n")[0]
    assert heading.split("\n")[1] == "Sample day: its sites, people and facts are invented."
    stories = re.findall(r"^(\d+)\. .+ <http\S+>$", made.stdout, re.MULTILINE)
    assert stories == [str(number) for number in range(1, 11)]
    assert "not read" not in made.stdout
    assert made.stdout.count("💬") == 10
    sites = set(re.findall(r"<https?://([^/]+)", made.stdout))
    assert all(site.endswith(".example") or site == "news.ycombinator.com" for site in sites)
