"""Articles for the tests of the index: sentences about words of their own, which can be told again in others."""

import random
from functools import cache

from provenance.model import Document

NOTICE = "Sign up for the letter that our editors write every Saturday morning before breakfast"
# What stands between the words that a sentence is about, in each telling.
JOINTS = (
    ("the", "of the", "was said to be", "and the", "in", "with its", "near"),
    ("a", "which for", "had been", "but not", "at", "without any", "under"),
)
SENTENCES, ABOUT = 8, 7


@cache
def words():
    import wordfreq

    listed = wordfreq.top_n_list("en", 12_000)[3_000:]
    return sorted(
        {word[:6]: word for word in listed if word.isascii() and word.isalpha() and len(word) > 5}.values()
    )


def article(number, *, told=0, notice=False):
    """Give an article in two paragraphs; those of one number and another telling share rare words only."""
    draw = random.Random(number)
    sentences = []
    for _ in range(SENTENCES):
        about = draw.sample(words(), ABOUT)
        about = [*about[2 * told :], *about[: 2 * told]]
        joined = " ".join(f"{joint} {word}" for joint, word in zip(JOINTS[told], about, strict=True))
        sentences.append(f"{joined.capitalize()}.")
    halves = [" ".join(sentences[: SENTENCES // 2]), " ".join(sentences[SENTENCES // 2 :])]
    return "\n\n".join([*halves, *([NOTICE] if notice else [])]) + "\n"


def document(number, **options):
    return Document(
        f"d{number}", article(number, **options), publisher=f"House {number % 3}", published="2024-03-04"
    )
