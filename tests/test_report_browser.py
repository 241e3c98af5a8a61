"""The report in a real browser: readable without scripts, in print and narrow, and nothing in it runs."""

import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from audits import STORM, document, sample, side

from provenance.model import Credit, Match, Rejected, Removal
from provenance.report.html import render

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",  # the pages are our own, and containers seldom allow the sandbox
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
)


@pytest.fixture(scope="module")
def browser():
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, f"no browser found: install one of {', '.join(BROWSERS)} (Debian: apt-get install chromium)"
    return found


@pytest.fixture
def run(browser, tmp_path):
    def run(page, *flags, scripts=True):
        """Open a page in a browser that has never been used, and give what it prints."""
        path = tmp_path / "report.html"
        path.write_text(page, encoding="utf-8", newline="")
        with tempfile.TemporaryDirectory(dir=tmp_path) as profile:
            if not scripts:  # the setting that a user turns off
                (Path(profile) / "Default").mkdir()
                settings = {"profile": {"default_content_setting_values": {"javascript": 2}}}
                (Path(profile) / "Default" / "Preferences").write_text(json.dumps(settings))
            command = [browser, *FLAGS, f"--user-data-dir={profile}", *flags, path.as_uri()]
            done = subprocess.run(command, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout.decode("utf-8")

    return run


def text_of(dom):
    """Give what a reader sees of a dumped page, spaces joined."""
    dom = re.sub(r"<(style|title)>.*?</\1>", " ", dom, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", dom).split())


def test_verdict_pairs_and_removals_are_read_with_scripts_off(run):
    dom = run(render(sample()), "--dump-dom", scripts=False)
    text = text_of(dom)
    assert "Two of three documents share copied or rewritten passages with each other." in text
    assert "Strong evidence: score 0.81 of 1." in text
    assert dom.count("<blockquote") == 2
    assert re.search(r"<mark>Three cranes</mark>", dom)
    assert re.search(r"Newsletter sign-up .*?<del [^>]*>Sign up for our morning letter", dom, re.DOTALL)


def test_scripts_change_nothing(run):
    assert run(render(sample()), "--dump-dom", scripts=False) == run(render(sample()), "--dump-dom")
    probe = allowing_script(render(sample()), "document.title = 'scripts run'")
    assert "<title>scripts run</title>" not in run(probe, "--dump-dom", scripts=False)
    assert "<title>scripts run</title>" in run(probe, "--dump-dom")


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


def test_folded_parts_are_printed(run, tmp_path):
    folded = render(sample()).replace(
        ' open>\n  <summary><span class="badge">', '>\n  <summary><span class="badge">'
    )
    assert folded != render(sample())
    sizes = []
    for name, page in (("folded", folded), ("open", render(sample()))):
        run(page, "--no-pdf-header-footer", f"--print-to-pdf={tmp_path / name}.pdf")
        sizes.append(Path(f"{tmp_path / name}.pdf").stat().st_size)
    assert sizes[0] > 0.95 * sizes[1]


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


def allowing_script(page, probe):
    """Give the page with a script of the test's own, and without its policy."""
    bare = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", page)
    assert bare != page
    return bare.replace("</body>", f"<script>{probe}</script></body>")


def test_nothing_of_others_is_executed(run):
    dom = run(render(laden()), "--dump-dom", "--virtual-time-budget=2000")
    assert "<title>executed</title>" not in dom
    assert "<script" not in dom
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
    assert not {tag for tag in tags if re.match(r"<(?:link|script|img|iframe|object|embed|base|form)\b", tag)}
