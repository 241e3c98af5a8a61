"""House boilerplate: is what a publisher prints under every article found, and nothing else taken?

    python benchmarks/sites.py [ARTICLES.jsonl[.gz]] [--publishers 20] [--articles 50] [--seed 1] [--show 10]

A set of sites is made: each publisher has six to ten templates of lines with slots (names, dates, minutes,
counts, titles of its other articles), printed at various places in a quarter to all of its articles. The articles
are those of the file (a `text` a line), else made of word lists. Among each publisher's articles are hard ones:
revisions of one article, reports of one event that repeat its quote and its background, a column with a refrain,
court reports that end alike, results in figures, leads with an agency's mark. All are cleaned as one batch.
A template's line, or an article's paragraph, counts as removed when over half of it is.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from provenance.clean import clean, clean_batch
from provenance.model import Document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from provenance.model import Cleaned

FIRST = (
    "Mara Noor Ilse Tobin Anselm Petra Kwame Lena Ravi Sorcha Dario Yuki Amira Viktor Hanne Oskar Salma".split()
)
LAST = (
    "Iversen Said Brandt Okafor Lindqvist Moreau Castellan Petrov Achebe Tanaka Weiss Duarte Novak Farrow".split()
)
TOWNS = (
    "Lindow Redmoor Ashby Thornwick Marle Harrowgate Selby Crane Dunholt Wexley Orrin Fallow Kestrel Brae".split()
)
PAPERS = "Post Courier Herald Gazette Examiner Tribune Observer Chronicle".split()
BEATS = "politics, schools, the courts, business, football, health, transport, the arts, farming, science".split(
    ", "
)
MONTHS = "January February March April May June July August September October November December".split()
SUBJECTS = """harbour ferry storm pier|hospital nurse ward surgery|school teacher pupil classroom|river flood levee
rainfall|budget tax treasury deficit|striker goal league penalty|orchestra conductor violin concert|mine copper
shaft ore|election ballot candidate turnout|forest blaze firefighter smoke|railway signal commuter platform|bakery
flour oven loaf|satellite orbit rocket launch|vineyard grape harvest barrel|museum painting curator gallery|vaccine
virus laboratory dose|bridge cable engineer rust|bank lender mortgage deposit|glacier ice summit climber|novel
author publisher prize|dairy cattle milk pasture|airport runway pilot flight|theatre actor stage play""".replace(
    "\n", " "
).split("|")
# A line, where it is printed, and in what share of a publisher's articles at least.
TEMPLATES = """By {name}, {beat} correspondent | {date} | {minutes} min read|top
{minutes} min read|top
Published {date}, {time} · Updated {date}, {time}|top
{count} comments|bottom
{name} is a reporter at the {paper} who covers {beat}. Write to {name} at {mail}.|bottom
{name} has written about {beat} for the {paper} since {year} and lives in {town} with two dogs.|bottom
Listen to this article, read by {name}: {minutes} minutes|top
Also in the {paper}: {title}|any
Do not miss our long read of the week — {title}|any
Our readers liked: {title}|any
This article was amended on {date} to correct the spelling of a name.|bottom
The {paper} is owned by those who write it and is printed in {town} on paper made of reeds.|bottom
Join the {count} people who have our morning letter in their inbox by seven, every {day}.|any
Support the {paper}: {count} of our readers already give as little as two crowns a month.|any
Photograph by {name} for the {paper}, taken in {town}|any
What do you think of this? Tell {name} in a letter of no more than two hundred words.|bottom
You have read {minutes} of the ten articles that are yours this month without an account.|any
Reporting by {name} in {town}; editing by {name} and {name}|bottom
This story first appeared in the {day} edition of the {paper} on {date}, page {minutes}.|bottom
Weather in {town} today is brought to you by the {paper} and the harbour office.|any
The opinions printed here are those of {name} and not of the {paper} or of its owners.|bottom
A version of this piece was read by {name} on our radio programme, {day} at {time}.|bottom
Vous lisez un article réservé à nos abonnés : {title}|any
{name} est journaliste au service {beat} du {paper} depuis {year}.|bottom
Recevez chaque {day} la lettre de {name} et de la rédaction du {paper}.|any
{name}, geboren {year}, schreibt für den {paper} über {beat} und gern auch über das Wetter.|bottom
Dieser Text ist zuerst am {date} im {paper} erschienen, Seite {minutes}.|bottom
Lesezeit: {minutes} Minuten|top
{name} escribe sobre {beat} en el {paper} desde {year}. Puede escribirle a {mail}.|bottom
Únase a las {count} personas que ya reciben el boletín de la mañana del {paper}.|any
本文由《{paper}》记者{name}于{date}报道，未经许可不得转载。|bottom
Correction policy: write to {mail} and {name} will answer within {minutes} days.|bottom""".splitlines()


class Part(NamedTuple):
    """A line of a made document; `template` says which it is of, None for the article's own."""

    text: str
    template: int | None


@dataclass(slots=True)
class Site:
    """One publisher: its name, what all its templates say alike, and what its articles are made of."""

    draw: random.Random
    paper: str
    town: str
    staff: list[str]
    titles: list[str] = field(default_factory=list)

    def fill(self, template: str) -> str:
        """Fill a template's slots."""
        draw = self.draw
        slots: dict[str, Callable[[], str]] = {
            "paper": lambda: self.paper,
            "town": lambda: self.town,
            "mail": lambda: f"desk@{self.paper.split()[-1].lower()}.example",
            "name": lambda: draw.choice(self.staff) if draw.random() < 0.5 else name(draw),
            "title": lambda: draw.choice(self.titles),
            "beat": lambda: draw.choice(BEATS),
            "date": lambda: date(draw),
            "time": lambda: f"{draw.randrange(24)}:{draw.randrange(60):02}",
            "minutes": lambda: str(draw.randint(2, 29)),
            "count": lambda: f"{draw.randint(2, 99_999):,}",
            "year": lambda: str(draw.randint(1980, 2024)),
            "day": lambda: draw.choice("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()),
        }
        for slot, value in slots.items():
            while f"{{{slot}}}" in template:
                template = template.replace(f"{{{slot}}}", value(), 1)
        return template


def name(draw: random.Random) -> str:
    """Make a person's name, among thousands."""
    return f"{draw.choice(FIRST)} {draw.choice('ABCDEFGHJKLMNPRSTVW')}. {draw.choice(LAST)}"


def date(draw: random.Random) -> str:
    """Make a date in one of three spellings."""
    day, month, year = draw.randint(1, 28), draw.randrange(12), draw.randint(2015, 2025)
    return draw.choice(
        [f"{day} {MONTHS[month]} {year}", f"{MONTHS[month]} {day}, {year}", f"{year}-{month + 1:02}-{day:02}"]
    )


# --- articles ---------------------------------------------------------------------------------------------


def lexicon(draw: random.Random, count: int) -> list[str]:
    """Make words of no language, so that made sentences have nothing in common but their subjects."""
    syllables = [
        a + b for a in "b d f g k l m n p r s t v sh th br st".split() for b in "a e i o u ai ou en or al".split()
    ]
    return ["".join(draw.choices(syllables, k=draw.choice([1, 2, 2, 3, 3, 4]))) for _ in range(count)]


LEXICON = lexicon(random.Random(7), 4_000)  # noqa: S311
GLUE = "the the the of of to to and and in in a a that for on it was with as by from at he his she had".split()


def sentence(draw: random.Random, subject: Sequence[str], places: Sequence[str]) -> str:
    """Make a sentence about a subject: words as rare and as common as those of a language, in any order."""
    rank = [int(len(LEXICON) ** draw.random()) - 1 for _ in range(draw.randint(6, 22))]
    words = [part for one in rank for part in (draw.choice(GLUE), LEXICON[one])][draw.randint(0, 1) :]
    for word in (draw.choice(subject), draw.choice(subject), draw.choice(places), name(draw)):
        words.insert(draw.randrange(len(words)), word)
    text = " ".join(words)
    return f"{text[0].upper()}{text[1:]}."


def made(draw: random.Random, subject: Sequence[str], size: int = 7) -> list[str]:
    """Make an article's paragraphs."""
    places = draw.sample(TOWNS, 2)
    return [" ".join(sentence(draw, subject, places) for _ in range(draw.randint(1, 3))) for _ in range(size)]


def told(texts: Iterator[list[str]], draw: random.Random) -> list[str]:
    """Give the next article that was given, or one made."""
    return next(texts, None) or made(draw, draw.choice(SUBJECTS).split())


def hard(draw: random.Random, texts: Iterator[list[str]]) -> Iterator[list[str]]:
    """Give articles that repeat what is theirs: revisions, follow-ups, court reports, columns, results."""
    first = told(texts, draw)
    for number in range(8):
        yield [*first, *(made(draw, ["inquiry", "statement"], 1) if number else [])]
    subject = draw.choice(SUBJECTS).split()
    one, two, three = subject[:3]
    quote = f"“We have never seen a {one} like this,” said {name(draw)}, who has known the {two} for years."
    background = f"The {one} and its {two} have been in dispute since the {three} failed four winters ago."
    for _ in range(9):
        story = made(draw, subject)
        yield [*story[:3], quote, *story[3:], background]
    for _ in range(8):
        yield [*made(draw, "judge jury trial court prosecutor verdict".split()), "The trial continues."]
    for _ in range(8):
        yield [part for paragraph in told(texts, draw) for part in (paragraph, "And still the clock is late.")]
    for _ in range(8):
        figures = [
            f"{draw.randint(1, 99)}.{draw.randint(0, 9)} mln vs {draw.randint(1, 99)}.{draw.randint(0, 9)} mln"
            for _ in range(3)
        ]
        lines = [
            f"{label} {one}"
            for label, one in zip(("Net profit", "Revenue", "Shares outstanding"), figures, strict=True)
        ]
        yield [*lines, *made(draw, "profit revenue shares quarter dividend".split(), 3)]


def site(texts: Iterator[list[str]], count: int, draw: random.Random) -> tuple[str, list[list[Part]]]:
    """Give a publisher's name and its documents, the templates planted."""
    town = draw.choice(TOWNS)
    paper = f"{town} {draw.choice(PAPERS)}"
    one = Site(draw, paper, town, [name(draw) for _ in range(6)])
    stories = [*hard(draw, texts)]
    draw.shuffle(stories)
    stories = [*stories[: count // 2], *(told(texts, draw) for _ in range(count - count // 2))]
    one.titles = [" ".join(story[0].split()[:9]).rstrip(".,;") for story in stories]
    agency = f"{town.upper()} (Harbour Wire) — "
    chosen = [
        (number, *TEMPLATES[number].rsplit("|", 1))
        for number in draw.sample(range(len(TEMPLATES)), draw.randint(6, 10))
    ]
    shares = [draw.uniform(0.25, 1) for _ in chosen]
    documents = []
    for story in stories:
        paragraphs = [agency + story[0], *story[1:]] if draw.random() < 0.4 else story
        parts = [Part(paragraph, None) for paragraph in paragraphs]
        for (number, template, where), share in zip(chosen, shares, strict=True):
            if draw.random() < share:
                at = {"top": 0, "bottom": len(parts)}.get(where, draw.randrange(len(parts) + 1))
                parts.insert(at, Part(one.fill(template), number))
        documents.append(parts)
    return paper, documents


# --- measuring --------------------------------------------------------------------------------------------


class Tally(NamedTuple):
    """What became of a set: lines counted and removed, by what they are."""

    templates: int
    removed: int
    paragraphs: int
    lost: int  # to what recurs
    ruled: int  # to rules that look at one article alone
    seconds: float  # CPU, of all the cleaning
    missed: Counter[str]
    taken: list[str]


def gone(cleaned: Cleaned, start: int, end: int, *, repeated: bool) -> bool:
    """Say whether over half of a span was removed; with `repeated`, as a repeated block."""
    spans = [r for r in cleaned.removals if r.reason == "repeated_block" or not repeated]
    return 2 * sum(max(0, min(end, r.end) - max(start, r.start)) for r in spans) > end - start


def measure(texts: Iterator[list[str]], publishers: int = 20, articles: int = 50, seed: int = 1) -> Tally:
    """Make a set, clean it and count."""
    draw = random.Random(seed)  # noqa: S311 (a benchmark is to be repeatable)
    made_sites = [site(texts, articles, draw) for _ in range(publishers)]
    names = [f"{paper} {number}" for number, (paper, _) in enumerate(made_sites)]
    documents = [(name, parts) for name, (_, own) in zip(names, made_sites, strict=True) for parts in own]
    batch = [
        Document(str(number), "\n\n".join(part.text for part in parts), publisher=publisher)
        for number, (publisher, parts) in enumerate(documents)
    ]
    begin = time.process_time()
    results = clean_batch(batch)
    seconds = time.process_time() - begin
    counts: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    taken = []
    for (_, parts), cleaned in zip(documents, results, strict=True):
        at = 0
        for part in parts:
            end = at + len(part.text)
            removed = gone(cleaned, at, end, repeated=part.template is None)
            if part.template is not None:
                counts["templates"] += 1
                counts["removed"] += removed
                missed[TEMPLATES[part.template]] += not removed
            else:
                counts["paragraphs"] += 1
                counts["lost"] += removed
                counts["ruled"] += not removed and gone(cleaned, at, end, repeated=False)
                taken += [part.text] if removed else []
            at = end + 2
    fields = (counts[key] for key in ("templates", "removed", "paragraphs", "lost", "ruled"))
    return Tally(*fields, seconds, +missed, taken)


def given(path: Path | None) -> Iterator[list[str]]:
    """Give the articles of a file as their paragraphs, what cleaning finds in them alone taken out before."""
    if path is None:
        return
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for line in file:
            yield [one.strip() for one in clean(json.loads(line)["text"]).text.splitlines() if one.strip()]


def main() -> None:
    """Print what became of templates and of paragraphs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--publishers", type=int, default=20)
    parser.add_argument("--articles", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=5, help="lines missed and paragraphs lost to print")
    options = parser.parse_args()
    tally = measure(given(options.file), options.publishers, options.articles, options.seed)
    share = tally.removed / tally.templates
    count = options.publishers * options.articles
    print(f"template lines removed    {tally.removed:,} of {tally.templates:,} ({share:.4f})")
    print(f"paragraphs lost           {tally.lost:,} of {tally.paragraphs:,}")
    print(f"lost to other rules       {tally.ruled}, which look at one article alone")
    print(f"CPU                       {tally.seconds:.1f} s for {count:,} documents")
    for template, count in tally.missed.most_common(options.show):
        print(f"missed {count:4}  {template}")
    for text in tally.taken[: options.show]:
        print(f"lost  {text[:150]}")


if __name__ == "__main__":
    main()
