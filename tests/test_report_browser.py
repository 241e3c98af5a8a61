"""The report in a real browser: readable without scripts, in print and narrow, and nothing in it runs."""

import functools
import itertools
import json
import re
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import commands
import pytest
from audits import STORM, document, sample, side
from browsers import allowing_script

from provenance.model import Credit, Match, Rejected, Removal
from provenance.report.html import render


def text_of(dom):
    """Give what a reader sees of a dumped page, spaces joined."""
    dom = re.sub(r"<(style|script|title)>.*?</\1>", " ", dom, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", dom).split())


def test_verdict_pairs_and_removals_are_read_with_scripts_off(run):
    dom = run(render(sample()), "--dump-dom", scripts=False)
    text = text_of(dom)
    assert "Two of three documents share copied or rewritten passages with each other." in text
    assert "Strong evidence: score 0.81 of 1." in text
    assert dom.count("<blockquote") == 2
    assert re.search(r"<mark>Three cranes</mark>", dom)
    assert re.search(r"Newsletter sign-up .*?<del [^>]*>Sign up for our morning letter", dom, re.DOTALL)
    assert "of document 1 found in document 2" in text
    assert "from 0.258 on: called derived" in text
    assert re.search(r'class="edge".*?class="arc"', dom, re.DOTALL)
    assert "Lindow Post" in text[text.index("Boilerplate by publisher") :]


def test_scripts_add_controls_and_no_words_of_the_findings(run):
    plain, lively = (text_of(run(render(sample()), "--dump-dom", scripts=on)) for on in (False, True))
    assert lively != plain
    assert lively.replace("Try another threshold ", "") == plain
    probe = allowing_script(render(sample()), "document.title = 'scripts run'")
    assert "<title>scripts run</title>" not in run(probe, "--dump-dom", scripts=False)
    assert "<title>scripts run</title>" in run(probe, "--dump-dom")


TRY = """
const heads = [...document.querySelectorAll("#ledger th button")];
const click = (label) => heads.find((one) => one.textContent === label).click();
const column = () => [...document.querySelectorAll("#ledger tbody tr")].map((row) => row.cells[5].textContent);
const told = [column().join(" ")];
click("Characters"); told.push(column().join(" "));
click("Characters"); told.push(column().join(" "));
const filter = document.querySelector("#documents input[type=search]");
filter.value = "STORM"; filter.dispatchEvent(new Event("input"));
told.push([...document.querySelectorAll("#ledger tbody tr:not(.filtered)")].length);
const slider = document.querySelector("input[type=range]");
slider.value = "0.9"; slider.dispatchEvent(new Event("input"));
told.push(document.querySelector("output").textContent.trim());
document.title = told.join(" | ");
"""


def test_tables_are_sorted_and_filtered_and_a_threshold_is_tried(run):
    first, *others = sample().documents
    more = [document(f"d{number}", f"{'word ' * number}end.") for number in range(8)]
    page = render(replace(sample(), documents=(first, *others, *more)))
    dom = run(allowing_script(page, TRY), "--dump-dom")
    plain, falling, rising, left, said = re.search("<title>(.*?)</title>", dom)[1].split(" | ")
    sizes = [int(size) for size in plain.split()]
    assert falling.split() == [str(size) for size in sorted(sizes, reverse=True)]
    assert rising.split() == [str(size) for size in sorted(sizes)]
    assert left == "1"
    assert said.startswith("0 of 2 listed pairs score 0.90 or more")


PAYLOADS = [
    "<script>{}</script>",
    '"><script>{}</script>',
    '\'><img src=x onerror="{}">',
    '<svg onload="{}"><animate onbegin="{}" attributeName=x dur=1s>',
    "</title></style></textarea><script>{}</script>",
    '<iframe srcdoc="<script>parent.{}</script>"></iframe>',
    '<details open ontoggle="{}">',
    '" autofocus onfocus="{}" x="',
    '<body onload="{}">',
    '<meta http-equiv=refresh content="0;url=javascript:{}">',
    "<!--><script>{}</script-->",
    "{{{{ self.__init__.__globals__ }}}}<script>{}</script>",
    "\x00<scr\x00ipt>{}</script>",
    "+ADw-script+AD4-{}+ADw-/script+AD4-",
]
HARM = "document.title='executed'"


def laden():
    """Give an audit in which every field that holds text of others holds every payload."""
    harm = " ".join(payload.format(HARM, HARM) for payload in PAYLOADS)
    names = {"title": harm, "publisher": harm, "url": f"javascript:{HARM}", "published": harm, "language": harm}
    row = document(f"id {harm}", f"{harm} {STORM}", source=f"file {harm}", **names)
    removal = Removal(0, len(harm), harm, f"reason {harm}", f"rule {harm}", 0.5)
    row = replace(
        row,
        cleaned=replace(row.cleaned, removals=(removal,)),
        credits=(Credit(len(harm) + 1, len(harm) + 6, harm),),
        flags=(harm,),
    )
    other = document("other", f"{STORM} {harm}")
    match = Match(side(row, "Storm", "hurt"), side(other, "Storm", "weeks"), f"kind {harm}", 0.5)
    relation = replace(
        sample().relations[0], a=row.document.id, b="other", earlier="other", reason=harm, evidence={harm: 1.0}
    )
    return replace(
        sample(),
        version=harm,
        parameters={harm: harm},
        documents=(row, other),
        rejected=(Rejected(harm, harm),),
        matches=(match,),
        relations=(relation,),
        clusters=(
            replace(sample().clusters[0], documents=("other", row.document.id), earliest="other", reason=harm),
        ),
    )


def test_nothing_of_others_is_executed(run):
    dom = run(render(laden()), "--dump-dom", "--virtual-time-budget=2000")
    assert "<title>executed</title>" not in dom
    assert dom.count("<script") == 1  # its own
    assert "<iframe" not in dom
    assert not re.search(r"<[^>]*\son[a-z]+=", re.sub(r'"[^"]*"', '""', dom))


def test_escaping_alone_is_enough_and_the_probe_would_notice(run):
    page = render(laden())
    inert = allowing_script(page, "document.title = document.title.startsWith('Audit') ? 'inert' : 'executed'")
    assert "<title>inert</title>" in run(inert, "--dump-dom", "--virtual-time-budget=2000")
    alive = allowing_script(page, HARM)
    assert "<title>executed</title>" in run(alive, "--dump-dom", "--virtual-time-budget=2000")


def test_the_policy_alone_is_enough(run):
    page = render(sample()).replace("</body>", f'<script>{HARM}</script><img src=x onerror="{HARM}"></body>')
    dom = run(page, "--dump-dom", "--virtual-time-budget=2000")
    assert "<title>executed</title>" not in dom


def test_nothing_outside_is_referred_to():
    page = render(laden())
    tags = re.findall(r"<[a-zA-Z][^>]*>", re.sub(r'="[^"]*"', lambda match: match.group().replace(">", ""), page))
    references = [
        value for tag in tags for value in re.findall(r'\s(?:src|href|action|data|poster|srcset)="([^"]*)"', tag)
    ]
    assert references
    assert all(reference.startswith("#") for reference in references)
    assert not {tag for tag in tags if re.match(r"<(?:link|img|iframe|object|embed|base|form)\b", tag)}


# --- five hundred payloads --------------------------------------------------------------------------------

ENDS = (
    "",
    '">',
    "'>",
    "</title>",
    "</style>",
    "</script>",
    "-->",
    "]]>",
    "</textarea>",
    "</svg>",
    "\x00>",
    "&quot;>",
)
DEEDS = (
    "<script>{0}</script>",
    '<img src=x onerror="{0}">',
    '<img src="{1}">',
    '<svg onload="{0}">',
    '<svg><script href="{1}"/></svg>',
    '<svg><image href="{1}"/></svg>',
    '<svg><use href="{1}#x"/></svg>',
    '<svg><animate onbegin="{0}" attributeName=x dur=1s>',
    '<iframe src="{1}"></iframe>',
    '<iframe srcdoc="<script>parent.{0}</script>"></iframe>',
    '<details open ontoggle="{0}">',
    '<body onload="{0}">',
    '<link rel=stylesheet href="{1}">',
    "<style>@import '{1}'; * {{ background: url({1}) }}</style>",
    '<meta http-equiv=refresh content="0;url={1}">',
    '<base href="{1}">',
    '<form action="{1}"><input autofocus onfocus="this.form.submit()"></form>',
    '<video src="{1}" onerror="{0}"></video>',
    '<object data="{1}"></object>',
    '<embed src="{1}">',
    '<a href="javascript:{0}" autofocus onfocus="{0}">x</a>',
    '" onmouseover="{0}" onfocus="{0}" autofocus x="',
    "' onpointerenter='{0}' style='background:url({1})' x='",
    "javascript:{0}",
    "{{{{ ''.__class__ }}}}{{% include '{1}' %}}<script>{0}</script>",
    "+ADw-script+AD4-{0}+ADw-/script+AD4-",
    "<scr\x00ipt>{0}</scr\x00ipt>",
    "<\u202escript>{0}</script>",
    "<!--><script>{0}</script-->",
    "<![CDATA[<script>{0}</script>]]>",
    "<math><mtext><table><mglyph><style><!--</style><img src=x onerror={0}>",
    "<noscript><p title='</noscript><script>{0}</script>'>",
    "<template shadowrootmode=open><script>{0}</script></template>",
    '<input type=image src="{1}" onerror="{0}">',
    '<script src="{1}"></script>',
    "&#60;script&#62;{0}&#60;/script&#62;",
    "\\u003cscript\\u003e{0}\\u003c/script\\u003e",
    "<script\n>{0}</script\n>",
    "<ScRiPt>{0}</sCrIpT>",
    '<link rel=prefetch href="{1}"><link rel=preconnect href="{1}">',
    "<audio autoplay src={1}></audio>",
    "<marquee onstart={0}>",
)


def attacks(count, address):
    """Give so many payloads, every deed behind every end of what it might stand in, evenly chosen."""
    every = [end + deed.format(HARM, address) for end in ENDS for deed in DEEDS]
    assert len(every) >= 500
    return [every[number * len(every) // count] for number in range(count)]


def attacked(payloads):
    """Give an audit with a document for each payload, which stands in every field that holds text of others."""
    rows = []
    for number, harm in enumerate(payloads):
        names = dict.fromkeys(("title", "publisher", "url", "published", "language", "source"), harm)
        row = document(f"{number} {harm}", f"{harm} {STORM} {harm}", **names)
        removal = Removal(0, len(harm), harm, harm, harm, 0.5)
        named = (Credit(len(harm) + 1, len(harm) + 6, harm),)
        rows.append(replace(row, cleaned=replace(row.cleaned, removals=(removal,)), credits=named, flags=(harm,)))
    first = sample().relations[0]
    ids = [row.document.id for row in rows]
    ends = list(itertools.pairwise(rows))
    return replace(
        sample(),
        documents=tuple(rows),
        rejected=tuple(Rejected(harm, harm) for harm in payloads),
        matches=tuple(Match(side(a, "Storm", "hurt"), side(b, "Storm", "weeks"), "copied", 0.5) for a, b in ends),
        relations=tuple(
            replace(first, a=a.document.id, b=b.document.id, earlier=a.document.id, reason=a.flags[0])
            for a, b in ends
        ),
        clusters=(replace(sample().clusters[0], documents=tuple(ids[:40]), earliest=ids[0], reason=payloads[0]),),
    )


@pytest.fixture
def door():
    """Give the address of a server of our own, and the list of what it was asked for."""
    asked = []

    class Door(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        log_message = functools.partialmethod(lambda *_: None)

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/x", asked
        server.shutdown()
        thread.join()


def test_no_payload_runs_and_no_request_leaves(run, door):
    address, asked = door
    assert_inert(run, render(attacked(attacks(500, address))))
    assert asked == []


def assert_inert(run, page):
    quiet = "if (document.title.startsWith('Audit')) document.title = 'inert'"
    for shown in (page, allowing_script(page, quiet)):
        dom = run(shown, "--dump-dom", "--virtual-time-budget=3000")
        assert "<title>executed</title>" not in dom
    assert "<title>inert</title>" in dom


def test_no_name_of_a_file_runs_or_asks(run, door, tmp_path):
    address, asked = door
    names = [payload.replace("\0", "") for payload in attacks(500, address)]
    for number, name in enumerate(names):
        path = tmp_path / "in" / str(number) / f"{name}.txt"  # a stroke in it makes folders, and stays in the id
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Note {number}.")
    done = commands.run("audit", tmp_path / "in", "--out", tmp_path / "out")
    assert done.exit_code == 0
    report = json.loads((tmp_path / "out/report.json").read_bytes())
    assert len(report["documents"]) == len(names)
    assert any(row["id"].endswith("</script>.txt") for row in report["documents"])
    assert_inert(run, (tmp_path / "out/report.html").read_text("utf-8"))
    assert asked == []


def test_the_door_would_notice_a_request(run, door):
    address, asked = door
    page = allowing_script(render(sample()), "").replace("</body>", f'<img src="{address}"></body>')
    run(page, "--dump-dom", "--virtual-time-budget=3000")
    assert asked == ["/x"]
