"""The report as files and as a page: true to the audit, the same every time, and inert."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from audits import OTHER, STORM, document, sample, side
from hypothesis import given
from hypothesis import strategies as st

from provenance import audit
from provenance.model import Credit, Document, DocumentRelation, Match, Removal
from provenance.report.audit import Audit
from provenance.report.html import render, visible
from provenance.report.view import view
from provenance.report.write import encode, write

VOID = {"meta", "br"}


class Page(HTMLParser):
    """Reads a page strictly: every element is closed, and ids, links and text are kept."""

    def __init__(self, markup):
        super().__init__()
        self.open, self.ids, self.links, self.tags, self.hidden, self.pieces = [], [], [], set(), 0, []
        self.attributes, self.scripts = [], 0
        self.feed(markup)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.scripts += tag == "script"
        self.attributes += [(tag, *pair) for pair in attrs]
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name == "href"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, *pair) for pair in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.pieces.append(data)

    @property
    def text(self):
        return "".join(self.pieces)


def words(markup):
    return " ".join(Page(markup).text.split())


# --- files ------------------------------------------------------------------------------------------------


FILES = ["pairs.csv", "provenance.jsonld", "report.html", "report.json", "report.md", "report.sarif"]


def test_write_gives_the_folder_with_the_report_and_its_records(tmp_path):
    folder = tmp_path / "a" / "b"
    assert write(sample(), folder) == folder
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert json.loads((folder / "report.json").read_bytes()) == json.loads(json.dumps(sample().to_dict()))
    assert (folder / "report.html").read_bytes().decode("utf-8") == render(sample())


def test_a_report_names_its_schema(root):
    published = json.loads((root / "provenance/report/schema.json").read_text("utf-8"))
    assert sample().to_dict()["schema"] == published["$id"] == published["properties"]["schema"]["const"]


def test_the_same_audit_gives_the_same_bytes(tmp_path):
    made = datetime(2025, 3, 1, tzinfo=UTC)
    one, two = (write(sample(), tmp_path / name, made=made) for name in ("one", "two"))
    for name in FILES:
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_audit_write_takes_a_string_and_replaces_an_old_report(tmp_path):
    sample().write(str(tmp_path))
    (tmp_path / "report.html").write_text("old")
    sample().write(tmp_path)
    assert "Storm closes" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_failed_write_leaves_the_old_report_and_no_parts(tmp_path):
    write(sample(), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    broken = replace(sample(), parameters={"threshold": float("nan")})
    with pytest.raises(ValueError, match="JSON compliant"):
        write(broken, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_that_cannot_be_made_is_an_os_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        write(sample(), tmp_path / "file" / "report")


@given(st.text(st.characters()))
def test_json_holds_any_text(text):
    assert json.loads(encode({"text": text})) == {"text": text}


def test_json_is_utf8_and_not_escaped():
    assert "Übermäßig 東京".encode() in encode("Übermäßig 東京")


# --- what the page says -----------------------------------------------------------------------------------


def test_the_page_says_the_verdict_and_what_it_rests_on():
    text = words(render(sample()))
    assert "Two of three documents share copied or rewritten passages with each other." in text
    assert "“Storm closes the harbour” appears to be the earlier. Published a day before." in text
    assert "Strong evidence: score 0.81 of 1. One in 2,500 batches like this one would give such a match" in text
    assert "A match is evidence, not proof" in text
    assert "A credit is what a text says of its source" in text


def test_the_characters_reconcile():
    shown = view(sample())
    length = sum(len(row.cleaned.source) for row in sample().documents)
    assert shown.totals.length == length == shown.totals.kept + sum(line.characters for line in shown.reasons)
    text = words(render(sample()))
    assert f"Characters in{length:,}" in text.replace(" ", "").replace("Charactersin", "Characters in")


def test_the_passages_stand_side_by_side_the_earlier_left_with_common_words_marked():
    markup = render(sample())
    row = markup[markup.index('<li id="p1.1"') :]
    row = row[: row.index("</li>")]
    left, right = row.split("<blockquote")[1:]
    assert "according to Radio Meridian" in left
    assert "were torn" in right
    for cell in (left, right):
        marked = " ".join(re.findall("<mark>(.*?)</mark>", cell))
        assert {"cranes", "rails", "storm", "harbour", "Lindow", "Monday"} <= set(re.findall(r"\w+", marked))


def test_the_earlier_document_is_left_whichever_side_it_came_on():
    audit = sample()
    first = audit.relations[0]
    turned = replace(audit, relations=(replace(first, a=first.b, b=first.a), *audit.relations[1:]))
    assert view(turned).derived[0].left.id == "wire/storm.txt"
    assert view(turned).derived[0].rows == view(audit).derived[0].rows


def test_removals_stand_struck_in_place_with_reason_and_rule():
    markup = render(sample())
    assert re.search(
        r'<span class="label" id="d1-r1">Newsletter sign-up <small>a_rule, 90 %</small></span> '
        r'<del title="Removed: Newsletter sign-up\. Rule a_rule, confidence 90 %">'
        r"Sign up for our morning letter\n\n</del>",
        markup,
    )
    assert '<u class="credit" title="Credit: Radio Meridian">Radio Meridian</u>' in markup


def test_the_body_of_a_document_is_its_text_but_for_labels_and_numbers():
    markup = render(sample())
    body = re.search(r'<div class="body"[^>]*>(.*?)</div>', markup, re.DOTALL)[1]
    body = re.sub(r'<span class="label".*?</span> |<a class="ordinal .*?</a>', "", body)
    assert Page(body).text == STORM


def test_every_link_leads_to_a_place_on_the_page():
    page = Page(render(sample()))
    assert len(page.ids) == len(set(page.ids))
    assert {link for link in page.links if not link.startswith("#")} == set()
    assert {link[1:] for link in page.links} <= set(page.ids)


def test_rejected_inputs_and_parameters_are_listed():
    text = words(render(sample()))
    assert "broken.bin binary, not text: a PDF" in text.replace("broken.binbinary", "broken.bin binary")


def test_every_parameter_of_a_run_is_listed():
    from provenance.pipeline import audit

    found = audit([Document("a", STORM), Document("b", OTHER)])
    text = words(render(found))
    for name in found.parameters:
        assert name in text
    assert found.parameters["strictness"] == "balanced"
    assert re.search(r"strictness\s*balanced\b", text)
    page = words(render(replace(found, parameters={**found.parameters, "deep": {"inner": [1, None]}})))
    assert re.search(r"deep\.inner\s*\[1, null\]", page)


def test_a_document_that_was_only_compared_with_is_named_by_its_id():
    audit = sample()
    alone = replace(audit, documents=audit.documents[1:2], clusters=())
    text = words(render(alone))
    assert "The document shares copied or rewritten passages." in text
    assert "wire/storm.txt" in text


# --- what it is safe from ---------------------------------------------------------------------------------

PAYLOADS = [
    "<script>document.title='x'</script>",
    '"><img src=x onerror="document.title=1">',
    "'><svg onload=document.title=1>",
    "</style><script>1</script>",
    "</title><script>1</script>",
    "javascript:alert(1)",
    "{{ 7*7 }}{% raw %}",
    "<!--",
    "]]>",
    "https://elsewhere.example/x.png",
]


def laden(payload):
    """Give an audit with the payload in every field that holds text of others."""
    row = document(payload, f"{payload} {STORM}", title=payload, publisher=payload, url=payload, source=payload)
    row = replace(row, flags=(payload,))
    row = replace(
        row,
        document=replace(row.document, published=payload, language=payload),
        credits=(Credit(0, len(payload), payload),),
        cleaned=replace(row.cleaned, removals=(Removal(0, len(payload), payload, payload, payload, 0.5),)),
    )
    other = document(f"2{payload}", STORM)
    match = Match(side(row, payload, "harbour"), side(other, "Storm", "harbour"), payload, 0.5)
    relation = DocumentRelation(
        row.document.id, other.document.id, payload, 0.5, True, 0.1, row.document.id, payload, {payload: 1.0}
    )
    return replace(
        sample(),
        version=payload,
        parameters={payload: payload},
        documents=(row, other),
        matches=(match,),
        relations=(relation,),
    )


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_of_others_becomes_markup(payload):
    page = Page(render(laden(payload)))
    plain = Page(render(laden("plain words")))
    assert page.tags == plain.tags
    names = {(tag, name) for tag, name, _ in plain.attributes}
    assert {(tag, name) for tag, name, _ in page.attributes} <= names
    assert page.scripts == 1  # its own
    assert payload in page.text
    assert all(value.startswith("#") for tag, name, value in page.attributes if name in {"href", "src"})


def test_the_policy_allows_its_own_style_and_script_and_nothing_else():
    import base64
    import hashlib

    markup = render(sample())
    own = {tag: re.search(f"<{tag}>(.*?)</{tag}>", markup, re.DOTALL)[1] for tag in ("style", "script")}
    digests = {tag: base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for tag, text in own.items()}
    style = own["style"]
    policy = re.search('Content-Security-Policy" content="([^"]*)"', markup)[1]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digests['style']}'; script-src 'sha256-{digests['script']}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert " style=" not in markup
    assert "url(" not in style
    assert "@import" not in style


def test_characters_that_a_page_would_drop_or_obey_are_shown():
    row = document("odd", "left \u202eright\u0000 \ud800 end of the text")
    markup = render(Audit("0.1.0", {}, (row,)))
    assert "left [U+202E]right[U+0000] [U+D800] end" in markup
    markup.encode("utf-8")
    assert visible("tab\tand\nline") == "tab\tand\nline"


@given(st.text(st.characters(), max_size=200))
def test_any_text_renders(text):
    Page(render(Audit("0.1.0", {}, (document(text[:20], text),))))


# --- what it leaves out -----------------------------------------------------------------------------------


def test_long_documents_are_shown_by_their_ends_and_say_so():
    text = f"Beginning of a long text. {'word ' * 30_000}End of it."
    markup = render(Audit("0.1.0", {}, (document("long", text),)))
    assert len(markup) < 60_000
    assert "characters not shown" in markup
    assert "End of it." in markup


def test_a_large_batch_is_folded_and_complete_in_json():
    rows = tuple(document(f"d{number}", f"{number} {OTHER * 60}") for number in range(3_000))
    pairs = tuple(
        DocumentRelation(f"d{number}", f"d{number + 1}", "rewritten", 0.9, True, 1e-9, None, "")
        for number in range(0, 2_000, 2)
    )
    matches = tuple(
        Match(
            side(rows[int(row.a[1:])], "A choir", "theatre"),
            side(rows[int(row.b[1:])], "A choir", "theatre"),
            "copied",
            1.0,
        )
        for row in pairs
    )
    audit = Audit("0.1.0", {}, rows, (), matches, pairs)
    markup = render(audit)
    assert len(markup) < 8_000_000
    shown = view(audit)
    assert len(shown.derived) == 1_000
    assert shown.scores.listed == 1_000
    assert shown.ledger.total == 3_000 > len(shown.pages)
    assert all(f'id="d{number}"' in markup for number in (1, 1_500, 3_000))
    assert len(audit.to_dict()["matches"]) == 1_000
    page = Page(markup)
    assert {link[1:] for link in page.links} <= set(page.ids)


def test_the_author_that_a_row_gives_or_a_page_names_is_told(tmp_path):
    page = f"<meta name=author content='Jan Reed'><article><p>{STORM}"
    rows = [
        {"id": "a", "text": STORM, "author": "Ada Voss"},
        {"id": "b", "text": f"{STORM} Again.", "author": ["Ada Voss", {"name": "Mo Quill"}]},
        {"id": "c", "html": page},
        {"id": "d", "text": STORM, "author": 7},
    ]
    found = audit(rows)
    told = [row["author"] for row in found.to_dict()["documents"]]
    assert told == ["Ada Voss", "Ada Voss, Mo Quill", "Jan Reed", None]
    found.write(tmp_path)
    assert "Ada Voss, Mo Quill" in (tmp_path / "report.html").read_text("utf-8")
    assert '"a_author","b_author"' in (tmp_path / "pairs.csv").read_text("utf-8-sig")
