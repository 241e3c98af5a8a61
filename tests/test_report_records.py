"""The table, the Markdown and the SARIF log of an audit: true to it, and inert whoever wrote the texts."""

import csv
import io
import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest
from any_audits import TEXTS, any_audits
from audits import RETOLD, STORM, sample
from hypothesis import HealthCheck, given, settings
from markdown_it import MarkdownIt

from provenance.model import Rejected
from provenance.report.audit import Audit
from provenance.report.decisions import Decision, Place
from provenance.report.markdown import code, summary
from provenance.report.review import reviewed
from provenance.report.sarif import sarif
from provenance.report.table import pairs

SARIF = jsonschema.Draft4Validator(
    json.loads((Path(__file__).parent / "cases/sarif-2.1.0.schema.json").read_text("utf-8"))
)
SLOW = settings(suppress_health_check=[HealthCheck.too_slow])


def named(found, **names):
    """Give the sample with other names for its first two documents, in all places."""
    old = [row.document.id for row in found.documents[:2]]
    new = dict(zip(old, (names.get("first", old[0]), names.get("second", old[1])), strict=True))
    rows = [
        replace(row, document=replace(row.document, id=new.get(row.document.id, row.document.id)))
        for row in found.documents
    ]
    relations = [
        replace(row, a=new.get(row.a, row.a), b=new.get(row.b, row.b), earlier=new.get(row.earlier))
        for row in found.relations
    ]
    matches = [
        replace(row, a=replace(row.a, doc=new[row.a.doc]), b=replace(row.b, doc=new[row.b.doc]))
        for row in found.matches
    ]
    return replace(found, documents=tuple(rows), relations=tuple(relations), matches=tuple(matches))


# --- pairs.csv --------------------------------------------------------------------------------------------


def table(found):
    data = pairs(found)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def test_the_table_has_a_row_for_each_pair_the_surest_first():
    rows = table(sample())
    assert [(row["a"], row["b"], row["derived"]) for row in rows] == [
        ("wire/storm.txt", "copy/cranes.txt", "yes"),
        ("copy/cranes.txt", "choir.txt", "no"),
        ("wire/storm.txt", "choir.txt", "no"),
    ]
    first = rows[0]
    assert (first["kind"], first["score"], first["chance"], first["passages"]) == (
        "rewritten",
        "0.81",
        "0.0004",
        "1",
    )
    assert (first["earlier"], first["a_title"], first["b_published"]) == (
        "wire/storm.txt",
        "Storm closes the harbour",
        "2024-03-05",
    )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", " =", "\u00a0+", "\0="])
def test_a_cell_that_a_spreadsheet_would_carry_out_is_text(start):
    evil = f'{start}HYPERLINK("https://elsewhere.example")'
    row = table(named(sample(), first=evil))[0]
    assert row["a"] == "'" + evil.replace("\0", "")
    assert row["earlier"] == row["a"]


@pytest.mark.parametrize("separator", [";", "\t"])
@pytest.mark.parametrize("evil", ["x{}=1+1", "x{} =1+1", 'x{}"=1+1', "x{}\n@SUM(1)", "x\r\n-1+1", "{}+1"])
def test_no_cell_is_carried_out_where_another_mark_divides_cells(separator, evil):
    found = named(sample(), first=evil.format(separator))
    # As a spreadsheet does it that knows no quotes but at the beginning of a cell.
    rows = csv.reader(io.StringIO(pairs(found).decode("utf-8-sig"), newline=""), delimiter=separator)
    cells = [cell for row in rows for part in row for cell in part.splitlines()]
    assert len(cells) > 4
    assert not [cell for cell in cells if cell.strip(' "').startswith(("=", "+", "-", "@"))]


@SLOW
@given(any_audits())
def test_any_table_is_whole_and_no_cell_begins_a_formula(found):
    rows = table(found)
    assert len(rows) == len(found.relations)
    numbers = {"score", "chance", "passages"}
    for row in rows:
        assert None not in row
        for name, cell in row.items():
            assert name in numbers or not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_lines_end_as_rfc_4180_says():
    assert pairs(sample()).count(b"\r\n") == 4


# --- report.md --------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    def __init__(self, markup):
        super().__init__()
        self.tags, self.spans, self.inside = [], [], False
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, *attrs))
        self.inside = tag == "code"
        if self.inside:
            self.spans.append("")

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "code"

    def handle_data(self, data):
        if self.inside:
            self.spans[-1] += data


def rendered(text):
    return Tags(MarkdownIt("gfm-like", {"linkify": False}).render(text))


def test_the_summary_says_what_was_found():
    text = summary(sample())
    assert text.startswith("# Provenance audit\n\n**Two of three documents share copied or rewritten passages")
    assert "Documents read: 3, rejected: 1, derived pairs: 1, passages in common: 1" in text
    sides = "| `Storm closes the harbour` (`wire/storm.txt`) | `copy/cranes.txt` | a |"
    assert f"{sides} rewritten | 0.81 | 1 in 2,500 | 1 |  |" in text
    assert "“`Storm closes the harbour`” appears to be the earlier." in text
    assert "| `broken.bin` | `binary, not text: a PDF` |" in text


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (
            replace(sample(), relations=(), matches=(), clusters=()),
            "No document was found to be copied or rewritten",
        ),
        (Audit("0.1.0", {}, (), (Rejected("a.bin", "binary"),)), "No document could be read."),
        (
            Audit("0.1.0", {}, (replace(sample().documents[2], flags=("insufficient_text",)),)),
            "There is too little text to say anything.",
        ),
        (Audit("0.1.0", {}, sample().documents[2:]), "One document was read;"),
    ],
)
def test_the_summary_assures_of_nothing_that_was_not_looked_at(found, told):
    text = summary(found)
    assert text.startswith(f"# Provenance audit\n\n**{told}")
    assert "No derivation was found" not in text


def test_figures_of_the_summary_are_in_words():
    first, *rest = sample().relations
    faint = replace(
        first, kind="near_duplicate", score=0.0015, chance=8.04e-91, earlier=None, decision="same_source"
    )
    text = summary(replace(sample(), relations=(faint, *rest)))
    assert "| undecided | nearly the same text | under 0.01 | under 1 in 1,000,000 | 1 | same source |" in text


def test_decisions_are_counted_apart_by_what_became_of_them_and_by_what_they_say():
    decisions = [
        Decision(kind, Place(one), Place(two), "R", "2025-03-01", number=number)
        for number, (kind, one, two) in enumerate(
            [("reject", "wire/storm.txt", "copy/cranes.txt"), ("confirm", "wire/storm.txt", "gone.txt")], 1
        )
    ]
    text = summary(reviewed(sample(), decisions))
    assert "2 decisions: 1 applied, 1 stale. Those that hold: 1 reject." in text


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "[here](https://elsewhere.example)",
        "![x](https://elsewhere.example/x.png)",
        "@everyone #1 https://elsewhere.example",
        "a`b``c",
        "`",
        "```\nx",
        "\\`x\\`",
        "\\|x| y |\n\n# Heading",
        "</code><img src=x>",
        "*bold* _it_ ~~gone~~",
        "\\",
        "  ",
    ],
)
def test_a_name_is_a_name_and_no_markup(name):
    page = rendered(summary(named(sample(), first=name)))
    plain = rendered(summary(named(sample(), first="plain")))
    assert page.tags == plain.tags
    shown = " ".join(name.replace("\\|", "\\[U+007C]").split()) or "(empty)"
    assert shown in [span.strip() for span in page.spans]


@given(TEXTS)
def test_any_text_is_one_code_span_on_one_line(text):
    page = rendered(f"| a |\n| --- |\n| {code(text)} |\n")
    assert [tag for tag, *_ in page.tags] == ["table", "thead", "tr", "th", "tbody", "tr", "td", "code"]
    assert "\n" not in code(text)


def test_long_lists_and_names_are_cut_and_counted():
    many = replace(sample(), rejected=tuple(Rejected(f"file-{number}", "x" * 500) for number in range(100)))
    text = summary(many)
    assert "and 75 more, in report.json." in text
    assert len(text) < 6_000


# --- report.sarif -----------------------------------------------------------------------------------------


@SLOW
@given(any_audits())
def test_any_log_keeps_to_the_published_schema(found):
    SARIF.validate(sarif(found))


def with_files(found):
    rows = [
        replace(row, document=replace(row.document, source=f"in/{row.document.id}")) for row in found.documents
    ]
    return replace(found, documents=tuple(rows))


def test_a_result_stands_on_the_lines_of_the_later_document():
    (run,) = sarif(with_files(sample()))["runs"]
    match, *removals = run["results"]
    assert (match["ruleId"], match["level"]) == ("rewritten", "warning")
    place = match["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "in/copy/cranes.txt"
    lines, region = RETOLD.split("\n"), place["region"]
    assert region["startLine"] == region["endLine"] == 3
    assert lines[2][region["startColumn"] - 1 : region["endColumn"] - 1] == sample().matches[0].b.text
    (other,) = match["relatedLocations"]
    assert other["physicalLocation"]["artifactLocation"]["uri"] == "in/wire/storm.txt"
    assert {row["ruleId"] for row in removals} == {"removed"}
    region = removals[0]["locations"][0]["physicalLocation"]["region"]
    assert STORM.split("\n")[region["startLine"] - 1] == "Sign up for our morning letter"
    assert run["columnKind"] == "unicodeCodePoints"
    (failure,) = run["invocations"][0]["toolExecutionNotifications"]
    assert failure["message"]["text"] == "broken.bin: binary, not text: a PDF"


def test_a_record_and_a_page_have_no_columns():
    found = with_files(sample())
    first, second, third = found.documents
    found = replace(
        found,
        documents=(
            replace(first, document=replace(first.document, source="rows.jsonl:7")),
            replace(second, document=replace(second.document, source="page one.html", html=True)),
            third,
        ),
    )
    match = sarif(found)["runs"][0]["results"][0]
    page = match["locations"][0]["physicalLocation"]
    assert page == {"artifactLocation": {"uri": "page%20one.html"}}
    row = match["relatedLocations"][0]["physicalLocation"]
    assert row == {"artifactLocation": {"uri": "rows.jsonl"}, "region": {"startLine": 7}}


@pytest.mark.parametrize(
    ("path", "address"), [("a b/ü#.txt", "a%20b/%C3%BC%23.txt"), ("/srv/a.txt", "file:///srv/a.txt")]
)
def test_a_file_is_named_as_an_address(path, address):
    first = sample().documents[0]
    row = replace(first, document=replace(first.document, source=path))
    (result,) = sarif(Audit("0.1.0", {}, (row,)))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": address}


def test_what_a_reviewer_denied_is_suppressed_and_not_left_out():
    first, *rest = sample().relations
    denied = replace(first, decision="same_source", derived=False, earlier=None)
    match = sarif(replace(sample(), relations=(denied, *rest)))["runs"][0]["results"][0]
    assert match["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "reviewed: same source"}
    ]


def test_a_fingerprint_stays_when_text_moves():
    found = sample()
    match = found.matches[0]
    moved = replace(match, a=replace(match.a, start=match.a.start + 5, end=match.a.end + 5))
    logs = [sarif(replace(found, matches=(row,))) for row in (match, moved)]
    one, two = (log["runs"][0]["results"][0]["partialFingerprints"] for log in logs)
    assert one == two
