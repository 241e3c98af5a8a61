"""The pages in Chromium: what editors do, with and without scripts; nothing pasted runs or asks outside."""

from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsers import browser
from playwright.sync_api import sync_playwright
from services import CHOIR, STORY, running

ARTICLE = f"{STORY}\n\nShare this article on Facebook\n\nThe cranes were insured, Harbour News reported.\n"
REFUSED = "the server responded with a status of 422"  # where a test is about that
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    options = ("--workers", "1", "--rate", "1000000")
    with running(tmp_path_factory.mktemp("service") / "data", *options) as found:
        about = {"title": "Cranes torn from their rails", "publisher": "Lindow Post", "published": "2025-01-02"}
        assert found.ask("PUT", "/v1/documents/harbour", {"text": STORY} | about)[0] == 201
        yield found


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(params=["scripts", "no scripts"])
def page(chromium, service, request):
    """Give a page that asks only the service; at its end it must have had nothing to complain of."""
    yield from watched(chromium, service, java_script_enabled=request.param == "scripts")


@pytest.fixture
def lively(chromium, service):
    yield from watched(chromium, service)


def watched(chromium, service, **options):
    context = chromium.new_context(base_url=service.url, **options)
    outside, told = [], []

    def route(found):
        if found.request.url.startswith((service.url, "data:", "blob:")):
            found.continue_()
        else:
            outside.append(found.request.url)
            found.abort()

    context.route("**/*", route)
    opened = context.new_page()
    opened.on("console", lambda message: told.append(message.text) if REFUSED not in message.text else None)
    opened.on("pageerror", lambda error: told.append(str(error)))
    opened.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
    yield opened
    context.close()
    assert (outside, told) == ([], [])


def test_an_article_is_pasted_and_seen(page):
    page.goto("/")
    page.fill("#text", ARTICLE)
    page.click("text=Check >> nth=-1")
    assert page.text_content("h1") == "Copied or rewritten passages were found."
    assert page.text_content(".body del").strip() == "Share this article on Facebook"
    assert "Sharing prompt" in page.text_content(".tip")
    assert not page.is_visible(".tip")
    page.focus(".gone")
    assert page.is_visible(".tip")
    assert "Cranes torn from their rails" in page.text_content("#found")
    assert page.locator("#found mark").count() >= 2
    assert page.text_content(".chips li") == "Harbour News"
    assert page.locator(".timeline li").count() == 2
    assert page.input_value("#text") == ARTICLE
    page.click(".body .ordinal")
    assert page.url.endswith("#row-1.1")
    assert page.is_visible("#row-1\\.1")


def test_a_file_is_chosen_and_its_article_added(page, service):
    page.goto("/")
    page.set_input_files(
        "input[type=file]", {"name": "a.html", "mimeType": "text/html", "buffer": f"<p>{CHOIR}</p>".encode()}
    )
    page.click("summary >> text=What is known of it")
    page.fill("[name=url]", "https://paper.example/choir")
    page.check("[name=keep]")
    page.click("text=Check >> nth=-1")
    assert page.text_content("[role=status]").strip() == "The article was added as https://paper.example/choir."
    status, _, body = service.ask("GET", "/v1/documents/https:%2F%2Fpaper.example%2Fchoir")
    assert (status, CHOIR.encode() in body) == (200, True)
    assert service.ask("DELETE", "/v1/documents/https:%2F%2Fpaper.example%2Fchoir")[0] == 204


def test_two_texts_are_compared(page):
    page.goto("/compare")
    page.fill("#a", STORY)
    page.fill("#b", f"{CHOIR}\n\n{STORY}")
    page.click("button")
    assert page.locator(".rows li").count() >= 1
    assert page.locator(".both .passage").count() >= 2


def test_a_batch_is_handed_in_and_its_report_opened(page):
    page.goto("/batches")
    files = [
        {"name": f"{name}.txt", "mimeType": "text/plain", "buffer": text.encode()}
        for name, text in (("a", STORY), ("b", ARTICLE))
    ]
    page.set_input_files("input[type=file]", files)
    page.fill("[name=label]", "Monday")
    page.click("button")
    assert page.text_content("h1") == "Monday"
    page.wait_for_selector("text=Open the report", timeout=120_000)  # it asks again by itself, scripts or not
    page.click("text=Open the report")
    assert "share copied or rewritten passages" in page.text_content("h1")
    page.goto("/batches")
    page.click("text=Monday >> nth=0")
    page.click("text=Remove this batch")
    assert "cannot be brought back" in page.text_content(".lede")
    page.click("button >> text=Remove it")
    page.wait_for_url("**/batches")


def test_nothing_pasted_is_told_as_such(lively):
    lively.goto("/")
    lively.click("text=Check >> nth=-1")
    assert "Paste a text" in lively.text_content("[role=alert]")
    assert lively.get_attribute("#text", "aria-describedby") == "wrong-text"


def test_what_was_pasted_is_there_when_it_was_too_much(page):
    page.goto("/")
    page.fill("#text", STORY)
    page.click("summary >> text=What is known of it")
    page.eval_on_selector("[name=title]", "one => one.removeAttribute('maxlength')")
    page.fill("[name=title]", "T" * 2_001)
    page.click("text=Check >> nth=-1")
    assert page.is_visible("[role=alert]")
    assert page.input_value("#text") == STORY
    assert page.is_visible("#wrong-title")
    page.fill("[name=title]", "Cranes")
    page.click("text=Check >> nth=-1")
    page.wait_for_selector("#article")


def test_a_file_is_dropped_and_a_passage_lights_up(lively):
    lively.goto("/")
    lively.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.items.add(new File([text], "a.txt", { type: "text/plain" }));
            const drop = new DragEvent("drop", { dataTransfer: data, bubbles: true });
            document.querySelector(".drop").dispatchEvent(drop);
        }""",
        ARTICLE,
    )
    lively.click("text=Check >> nth=-1")
    lively.hover(".body .ordinal")
    assert lively.locator("#row-1\\.1.lit").count() == 1


def test_the_main_job_is_done_by_keyboard(lively):
    lively.goto("/")
    lively.keyboard.press("Tab")
    assert lively.evaluate("document.activeElement.className") == "skip"
    for _ in range(12):
        if lively.evaluate("document.activeElement.id") == "text":
            break
        lively.keyboard.press("Tab")
    lively.keyboard.insert_text(STORY)
    for _ in range(6):
        lively.keyboard.press("Tab")
        if lively.evaluate("document.activeElement.tagName") == "BUTTON":
            break
    lively.keyboard.press("Enter")
    lively.wait_for_selector("#article")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_no_page_has_barriers_or_runs_out_of_its_width(chromium, service, scheme, size):
    context = chromium.new_context(base_url=service.url, color_scheme=scheme, viewport=size, bypass_csp=True)
    opened = context.new_page()

    def look():
        found = Axe().run(opened)
        serious = [one for one in found.response["violations"] if one["impact"] in {"serious", "critical"}]
        assert not serious, [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in serious]
        assert opened.evaluate("document.documentElement.scrollWidth") <= size["width"]

    for path in ("/", "/compare", "/batches", "/docs", "/nowhere"):
        opened.goto(path)
        look()
    opened.goto("/")
    opened.fill("#text", ARTICLE)
    opened.click("text=Check >> nth=-1")
    opened.wait_for_selector("#article")
    look()
    opened.goto("/compare")
    opened.fill("#a", STORY)
    opened.click("button")
    opened.wait_for_selector("[aria-invalid]")
    look()
    opened.fill("#b", ARTICLE)
    opened.click("button")
    opened.wait_for_selector("#row-1\\.1")
    look()
    opened.goto("/batches")
    opened.set_input_files("[name=files]", {"name": "a.txt", "mimeType": "text/plain", "buffer": STORY.encode()})
    opened.click("button")
    look()
    opened.click("text=Remove this batch")
    look()
    opened.click("button >> text=Remove it")
    context.close()


# --- what is pasted does not run --------------------------------------------------------------------------

ACTIONS = ["window.hit=1", "alert(1)", "fetch('//evil.example/a')", "new Image().src='//evil.example/b'"]
VECTORS = [
    "<script>{}</script>",
    "<ScRiPt >{}</ScRiPt>",
    "<script/x>{}</script>",
    "<img src=x onerror={}>",
    "<img src=x:x onerror='{}'//",
    "<svg onload={}>",
    "<svg><script>{}</script></svg>",
    "<body onload={}>",
    "<details open ontoggle={}>",
    "<input autofocus onfocus={}>",
    "<video><source onerror={}></video>",
    "<iframe srcdoc='<script>{}</script>'></iframe>",
    '<iframe src="javascript:{}"></iframe>',
    '<a href="javascript:{}">x</a>',
    "javascript:{}",
    '<math><mi xlink:href="javascript:{}">x</mi></math>',
    "<meta http-equiv=refresh content='0;url=javascript:{}'>",
    "<meta http-equiv=refresh content='0;url=//evil.example'><!--{}-->",
    "<base href=//evil.example><!--{}-->",
    "<link rel=stylesheet href=//evil.example><!--{}-->",
    "<style>@import '//evil.example/{}';</style>",
    "<object data=//evil.example></object>{}",
    "<form action=//evil.example><button autofocus>{}</button></form>",
    "{{{{ self.__init__.__globals__ }}}}{}",
    "{{% include '/etc/passwd' %}}{}",
    "&lt;script&gt;{}&lt;/script&gt;",
    "\u2028{}\u2029",
    "\x00<script>{}</script>",
    "\\u003cscript\\u003e{}",
]
BREAKS = ["", '">', "'>", "</textarea>", "</title></del></mark></a>"]
PAYLOADS = [before + vector.format(action) for before, vector, action in product(BREAKS, VECTORS, ACTIONS)]
FIELDS = ("title", "publisher", "url", "published")


def together(size):
    """Give all payloads, some in one text, each a paragraph of its own."""
    return ["\n\n".join(PAYLOADS[start : start + size]) for start in range(0, len(PAYLOADS), size)]


def test_there_are_enough_payloads():
    assert len(set(PAYLOADS)) >= 500


def pasted(page, service, texts):
    """Put texts into every field of every page, and everything that pages show."""
    for number, text in enumerate(texts):
        line = text.replace("\n", " ")[:1900]
        record = {"text": f"{text}\n\n{STORY}", **dict.fromkeys(FIELDS, line)}
        name = (
            "".join(one for one in line if one.isprintable())[:400]
            .replace("/", "%2F")
            .replace("?", "%3F")
            .replace("#", "%23")
        )
        status, _, body = service.ask("PUT", f"/v1/documents/{quoted(name)}", record)
        assert status in {200, 201}, body
        page.goto("/")
        page.click("summary >> text=What is known of it")
        page.fill("#text", f"{text}\n\n{STORY}")
        for field in FIELDS:
            page.fill(f"[name={field}]", line)
        page.click("text=Check >> nth=-1")
        page.wait_for_selector("#article")
        assert page.locator("#found details").count() >= 1
        assert page.evaluate("window.hit") is None
        assert service.ask("DELETE", f"/v1/documents/{quoted(name)}")[0] == 204
        if number % 4 == 0:
            compared_and_handed_in(page, text, line)


def compared_and_handed_in(page, text, line):
    page.goto("/compare")
    page.fill("#a", f"{text}\n\n{STORY}")
    page.fill("#b", f"{STORY}\n\n{text}")
    page.click("button")
    page.wait_for_selector(".rows")
    assert page.evaluate("window.hit") is None
    page.goto("/batches")
    files = [
        {"name": name[:200], "mimeType": "text/plain", "buffer": text.encode()}
        for name in (line.replace("/", "_"), "b.txt")
    ]
    page.set_input_files("input[type=file]", files)
    page.fill("[name=label]", line[:200])
    page.click("button")
    page.wait_for_selector("text=Open the report", timeout=120_000)
    assert page.evaluate("window.hit") is None
    page.click("text=Open the report")
    page.wait_for_selector("h1")
    assert page.evaluate("window.hit") is None
    page.go_back()
    page.click("text=Remove this batch")
    assert "cannot be brought back" in page.text_content(".lede")
    page.click("button >> text=Remove it")
    page.wait_for_url("**/batches")


def quoted(name):
    from urllib.parse import quote

    return quote(name, safe="")


def test_nothing_that_is_pasted_runs_or_asks_outside(lively, service):
    pasted(lively, service, together(40))


@pytest.mark.soak
def test_nothing_that_is_pasted_alone_runs_or_asks_outside(lively, service):
    pasted(lively, service, PAYLOADS)
