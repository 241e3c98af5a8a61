"""Which lines of a text the line model does not decide about: titles, ledes, speakers, and what belongs together.

Each kernel takes the lines left of a text as arrays over them, in order; interpreted it takes lists.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from provenance.kernels.running import Kernel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Longs = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

HEADING = 80  # code points
SPOKEN_OF = 0.34  # share of a title's stems that recur in paragraphs
TITLE = math.log1p(3)  # logarithm of one more than the stems that a title has at least
BEGINNING = 5  # lines: a title stands among the first, or among the last above the first paragraph
RULED = 0.75  # confidence of a rule: between a title and its paragraph such lines do not count
# Stems that make two paragraphs one text: so many that both have, each in so few lines; and the probability of
# furniture up to which a paragraph speaks for others.
TOGETHER, RARE, TRUSTED = 2, 3, 0.5
AGAIN = 3  # times that a label is met


@Kernel
def labelled(lines: tuple[Floats, Flags, Longs], colon: Any, met: Longs, out: Flags) -> int:
    """Say which lines head the paragraph below again and again, or with a colon, as the speakers of an interview.

    The pages that the model learned from have few interviews, and many comments, which look like them. `lines`
    are lengths, prose, and a number that equal lines share; `met` is 0 for each such number. Gives 0.
    """
    lengths, prose, same = lines
    last = len(lengths) - 1
    for line in range(last):
        if lengths[line] < HEADING and prose[line + 1] and not prose[line]:
            met[same[line]] += 1
    for line in range(last):
        if lengths[line] < HEADING and prose[line + 1] and not prose[line]:
            out[line] = met[same[line]] >= AGAIN or colon[line] > 0
    return 0


@Kernel
def titled(shown: tuple[Any, Any, Any, Any], prose: Flags, chances: Floats, out: tuple[Flags, Flags]) -> int:
    """Say which lines say what the paragraphs speak of, and spare the likeliest where none does; give 0.

    `shown` says of each line where it stands (1 above all prose), what the rules say of it, the logarithm of how
    many stems it has, and the share of them that paragraphs have. A menu may stand above a title, however long,
    and its byline below: so lines are counted up from the first paragraph, those left out that a rule knows. And
    many a headline has its own words: "Call to clear sprinter".
    """
    outside, rules, stems, spoken_of = shown
    titles, spared = out
    told = any_title = 0
    likeliest = -1
    for line in range(len(prose) - 1, -1, -1):
        told += outside[line] == 1 and rules[line] < RULED
        if outside[line] == 1 and stems[line] >= TITLE:
            close = told - prose[line] <= BEGINNING
            if spoken_of[line] >= SPOKEN_OF and (close or line < BEGINNING):
                titles[line] = True
                any_title = 1
            elif close and (likeliest < 0 or chances[line] <= chances[likeliest]):
                likeliest = line
    if any_title == 0 and likeliest >= 0:
        spared[likeliest] = True
    return 0


@Kernel
def ledes(rules: Any, prose: Flags, titles: Flags, spared: Flags) -> int:
    """Spare the paragraph that stands first below a title, or first of all; give 0.

    Many a lede is alone in what it says.
    """
    told = titled_above = 0
    for line in range(len(prose)):
        if prose[line]:
            if titled_above or not told:
                spared[line] = True
            break
        told += rules[line] < RULED
        titled_above += titles[line]
    return 0


@Kernel
def belonging(held: tuple[Longs, Longs, Longs], prose: Flags, chances: Floats, room: Any, spared: Flags) -> int:
    """Spare paragraphs between two of the article's that have stems with them that hardly a line has; give 0.

    Comments speak of the article too, but among comments. `held` are the lines that hold stems, by their numbers
    in the whole text, those stems, and the place of each line of the text among those left, or -1; `room` is 0
    twice for each stem, and twice for each line.
    """
    holders, content, line_of = held
    (speaking, having), (between, shared) = room
    last = before = -1  # paragraphs
    for line in range(len(prose)):
        if prose[line]:
            if before >= 0 and chances[before] < TRUSTED and chances[line] < TRUSTED:
                between[last] = 1
            before, last = last, line
    for place in range(len(holders)):
        line, stem = line_of[holders[place]], content[place]
        if line >= 0:
            having[stem] += 1
            speaking[stem] += prose[line] and chances[line] < TRUSTED
    for place in range(len(holders)):
        line, stem = line_of[holders[place]], content[place]
        if line >= 0 and between[line] and having[stem] <= RARE:
            shared[line] += speaking[stem] > (1 if chances[line] < TRUSTED else 0)
            if shared[line] >= TOGETHER:
                spared[line] = True
    return 0


@Kernel
def spared_of(
    lines: tuple[Floats, Flags, Longs],
    shown: tuple[Any, ...],
    held: tuple[Longs, Longs, Longs],
    out: tuple[Any, ...],
) -> int:
    """Write which lines are no furniture, as chances of 0, and which only a strict cleaning may take; give 0.

    out: chances as the model gives them, to be changed; what is spared; titles; room as the kernels above need.
    """
    chances, spared, titles, met, stems, rows = out
    _, prose, _ = lines
    outside, rules, stem_count, spoken_of, colon = shown
    labelled(lines, colon, met, titles)
    for line in range(len(prose)):
        if titles[line]:
            chances[line] = 0.0
            titles[line] = False
    titled((outside, rules, stem_count, spoken_of), prose, chances, (titles, spared))
    ledes(rules, prose, titles, spared)
    for line in range(len(prose)):
        if titles[line]:
            chances[line] = 0.0
    return belonging(held, prose, chances, (stems, rows), spared)
