"""Every number of the report leads to its evidence: a browser clicks them all, and counts what it finds there."""

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

WALK = """
const number = (text) => Number((text.match(/[\\d,]+/) ?? ["-1"])[0].replace(/,/g, ""));
(async () => {
  const wrong = [];
  const walked = new Set();
  let counted = 0;
  const links = [...document.querySelectorAll('a[href^="#"]')];
  for (const link of links) {
    const name = link.getAttribute("href");
    const target = document.getElementById(name.slice(1));
    const told = `${name} "${link.textContent}"`;
    if (!target) { wrong.push(`${told}: no such place`); continue; }
    const { of, sum, distinct } = link.dataset;
    if (of) {
      const items = [...target.querySelectorAll(of)];
      const found = distinct === undefined
        ? items.length : new Set(items.map((item) => item.getAttribute("href").split("-")[0])).size;
      counted += 1;
      if (found !== number(link.textContent)) wrong.push(`${told}: ${found} there`);
    }
    if (sum) {
      const total = [...target.querySelectorAll(sum)].reduce((so, item) => so + number(item.textContent), 0);
      counted += 1;
      if (total !== number(link.textContent)) wrong.push(`${told}: ${total} there`);
    }
    if (walked.has(name)) continue;  // a browser allows 200 navigations in ten seconds
    walked.add(name);
    link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, view: window }));
    await new Promise((next) => setTimeout(next, 0));
    if (location.hash !== name) wrong.push(`${told}: the click led to ${location.hash}`);
    else if (!target.checkVisibility()) wrong.push(`${told}: what it leads to stays folded`);
  }
  document.title = JSON.stringify({ links: links.length, counted, wrong });
})();
"""


def walked(run, found):
    """Click every link of an audit's page, and give how many there are and what was wrong with them."""
    dom = run(allowing_script(render(found), WALK), "--dump-dom", "--virtual-time-budget=60000")
    title = re.search(r"<title>(.*?)</title>", dom, re.DOTALL)[1]
    return json.loads(title.replace("&quot;", '"').replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">"))


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


def test_the_walk_notices_a_number_that_is_wrong(run):
    page = render(sample()).replace('data-of="tbody tr">3</a>', 'data-of="tbody tr">4</a>')
    dom = run(allowing_script(page, WALK), "--dump-dom", "--virtual-time-budget=60000")
    assert "#ledger \\&quot;4\\&quot;: 3 there" in re.search("<title>(.*?)</title>", dom)[1].replace('"', "&quot;")


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
