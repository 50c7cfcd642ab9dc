"""Fits the weights with which a page's signs make it a wall, and judges them on sets left out.

    cd backend && ../.tools/uv run --no-sync --with scikit-learn==1.7.2 \
        python ../docs/trials/walls.py [--write]

The written pages of the tests, and the real ones of `bench.pages` where they are at hand. Each set
is judged by weights that were fitted to the others. `--write` makes
backend/app/articles/assess/weights.toml anew, from all of them.
"""

from __future__ import annotations

import html
import json
import re
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "backend")]
from app.articles.assess.case import Case, Expected
from app.articles.assess.signs import measure
from app.articles.charset import decode
from app.articles.extract import _article
from bench.pages import load_pages
from bench.walls import SETS

WEIGHTS = ROOT / "backend/app/articles/assess/weights.toml"
# The inverse of the penalty on weights; of 0.05, 0.1, 0.2 and 1 it differs least on other pages.
PENALTY = 0.2
FAILURES = 400
OTHER_TITLE = "What lighthouse keepers knew of fog"


def main() -> None:
    """Fit, judge, and perhaps write."""
    pages, sets = [], []
    for name, folder in SETS.items():
        for entry in json.loads((folder / "manifest.json").read_text("utf-8")):
            if entry["status"] >= FAILURES:
                continue
            content_type = {k.lower(): v for k, v in entry["headers"].items()}.get("content-type")
            body = (folder / entry["file"]).read_bytes()
            expected = Expected(entry["title"], entry["url"])
            signs = signs_of(body, content_type or "text/html", expected)
            if signs is not None:
                pages.append((signs, entry["outcome"] not in ("article", "partial")))
                sets.append(name)
    for page in load_pages():
        # Titles of stories may differ from those of their pages.
        for title in (title_of(page), "", OTHER_TITLE):
            signs = signs_of(page, "text/html", Expected(title, "https://a.example/page"))
            if signs is not None:
                pages.append((signs, False))
                sets.append("real")
    names = list(pages[0][0])
    x, y = matrix(pages, names)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=PENALTY, max_iter=2000))
    for name in SETS:
        left = np.array([one == name for one in sets])
        model.fit(x[~left], y[~left])
        judge(f"{name}, by the others", y[left], model.predict_proba(x[left])[:, 1])
    model.fit(x, y)
    scaler, logistic = model[0], model[1]
    weights = logistic.coef_[0] / scaler.scale_
    constant = logistic.intercept_[0] - float(weights @ scaler.mean_)
    lines = [f"constant = {constant:.3f}"]
    lines += [f"{name} = {weight:.3f}" for name, weight in zip(names, weights, strict=True)]
    text = "# Made by docs/trials/walls.py.\n" + "\n".join(lines) + "\n"
    if "--write" in sys.argv:
        WEIGHTS.write_text(text, "utf-8")
    sys.stdout.write(text)


def signs_of(body: bytes, content_type: str, expected: Expected) -> dict[str, float] | None:
    """The signs of a page of HTML."""
    document, text = _article(decode(body, content_type), expected.url)
    if document is None:
        return None
    return dict(measure(Case(expected, expected.url, 200, {}, text, document), document).values)


def title_of(page: bytes) -> str:
    """What a page calls itself, as the title of a story about it."""
    title = re.search(rb"<title[^>]*>(.*?)</title>", page, re.DOTALL | re.IGNORECASE)
    return html.unescape(title[1].decode(errors="replace")).strip() if title else ""


def matrix(pages: list[tuple[dict[str, float], bool]], names: list[str]) -> tuple:
    """The signs as rows, and which pages are walls."""
    return np.array([[one[name] for name in names] for one, _ in pages]), np.array(
        [wall for _, wall in pages]
    )


def judge(name: str, right: np.ndarray, found: np.ndarray) -> None:
    """Print how well the signs alone tell walls from articles."""
    missed, refused = int((right & (found < 0.5)).sum()), int((~right & (found >= 0.5)).sum())
    sys.stdout.write(
        f"# {name}: area {roc_auc_score(right, found):.3f}; at even odds {missed} of"
        f" {int(right.sum())} walls missed, {refused} of {int((~right).sum())} articles refused\n"
    )


if __name__ == "__main__":
    main()
