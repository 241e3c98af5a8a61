"""Each adapter in the tool that it is for: the real one."""

import asyncio
import json
import pickle
import subprocess
import sys

import pytest
from commands import ARTICLE, OTHER

import provenance
from provenance.rows import clean_rows

AD = "\n\n- Advertisement -\n\n"
TEXTS = [ARTICLE + AD + OTHER, OTHER, ARTICLE]
CLEAN = [provenance.clean(text).text for text in TEXTS]
PARAGRAPHS = "".join(f"<p>{line}</p>" for line in ARTICLE.split("\n\n"))
PAGE = (
    "<html><head><title>Storm</title><meta property='og:site_name' content='Lindow Post'></head>"
    f"<body><nav>Home</nav><article>{PARAGRAPHS}</article></body></html>"
)
NOTE = "The Lindow Post is printed on paper made of reeds, and owned by those who write it."


def house(count=5):
    """Give rows of one publisher, each with the same note under a story of its own."""
    stories = (
        "Ferries ran late all week because two of the three pilots were at home with a cold, said their captain.",
        "A bakery burned down before dawn; neighbours carried out its oven, and bread was sold from it at noon.",
        "Nobody bought wheat at the spring auction, where sellers had hoped for twice the price of last autumn.",
        "Rain kept the chess players indoors, and so the final was moved to a library whose heating had failed.",
        "Owls have come back to the old quarry, a teacher found when her pupils counted feathers after school.",
    )
    return [
        {"text": f"{story}\n\n{NOTE}", "publisher": "Lindow Post", "key": number}
        for number, story in enumerate(stories[:count])
    ]


# --- the function that all call ---------------------------------------------------------------------------


def test_rows_keep_their_order_and_fields():
    rows = [{"text": text, "key": number, "tags": ["a"]} for number, text in enumerate(TEXTS)]
    cleaned = provenance.clean_rows(rows)
    assert [row["text"] for row in cleaned] == CLEAN
    assert [(row["key"], row["tags"]) for row in cleaned] == [(0, ["a"]), (1, ["a"]), (2, ["a"])]
    assert [removal["reason"] for removal in cleaned[0]["removals"]] == ["advertisement"]
    assert rows[0]["text"] == TEXTS[0]


def test_rows_of_one_publisher_lose_what_it_repeats():
    cleaned = clean_rows(house())
    assert all(NOTE not in row["text"] for row in cleaned)
    assert {(r["reason"], r["documents"]) for row in cleaned for r in row["removals"]} == {("repeated_block", 5)}


def test_a_page_gives_text_and_says_where_it_is_from():
    (row,) = clean_rows([{"html": PAGE, "title": ""}])
    assert row["text"].split() == ARTICLE.split()
    assert (row["title"], row["publisher"], row["html"]) == ("Storm", "Lindow Post", PAGE)


def test_a_blank_text_yields_to_the_page_which_may_be_bytes():
    rows = [{"text": text, "html": page} for text in ("", "  \n", None) for page in (PAGE, PAGE.encode())]
    assert {row["text"] for row in clean_rows(iter(rows))} == {clean_rows([{"html": PAGE}])[0]["text"]}


def test_a_blank_page_has_a_blank_text():
    assert [(row["text"], row["flags"]) for row in clean_rows([{"html": ""}, {"text": "", "html": " "}])] == [
        ("", [])
    ] * 2


def test_the_author_of_a_page_is_given_and_that_of_a_row_kept():
    page = PAGE.replace("<head>", "<head><meta name=author content='Ada Voss'>")
    rows = clean_rows([{"html": page}, {"html": page, "author": "B. Low"}, {"html": page, "author": ["C"]}])
    assert [row["author"] for row in rows] == ["Ada Voss", "B. Low", ["C"]]
    assert provenance.clean(page, html=True).author == "Ada Voss"


@pytest.mark.parametrize("row", [{}, {"text": None}, {"text": 7}, {"other": "x"}])
def test_a_row_without_text_loses_no_others(row):
    bad, good = clean_rows([row, {"text": ARTICLE}])
    assert bad == {**row, "removals": [], "flags": ["no_text"]}
    assert good["text"] == ARTICLE


def test_the_function_and_its_rows_can_be_pickled():
    function = pickle.loads(pickle.dumps(provenance.clean_rows))  # noqa: S301
    rows = function([{"body": TEXTS[0]}], text="body")
    assert pickle.loads(pickle.dumps(rows)) == rows  # noqa: S301


# --- Hugging Face datasets --------------------------------------------------------------------------------


@pytest.fixture
def hub(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    datasets = pytest.importorskip("datasets", reason="an extra of 280 MB")
    # Its bars would leave a thread behind, and a process with threads does not fork.
    monkeypatch.setattr("tqdm.tqdm.monitor_interval", 0)
    return datasets


def test_a_dataset_is_cleaned_in_batches(hub):
    from provenance.adapters.datasets import REMOVAL, clean_dataset

    dataset = hub.Dataset.from_list(
        [*({"text": text, "key": key, "publisher": None} for key, text in enumerate((OTHER, TEXTS[0]))), *house()]
    )
    cleaned = clean_dataset(dataset, batch_size=1)  # the first batch has no removal: the types are given
    assert cleaned["text"][:2] == [OTHER, CLEAN[0]]
    assert cleaned["key"] == dataset["key"]
    assert set(cleaned[1]["removals"][0]) == set(REMOVAL)
    assert all(NOTE in text for text in cleaned["text"][2:])
    together = clean_dataset(dataset)
    assert not any(NOTE in text for text in together["text"])
    assert together[6]["removals"][0]["documents"] == 5


def test_a_column_of_nothing_takes_what_pages_say(hub):
    from provenance.adapters.datasets import clean_dataset

    dataset = hub.Dataset.from_list([{"html": PAGE, "title": None, "author": None}])
    assert clean_dataset(dataset)[0]["title"] == "Storm"


def test_a_stream_of_pages_is_cleaned(hub):
    from provenance.adapters.datasets import clean_columns, clean_dataset

    pages = hub.Dataset.from_list([{"html": PAGE}] * 3).to_iterable_dataset()
    rows = list(clean_dataset(pages))
    assert [row["text"].split() for row in rows] == [ARTICLE.split()] * 3
    assert rows[0]["publisher"] == "Lindow Post"
    assert clean_columns({"text": [ARTICLE, None]})["flags"] == [[], ["no_text"]]


# --- LangChain --------------------------------------------------------------------------------------------


def test_langchain_documents_are_cleaned():
    documents = pytest.importorskip("langchain_core.documents")
    from provenance.adapters.langchain import ProvenanceTransformer

    made = [
        documents.Document(page_content=text, metadata={"source": "a.txt"}, id=str(n))
        for n, text in enumerate(TEXTS)
    ]
    cleaned = ProvenanceTransformer().transform_documents(made)
    assert [document.page_content for document in cleaned] == CLEAN
    assert [document.id for document in cleaned] == ["0", "1", "2"]
    assert cleaned[0].metadata["source"] == "a.txt"
    assert cleaned[0].metadata["removals"][0]["reason"] == "advertisement"
    assert made[0].page_content == TEXTS[0]
    again = asyncio.run(ProvenanceTransformer().atransform_documents(made))
    assert again == cleaned


def test_langchain_pages_and_addresses():
    documents = pytest.importorskip("langchain_core.documents")
    from provenance.adapters.langchain import ProvenanceTransformer

    (page,) = ProvenanceTransformer(html=True).transform_documents([documents.Document(page_content=PAGE)])
    assert page.page_content.split() == ARTICLE.split()
    assert page.metadata["title"] == "Storm"
    made = [
        documents.Document(
            page_content=row["text"], metadata={"source": f"https://lindow.example.org/{row['key']}"}
        )
        for row in house()
    ]
    assert all(NOTE not in one.page_content for one in ProvenanceTransformer().transform_documents(made))


# --- datatrove --------------------------------------------------------------------------------------------


def test_datatrove_documents_are_cleaned_in_a_pipeline(tmp_path):
    pytest.importorskip("datatrove")
    rows = [*house(), {"text": "Advertisement", "key": 5}]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    # In a process of its own, as pipelines run: datatrove sets up logging for the whole of one.
    code = """if True:
        import sys
        from datatrove.executor import LocalPipelineExecutor
        from datatrove.pipeline.readers import JsonlReader
        from datatrove.pipeline.writers import JsonlWriter
        from provenance.adapters.datatrove import ProvenanceCleaner
        at = sys.argv[1]
        steps = [JsonlReader(at + "/in"), ProvenanceCleaner(), JsonlWriter(at + "/out", compression=None)]
        LocalPipelineExecutor(steps, logging_dir=at + "/log").run()
    """
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, capture_output=True, text=True)
    (out,) = (tmp_path / "out").iterdir()
    cleaned = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [row["text"] for row in cleaned] == [row["text"] for row in clean_rows(house())]
    assert [row["metadata"]["key"] for row in cleaned] == [0, 1, 2, 3, 4]
    assert cleaned[0]["metadata"]["removals"][0]["reason"] == "repeated_block"
    stats = json.loads((tmp_path / "log" / "stats.json").read_text("utf-8"))[1]["stats"]
    assert (stats["documents"], stats["dropped"]) == (5, 1)


# --- Scrapy -----------------------------------------------------------------------------------------------

SPIDER = """if True:
    import sys
    import scrapy
    from scrapy.crawler import CrawlerProcess

    class Typed(scrapy.Item):
        text, key = scrapy.Field(), scrapy.Field()

    class News(scrapy.Spider):
        name = "news"
        async def start(self):
            yield {"body": sys.argv[2], "key": 1}
            yield {"key": 2}
            yield Typed(key=3)

    process = CrawlerProcess({
        "ITEM_PIPELINES": {"provenance.adapters.scrapy.ProvenancePipeline": 300},
        "PROVENANCE_TEXT_FIELD": "body",
        "FEEDS": {sys.argv[1]: {"format": "jsonlines"}},
        "TELNETCONSOLE_ENABLED": False,
        "LOG_LEVEL": "WARNING",
    })
    process.crawl(News)
    process.start()
"""


def test_scrapy_items_are_cleaned_in_a_crawl(tmp_path):
    pytest.importorskip("scrapy")
    out = tmp_path / "out.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", SPIDER, str(out), TEXTS[0]], check=True, capture_output=True, text=True
    )
    assert done.stderr == ""
    first, *others = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert (first["body"], first["key"]) == (CLEAN[0], 1)
    assert [removal["reason"] for removal in first["removals"]] == ["advertisement"]
    assert others == [{"key": 2}, {"key": 3}]


def test_scrapy_items_without_a_field_for_the_text_are_logged(caplog):
    scrapy = pytest.importorskip("scrapy")
    from provenance.adapters.scrapy import ProvenancePipeline

    class Bare(scrapy.Item):
        html = scrapy.Field()

    with caplog.at_level("INFO"):
        assert dict(ProvenancePipeline().process_item(Bare(html=PAGE))) == {"html": PAGE}
    assert "no field 'text'" in caplog.text


def test_scrapy_items_with_fields_of_their_own_get_no_others():
    scrapy = pytest.importorskip("scrapy")
    from provenance.adapters.scrapy import ProvenancePipeline

    class Typed(scrapy.Item):
        html, text, title = scrapy.Field(), scrapy.Field(), scrapy.Field()

    item = ProvenancePipeline().process_item(Typed(html=PAGE))
    assert item["text"].split() == ARTICLE.split()
    assert item["title"] == "Storm"
    assert set(item) == {"html", "text", "title"}
