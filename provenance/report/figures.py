"""The figures behind a pair's score: what the report calls them, and what each of them is."""

from __future__ import annotations

from provenance.report.wording import words

# Name in `evidence` of report.json: what it is called, and what it is (provenance/evidence.py reckons it).
FIGURES = {
    "cover": ("Cover", "share of the lighter text whose sentences are aligned with sentences of the other"),
    "cover_other": ("Cover of the other", "the same share of the heavier text"),
    "longest": ("Longest", "weight of the strongest series of aligned sentences, as a share of the lighter text"),
    "mutual": ("Mutual", "share of the lighter text in sentences that are themselves the likest to their likest"),
    "clear": (
        "Clear",
        "how much liker a sentence of the lighter text is to its likest than to the next one",
    ),
    "cosine": ("Cosine", "likeness of the words of the two whole texts, rare words counting more"),
    "order": (
        "Order",
        "whether aligned sentences come in like order, from -1, reversed, to 1, the same; only shown",
    ),
    "common": ("Common", "share of the lighter text’s ordinary words, neither rare nor frequent, in the other"),
    "verbatim": ("Verbatim", "share of the lighter text’s words in copied stretches outside quotation marks"),
    "verbatim_other": ("Verbatim of the other", "the same share of the heavier text; it only tells kinds apart"),
    "jaccard": (
        "Jaccard",
        "share of the two texts’ runs of five words that they have in common, estimated; only shown",
    ),
    "simhash_distance": (
        "Simhash distance",
        "how many of 64 bits of the texts’ fingerprints differ: about 32 where they are unrelated; only shown",
    ),
    "passages": ("Passages", "how many passages of a stored document are like one of this, by their fingerprints"),
}


def figure(name: str) -> str:
    """Give what a figure is called."""
    return FIGURES[name][0] if name in FIGURES else words(name)


def rounded(value: float) -> str:
    """Give a figure with two decimals, a count without.

    >>> rounded(0.7476), rounded(0.0), rounded(17.0)
    ('0.75', '0.00', '17')
    """
    return f"{value:.0f}" if value > 1 and value == int(value) else f"{value:.2f}"
