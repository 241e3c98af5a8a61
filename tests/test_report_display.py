"""How the report looks in a real browser: narrow, dark, on paper, in other scripts and under a host's policy."""

import re
import zlib
from dataclasses import replace

import pytest
from audits import STORM, document, sample, side
from browsers import allowing_script

from provenance.model import Match
from provenance.report.html import render


@pytest.mark.parametrize(
    "flags",
    [("--window-size=1280,1400",), ("--window-size=500,1400",), ("--window-size=1280,1400", "--force-dark-mode")],
    ids=["desktop", "narrow", "dark"],
)
def test_it_is_drawn(run, tmp_path, flags):
    picture = tmp_path / "report.png"
    run(render(sample()), *flags, f"--screenshot={picture}")
    blank = tmp_path / "blank.png"
    run("<!doctype html><title>blank</title>", *flags, f"--screenshot={blank}")
    assert picture.stat().st_size > 10 * blank.stat().st_size


def test_its_own_style_passes_its_policy(run):
    # A probe put in by the test, whose policy is widened by that probe and nothing else, asks what the style did.
    probe = "document.title = getComputedStyle(document.querySelector('del')).textDecorationLine;"
    page = allowing_script(render(sample()), probe)
    assert "<title>line-through</title>" in run(page, "--dump-dom")


def many(pairs):
    """Give an audit of so many derived pairs, and as many that are not, of documents that are shown folded."""
    rows = [document(f"d{number:03}", f"{number} {STORM * 3}") for number in range(4 * pairs)]
    ends = list(zip(rows[::2], rows[1::2], strict=True))
    found = [Match(side(a, "Storm", "hurt"), side(b, "Storm", "hurt"), "copied", 0.5) for a, b in ends]
    first = sample().relations[0]
    told = [
        replace(first, a=a.document.id, b=b.document.id, earlier=None, derived=number < pairs)
        for number, (a, b) in enumerate(ends)
    ]
    return replace(sample(), documents=tuple(rows), matches=tuple(found), relations=tuple(told), clusters=())


def test_on_paper_stand_the_derived_pairs_and_what_was_open(run):
    probe = """
      const seen = (at) => [...document.querySelectorAll(at)].filter((one) => one.checkVisibility()).length;
      document.title = [seen(".pair"), seen(".body"), seen(".on-paper"), seen("nav")].join(" ");
    """
    page = allowing_script(render(many(30)), probe)
    assert page.count("@media print") == 1
    assert "<title>20 0 0 1</title>" in run(page, "--dump-dom")
    assert "<title>30 0 1 0</title>" in run(page.replace("@media print", "@media all"), "--dump-dom")


def test_drawings_are_seen_where_the_host_forbids_the_style_sheet(run):
    page = re.sub("<style>.*?</style>", "", render(sample()), flags=re.DOTALL)
    probe = """
      const style = (at) => getComputedStyle(document.querySelector(at));
      document.title = [style(".threshold").stroke, style(".axis").stroke, style(".arc").fill, style(".hit").fill,
        style(".ribbons polygon").fillOpacity, style(".bar rect.gone").fill].join(" | ");
    """
    dom = run(allowing_script(page, probe), "--dump-dom")
    assert (
        re.search("<title>(.*?)</title>", dom)[1]
        == "rgb(179, 55, 43) | rgb(185, 179, 168) | none | none | 0.35 | rgb(179, 55, 43)"
    )


def test_a_phone_has_a_chart_of_its_own_with_letters_that_can_be_read(run):
    probe = """
      const tall = (one) => one.getBoundingClientRect().height;
      const size = (at) => Math.max(0, ...[...document.querySelectorAll(at)].map(tall));
      document.title = [size(".wide-chart .tick") > 8, size(".narrow-chart .tick") > 8].join(" ");
    """
    page = allowing_script(render(sample()), probe)
    assert "<title>false true</title>" in run(page, "--dump-dom", "--window-size=500,900")
    assert "<title>true false</title>" in run(page, "--dump-dom", "--window-size=1280,900")


def test_prose_stands_at_the_side_from_which_it_is_read(run):
    row = document("news", "كانت العاصفة شديدة في الميناء\n\nأغلق الميناء يومين")
    probe = """
      const body = document.querySelector(".body"), range = document.createRange();
      range.selectNodeContents(body);
      const [line] = range.getClientRects(), box = body.getBoundingClientRect();
      document.title = box.right - line.right < line.left - box.left ? "right" : "left";
    """
    shown = replace(sample(), documents=(row,), relations=(), matches=(), clusters=())
    assert "<title>right</title>" in run(allowing_script(render(shown), probe), "--dump-dom")


def test_paper_has_text_on_every_page_and_nothing_to_click_on(run, tmp_path):
    run(render(sample()), "--no-pdf-header-footer", f"--print-to-pdf={tmp_path / 'report.pdf'}")
    data = (tmp_path / "report.pdf").read_bytes()
    pages = re.findall(rb"/Type /Page\b(?!s).*?/Contents (\d+) 0 R", data, re.DOTALL)
    assert len(pages) > 1
    for number in pages:
        stream = re.search(rb"\n" + number + rb" 0 obj\n<<.*?>> stream\n(.*?)\nendstream", data, re.DOTALL)[1]
        assert re.search(rb"T[jJ]\b", zlib.decompress(stream))
    probe = (
        "document.title = [...document.querySelectorAll('nav, .control')].map(e => getComputedStyle(e).display)"
    )
    page = allowing_script(render(sample()).replace("@media print", "@media all"), probe)
    assert "<title>none,none</title>" in run(page, "--dump-dom")
