"""Every number of the report leads to its evidence: a browser clicks them all, and counts what it sees there."""

import html
import json
import re
from dataclasses import replace

import pytest
from audits import OTHER, STORM, document, sample
from browsers import allowing_script

from provenance.model import Document
from provenance.pipeline import audit
from provenance.report.baseline import since
from provenance.report.decisions import Decision, Place
from provenance.report.html import render
from provenance.report.review import reviewed

# Each click starts from the page as it was opened: what an earlier one unfolded is folded again.
WALK = """
const number = (text) => Number((text.match(/[\\d,]+/) ?? ["-1"])[0].replace(/,/g, ""));
const seen = (element) => element.checkVisibility() && element.getClientRects().length > 0;
const folds = [...document.querySelectorAll("details")].map((fold) => [fold, fold.open]);
const places = new Set([...document.querySelectorAll("[id]")].map((element) => element.id));
const total = (items) => items.reduce((so, item) => so + number(item.textContent), 0);
const distinct = (items) => new Set(items.map((item) => item.getAttribute("href").split("-")[0])).size;
(async () => {
  const wrong = [];
  const walked = new Set();
  let counted = 0;
  const links = [...document.querySelectorAll('a[href^="#"]')];
  for (const link of links) {
    const name = link.getAttribute("href");
    const told = `${name} "${link.textContent}"`;
    if (!places.has(name.slice(1))) { wrong.push(`${told}: no such place`); continue; }
    const { of, sum } = link.dataset;
    const counts = number(link.dataset.count ?? link.textContent);
    const walk = [name, of, sum, link.dataset.distinct, of || sum ? link.textContent : ""].join("|");
    if (walked.has(walk)) continue;
    walked.add(walk);
    folds.forEach(([fold, open]) => { fold.open = open; });
    if (location.hash === name) history.replaceState(null, "", "#");
    link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, view: window }));
    await new Promise((next) => setTimeout(next, 60));  // a browser allows 200 navigations in ten seconds
    const target = document.getElementById(name.slice(1));
    if (location.hash !== name) wrong.push(`${told}: the click led to ${location.hash}`);
    else if (!seen(target)) wrong.push(`${told}: what it leads to stays folded`);
    if (!of && !sum) continue;
    counted += 1;
    const items = [...target.querySelectorAll(of ?? sum)].filter(seen);
    const found = sum ? total(items) : link.dataset.distinct === undefined ? items.length : distinct(items);
    if (found !== counts) wrong.push(`${told}: ${found} to be seen there`);
  }
  document.title = JSON.stringify({ links: links.length, walked: walked.size, counted, wrong });
})();
"""


def walked(run, found, before="", own=True):
    """Click every link of an audit's page, and give how many there are and what was wrong with them.

    `before` is done to the page first; without `own` the page's own script does not run.
    """
    page = render(found) if own else re.sub("<script>.*?</script>", "", render(found), flags=re.DOTALL)
    return _walk(run, page, before)


def noticed(run, page):
    """Click every link of a page, and give what was wrong."""
    return " ".join(_walk(run, page)["wrong"])


def _walk(run, page, before=""):
    dom = run(allowing_script(page, before + WALK), "--dump-dom", "--virtual-time-budget=200000")
    return json.loads(html.unescape(re.search(r"<title>(.*?)</title>", dom, re.DOTALL)[1]))


def decided():
    """Give an audit with a review and a baseline: three copies of a story, and a decision of each fate."""
    before = audit([Document("one", STORM * 3), Document("gone", OTHER)]).to_dict()
    rows = [
        Document("one", STORM * 3, publisher="Lindow Post", published="2025-01-03"),
        Document("two", f"Advertisement\n\n{STORM * 3}", publisher="Lindow Post", published="2025-01-05"),
        Document("three", f"{STORM * 2}\nAdvertisement\n", publisher="The Wire", published="2025-02-01"),
        Document("four", OTHER),
    ]
    decisions = [
        Decision("reject", Place("one"), Place("two"), "R. Lindqvist", "2025-03-01", number=1),
        Decision("confirm", Place("one"), Place("two"), "R. Lindqvist", "2025-03-02", number=2),
        Decision("note", Place("two"), Place("three"), "R. Lindqvist", "2025-03-01", note="seen", number=3),
        Decision("reject", Place("lost"), Place("two"), "R. Lindqvist", "2025-03-01", number=4),
    ]
    return since(reviewed(audit(rows), decisions), before)


@pytest.fixture(scope="module")
def made():
    return decided()


def test_every_number_of_a_small_audit_leads_to_what_it_counts(run):
    walk = walked(run, sample())
    assert walk["wrong"] == []
    assert walk["counted"] > 20


def test_every_number_of_the_seeds_leads_to_what_it_counts(run, seeds):
    rows = [Document(path.name, path.read_text("utf-8")) for path in sorted(seeds.glob("*.txt"))]
    walk = walked(run, audit(rows))
    assert walk["wrong"] == []
    assert walk["links"] > 80


def test_every_number_of_a_review_and_of_a_baseline_leads_to_what_it_counts(run, made):
    walk = walked(run, made)
    assert walk["wrong"] == []
    page = render(made)
    assert {"#review", "#changes-1", "#c1"} <= set(re.findall(r'href="(#[^"]*)"', page))


@pytest.fixture(scope="module")
def large():
    """Give an audit of more than 60,000 characters, 40 documents and 40 pairs, whose page opens folded."""
    rows = []
    for number in range(10):
        junk = "Advertisement\n\n" * (1 + number % 3)
        story = f"{STORM}\n\nThe tide was {number} feet high at pier {number}."
        rows.append(Document(f"d{number:02}", f"{junk}{story}", publisher=f"Post {number % 2}"))
    for number in range(31):
        own = " ".join(f"word{number}x{place}" for place in range(200))
        rows.append(Document(f"e{number}", f"{own}\n\nAdvertisement\n", publisher="The Wire"))
    found = audit(rows)
    assert sum(len(row.cleaned.source) for row in found.documents) > 60_000
    assert len(found.relations) > 40 < len(found.documents)
    return found


@pytest.mark.parametrize("own", [True, False], ids=["with its script", "without"])
def test_every_number_of_a_page_that_opens_folded_leads_to_what_it_counts(run, large, own):
    walk = walked(run, large, own=own)
    assert walk["wrong"] == []
    assert walk["counted"] > 50


# What a reader does to every table before each click: sorts it by its second column, and hides all its rows.
UNRULY = """
document.addEventListener("click", (event) => {
  if (!event.target.closest("a")) return;
  for (const table of document.querySelectorAll("table.list")) table.tHead.querySelectorAll("button")[1].click();
  for (const field of document.querySelectorAll("input[type=search]")) {
    field.value = "nowhere";
    field.dispatchEvent(new Event("input"));
  }
}, { capture: true });
"""


def test_sorting_and_filtering_take_nothing_away_from_a_link(run, large):
    assert walked(run, large, before=UNRULY)["wrong"] == []


def test_the_walk_notices_what_stays_folded(run):
    audited = sample()
    page = render(audited).replace('<div class="scroll" id="ledger">', '<div class="scroll" id="ledger" hidden>')
    assert "#ledger" in noticed(run, page)


def test_the_walk_notices_a_number_that_is_wrong(run):
    page = render(sample()).replace('data-of="tbody tr">3</a>', 'data-of="tbody tr">4</a>')
    assert '#ledger "4": 3 to be seen there' in noticed(run, page)


def test_a_review_and_baseline_are_told(made):
    page = render(made)
    for told in ("Superseded by a later decision", "Without a place in this run", "Confirmed in review"):
        assert told in page
    assert "was called gone" in page


def test_numbers_of_a_list_that_is_cut_are_no_links():
    rows = tuple(document(f"d{number}", OTHER) for number in range(10_002))
    page = render(replace(sample(), documents=rows, relations=(), matches=(), clusters=(), rejected=()))
    assert "<dt>Read</dt><dd>10,002</dd>" in page
    assert "and 2 more in report.json" in page
