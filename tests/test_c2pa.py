"""Manifests of content credentials are seen in a text before folding drops them."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.c2pa import HEADER, MAGIC, manifests, selectors
from provenance.model import Document
from provenance.normalize import fold
from provenance.pipeline import audit

ARTICLE = "The ferry was back in service on Friday after divers had freed its propeller from a net. " * 3


def wrapped(payload, version=1, declared=None):
    size = len(payload) if declared is None else declared
    return "\ufeff" + selectors(MAGIC + bytes([version]) + size.to_bytes(4, "big") + payload)


@given(st.text(st.characters(exclude_characters="\ufeff")), st.binary(max_size=300), st.text("ab é\u0301😀"))
def test_a_manifest_is_found_wherever_it_stands(before, payload, after):
    text = f"{before}{wrapped(payload)}{after}"
    found = manifests(text)[-1]
    assert text[found.start : found.end] == wrapped(payload)
    assert (found.version, found.length, found.complete) == (1, len(payload), True)
    assert found.sha256 == hashlib.sha256(payload).hexdigest()
    assert wrapped(payload) not in fold(text).text


@given(st.binary(min_size=1, max_size=50), st.integers(1, 60))
def test_a_manifest_that_was_cut_off_is_recorded_as_incomplete(payload, lost):
    whole = wrapped(payload)
    lost = min(lost, len(payload) + 5)  # the magic word and the mark are left
    (found,) = manifests(whole[: len(whole) - lost])
    assert not found.complete
    assert found.length == max(0, len(payload) - lost)
    assert (found.version is None) == (lost == len(payload) + 5)


def test_what_follows_the_declared_length_is_not_the_manifest():
    text = wrapped(b"manifest" + b"more", declared=8)
    (found,) = manifests(text)
    assert (found.length, found.complete, found.end) == (8, True, 1 + HEADER + 8)
    assert len(manifests(wrapped(b"one") + wrapped(b"two"))) == 2


@pytest.mark.parametrize("text", ["", "\ufeff", "❤\ufe0f " * 50, selectors(bytes(range(256))), "C2PATXT\0"])
def test_other_variation_selectors_are_no_manifest(text):
    assert manifests(text) == ()


@pytest.mark.parametrize("html", [False, True])
def test_an_audit_records_manifests_and_compares_the_text_as_ever(html):
    signed = ARTICLE + wrapped(b"jumbf")
    shown = f"<html><body><article><p>{signed}</p></article></body></html>" if html else signed
    found = audit([Document("signed", shown, html=html), Document("plain", ARTICLE)])
    document, plain = found.to_dict()["documents"]
    (manifest,) = document["manifests"]
    assert document["text"][manifest["start"] : manifest["end"]] == wrapped(b"jumbf")
    assert "c2pa_manifest" in document["flags"]
    assert plain["manifests"] == []
    assert "c2pa_manifest" not in plain["flags"]
    assert [row.kind for row in found.relations] == ["exact"]
