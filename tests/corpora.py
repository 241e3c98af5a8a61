"""Small corpora with copies in them, and the truth about them."""

import random


def corpus(count=60, seed=1):
    """Give texts of three paragraphs, and what was planted: exact copies, edited copies, copied paragraphs."""
    rng = random.Random(seed)
    word = lambda: "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(3, 9)))  # noqa: E731

    def paragraph():
        return " ".join(word() for _ in range(50)).capitalize() + "."

    texts = [[paragraph() for _ in range(3)] for _ in range(count)]
    exact, edited, passage = [], [], []
    for number in range(0, count - 3, 10):
        texts[number + 1] = list(texts[number])
        exact.append((number, number + 1))
        texts[number + 3] = [one.replace(one.split()[7], "Edited", 1) for one in texts[number + 2]]
        edited.append((number + 2, number + 3))
        texts[number + 5][1] = texts[number + 4][2]
        passage.append(((number + 4, 2), (number + 5, 1)))
    return ["\n\n".join(text) for text in texts], {"exact": exact, "edited": edited, "passage": passage}
