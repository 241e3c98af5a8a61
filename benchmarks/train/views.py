"""Other views of a labelled page for the line model to learn from: half cleaned, or with furniture of a news site.

Cleaning looks at what it has cleaned, and the model that has only seen whole pages takes a little more at every
look. And the labelled pages are guides and firms' pages more than news: few have a byline below the title, and
ledes, results and endings that stand between a news site's furniture are not known from them. So a page is shown
again with part of its junk gone, and its body is shown in furniture of our own writing.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BODY, JUNK, HEADLINE = 0, 1, 2
RULED = 0.75  # confidence of a rule: such junk is gone at the second look
FEWEST = 3  # lines of body in a page that is shown in other furniture
INSETS = 0.2  # of the paragraphs have an inset above them, at most
MENU, NO_TAIL, ENDED, PERSONALLY = 0.5, 0.2, 0.3, 0.2  # shares of the pages that are shown so

FIRST = "Nadia Callum Ines Rory Meera Pavel Greta Samir Odile Hamish Tessa Bruno Leila Mattias Ngozi Derek".split()
LAST = "Whitlock Farouk Mendes Oyelaran Strand Kowal Pritchard Bellamy Sato Renner Ilves Quaye Tarn Voss".split()
PLACES = "Alderbrook|Saltmere|Port Hallow|Westmarch|Caldwick|Brindle Bay|Norwell|Ashcombe".split("|")
SECTIONS = (
    "Home World Business Culture Opinion Sport Politics Technology Science Health Money Obituaries Puzzles Video"
    " Podcasts Jobs Property Local Weather Travel Food Fashion Environment Education Football Cricket"
).split()
MONTHS = "January February March April May June July August September October November December".split()
OFFICES = (
    "Chief reporter|Health correspondent|Staff writer|Senior writer|Deputy business editor|Crime reporter|"
    "Local democracy reporter|Arts critic|Europe editor|Science correspondent"
).split("|")
# What other stories are about, in a site's lists of them.
TEASERS = """Bin collections to change in {place} from next month|Former teacher, 91, completes marathon|
{place} market traders told to leave by spring|Police appeal after van stolen in {place}|
How to keep a hedgehog safe this winter|Tenants win right to keep their allotments|
Train fares to rise again, operators confirm|Bakery fined after mice found in flour store|
The ten best walks within an hour of {place}|Council tax: what you will pay this year|
{name} on why she left the stage for a lighthouse|Quiz: how well do you know your cheeses?|
Storm warning extended to Friday for the coast|Surgeon who left sponge in patient struck off|
Review: a night of noise and no tunes in {place}|Inside the mill that made the nation's socks|
Student nurses to be paid for night shifts|Lottery winner still cleans windows, 12 years on""".replace(
    "\n", ""
).split("|")
ABOVE = """By {name}|{name}|{name}, {office}|By {name} and {name}|{name} in {place}|{date}|Published {date}|
Published: {time}, {date}|{date}, {time}|Last modified on {date} at {time}|{minutes} minute read|
{minutes} min listen|Share this story|Save for later|Comments ({count})|Listen|Image caption: {teaser}|
Photograph: {name}|{teaser} (Image: {name})|Add us as a preferred source|Text size A A A|
Email the author|{count} shares""".replace("\n", "").split("|")
WITHIN = """Advertisement|Article continues below|Read more: {teaser}|READ MORE: {teaser}|{teaser}|
Related: {teaser}|More on this story|{teaser} Photograph: {name}/Agency|{name} at home in {place}. Picture: {name}|
Sign up to our morning briefing for the news you need. We will only use your address to send it.|
Join our channel to get breaking news from {place} on your phone|Skip past newsletter promotion|
You can cancel at any time. See our privacy notice for how we use what you tell us.|
Allow this content? It is provided by another site, which may set cookies.|Watch: {teaser}|Play video|
Do you have a story for us? Call {name} on our news desk or write to us in confidence.|(Image: {name})""".replace(
    "\n", ""
).split("|")
BELOW = """Have you been affected by this? Tell us what happened to you by using the form below.|
{name} is {office} for the paper and has written about {place} for {minutes} years.|
{name} writes about money and lives in {place} with two dogs. Follow {name} for more.|
(Reporting by {name}; editing by {name})|Additional reporting by {name}|
Our journalism depends on readers like you.|
If you value what we do, please think about becoming a member today. It costs less than a coffee a week.|
We want our comments to be a lively part of the site. Please keep them polite and on the subject.|
This article was changed on {date} to correct the spelling of a name.|Topics|{place}|{section}|
Most read|{teaser}|{teaser}|{teaser}|More in {section}|{teaser}|{teaser}|Recommended for you|{teaser}|{teaser}|
Follow us on social media|Contact the newsroom|Privacy|Terms|Advertise with us|Newsletters|Back to top|
{name}|{minutes} hours ago|Well said. They never listen to us in {place} and they never will.|Reply|
{name}|{minutes} hours ago|I used to go there as a child. Such a shame!|Reply|Sign in to comment|
Sponsored|{teaser}|Paid for by a partner of the paper|Read the full terms here|Get the app|
© Our Newspapers Ltd {year}. All rights reserved.|Registered in England. Company number 0{count}.""".replace(
    "\n", ""
).split("|")

# How articles end that look like furniture: a life's details, results, what a reader may do. They are the body.
ENDINGS = """She is survived by her husband and two daughters.|He never married.|\
Donations may be made to {place} Hospice.
The funeral is at {place} parish church on Friday.|\
{name}, baker, born 4 March 1931; died {date}|No flowers, please.
Final table|{place} {minutes}|{place} {minutes}|{place} {minutes}|Attendance: {count}
Result: {place} 3, {place} 1.|Scorers: {name} 12, {name} 51, 77; {name} 60.|Player of the match: {name}.
Until {date}. Box office: 01632 960 {minutes}41.|Director: {name}. Cast: {name}, {name}.|Running time: 2 hours.
Tickets cost {minutes} pounds and are sold at the door.|Entry is free.|The hall opens at {time}.
The trial continues.|The inquest goes on.|The case was adjourned to {date}.|Police are appealing for witnesses.
Anyone who was near the bridge is asked to call {place} police on 01632 960 {minutes}12.
The book is published by a small press in {place} and costs {minutes} pounds.|{name} lives in {place}.
The helpline can be called on 0808 157 0{minutes}42 at any hour.|The survey is open until {date}.""".splitlines()
# A paragraph in the first person is a comment less often than the labelled pages say.
PERSONAL = """My bank wrote to me in March, and then again in May, and I answered neither letter until my sister \
did.
I had never meant to come back to {place}, but my mother was ill and somebody had to feed the geese.
We were told to wait in the corridor, and when I asked how long, the nurse laughed and brought me a chair.
When I think of that winter now, what I see is my father on the ice with a lantern, calling for the dog.
My own children cannot believe that I left school at fourteen and that nobody tried to keep me there.
""".strip().splitlines()

NUMBERS = {"minutes": (2, 12), "year": (2008, 2026), "count": (2, 2_400)}


class View(NamedTuple):
    """Lines and their labels as they might also be met."""

    texts: list[str]
    labels: list[int]


def left_over(labels: np.ndarray, ruled: np.ndarray, lexical: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give the numbers of the lines that a look has left: the plainer junk is, the surer it is gone.

    `lexical` says how much the words of each line weigh as junk; where a page's plain junk ends is drawn.
    """
    junk = labels == JUNK
    rank = np.zeros(len(labels))
    rank[junk] = (np.argsort(np.argsort(lexical[junk] + rng.normal(0, 0.5, junk.sum()))) + 1) / max(junk.sum(), 1)
    gone = junk & ((ruled >= RULED) | (rank > rng.uniform(0, 1)))
    return np.flatnonzero(~gone)


def furnished(texts: Sequence[str], labels: Sequence[int], seed: int) -> View | None:
    """Give a page's headline and body in a news site's furniture; None where there is too little body.

    How much of each kind stands around is drawn: a page may have a menu and no tail, or the other way about.
    """
    draw = random.Random(seed)  # noqa: S311 (furniture)
    own = [(text, label) for text, label in zip(texts, labels, strict=True) if label in {BODY, HEADLINE}]
    if sum(label == BODY for _, label in own) < FEWEST:
        return None
    first = next(number for number, (_, label) in enumerate(own) if label == BODY)
    placed: list[tuple[str, int]] = []
    if draw.random() < MENU:
        placed += [(word, JUNK) for word in draw.sample(SECTIONS, draw.randint(3, 14))]
    placed += own[:first]
    above = draw.sample(ABOVE, draw.randint(0, 5))
    placed += [(filled(line, draw), JUNK) for line in above]
    rate = draw.random() * INSETS
    for number, line in enumerate(own[first:]):
        if number and draw.random() < rate:
            placed.append((filled(draw.choice(WITHIN), draw), JUNK))
        placed.append(line)
    if draw.random() < PERSONALLY:
        placed.insert(len(placed) - 1, (filled(draw.choice(PERSONAL), draw), BODY))
    if draw.random() < ENDED:
        placed += [(filled(line, draw), BODY) for line in draw.choice(ENDINGS).split("|")]
    placed += [(line, JUNK) for line in tail(draw)]
    return View([text for text, _ in placed], [label for _, label in placed])


def tail(draw: random.Random) -> Iterator[str]:
    """Give the lines below an article: parts of `BELOW` in their order."""
    if draw.random() < NO_TAIL:
        return
    keep = draw.uniform(0.1, 0.9)
    for line in BELOW:
        if draw.random() < keep:
            yield filled(line, draw)


def filled(line: str, draw: random.Random) -> str:
    """Fill a line's slots, each anew."""
    while "{" in line:
        before, _, rest = line.partition("{")
        slot, _, after = rest.partition("}")
        line = before + slotted(slot, draw) + after
    return line


def slotted(slot: str, draw: random.Random) -> str:
    """Give something for a slot."""
    lists = {"place": PLACES, "office": OFFICES, "section": SECTIONS, "teaser": TEASERS}
    if slot in lists:
        return draw.choice(lists[slot])
    if slot == "name":
        return f"{draw.choice(FIRST)} {draw.choice(LAST)}"
    if slot == "date":
        return f"{draw.randint(1, 28)} {draw.choice(MONTHS)} {draw.randint(2008, 2026)}"
    if slot == "time":
        return f"{draw.randint(0, 23):02}:{draw.randint(0, 59):02}"
    return str(draw.randint(*NUMBERS[slot]))
