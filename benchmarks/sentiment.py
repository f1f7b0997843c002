"""How often is the mood read right? Ours beside VADER alone, on texts with labels by hand.

python -m benchmarks.sentiment FOLDER…: a folder holds texts in `mentions.csv` and their labels in `labels.csv`
(mention, sentiment). Nothing of the program was made from these texts: the table only measures.
"""

import csv
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.table import Table
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from benchmarks.quality_standing import area_under_curve
from benchmarks.tables import show
from jobs.algorithms.mood import Label, label
from jobs.algorithms.sentiment import analyse

UNSURE = "zyxa wvut"  # neither language shows: all that is loaded late gets loaded


@dataclass(frozen=True, slots=True)
class Row:
    """How well one reader reads the moods of a folder, and how many texts a second."""

    folder: str
    reader: str
    accuracy: float
    macro_f1: float
    sign_accuracy: float  # of the texts labelled positive or negative
    auc: float  # the chance that a positive text scores above a negative one
    texts: int
    per_second: float


def sentiment_table(folder: Path) -> list[Row]:
    """One row a reader for the texts of a folder, ours first."""
    texts, truth = _texts(folder)
    vader = SentimentIntensityAnalyzer()
    readers: dict[str, Callable[[str], float]] = {
        "muhatap": lambda text: analyse(text).mood.score,
        "VADER": lambda text: float(vader.polarity_scores(text)["compound"]),
    }
    return [_row(folder.name, name, read, texts, truth) for name, read in readers.items()]


def macro_f1(truth: Sequence[str], said: Sequence[str]) -> float:
    """The mean over the labels of 2·hits / (said + true).

    >>> macro_f1(["POSITIVE", "NEGATIVE", "NEUTRAL"], ["POSITIVE", "NEGATIVE", "NEUTRAL"])
    1.0
    """
    true, told = np.array(truth), np.array(said)
    scores = []
    for each in Label:
        hits, both = np.sum((true == each) & (told == each)), np.sum(true == each) + np.sum(told == each)
        scores.append(2 * hits / both if both else 0.0)
    return float(np.mean(scores))


def _row(
    folder: str, name: str, read: Callable[[str], float], texts: Sequence[str], truth: Sequence[str]
) -> Row:
    for text in (texts[0], UNSURE):
        read(text)
    started = time.process_time()
    scores = [read(text) for text in texts]
    took = time.process_time() - started
    said = [label(score) for score in scores]
    hits = [a == b for a, b in zip(truth, said, strict=True)]
    signed = [hit for hit, true in zip(hits, truth, strict=True) if true != Label.NEUTRAL]
    return Row(
        folder,
        name,
        float(np.mean(hits)),
        macro_f1(truth, said),
        float(np.mean(signed)),
        _auc(scores, truth),
        len(texts),
        len(texts) / took,
    )


def _auc(scores: Sequence[float], truth: Sequence[str]) -> float:
    marked = [(score, true) for score, true in zip(scores, truth, strict=True) if true != Label.NEUTRAL]
    return area_under_curve(
        np.array([score for score, _ in marked]), np.array([true == Label.POSITIVE for _, true in marked])
    )


def _texts(folder: Path) -> tuple[list[str], list[str]]:
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as lines:
        labels = {row["mention"]: row["sentiment"] for row in csv.DictReader(lines)}
    with (folder / "mentions.csv").open(newline="", encoding="utf-8") as lines:
        rows = [(row["text"], labels[row["id"]]) for row in csv.DictReader(lines) if row["id"] in labels]
    return [text for text, _ in rows], [true for _, true in rows]


def main(folders: Sequence[str]) -> None:
    """Print the table of these folders."""
    paths = [Path(folder) for folder in folders]
    if not paths or not all(path.is_dir() for path in paths):
        sys.exit("usage: python -m benchmarks.sentiment FOLDER…")
    table = Table("folder", "reader", "accuracy", "macro-F1", "signed", "AUC", "texts", "texts/s")
    for row in (row for path in paths for row in sentiment_table(path)):
        shares = (f"{share:.3f}" for share in (row.accuracy, row.macro_f1, row.sign_accuracy, row.auc))
        table.add_row(row.folder, row.reader, *shares, f"{row.texts:,}", f"{row.per_second:,.0f}")
    show(table)


if __name__ == "__main__":
    main(sys.argv[1:])
