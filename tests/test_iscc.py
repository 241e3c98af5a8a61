"""Codes of ISO 24138, as the library of its foundation gives them."""

import re

import iscc_lib
import pytest

from provenance.model import Document
from provenance.pipeline import audit
from provenance.report.iscc import text_code

# Given by iscc-core 1.5.0, the reference implementation.
VECTORS = [
    ("Hello world, this is a test.", "ISCC:EADQ6IABX27GZPU3MFLUZC6PSYGUBX4RI7M2NRYUMXFFAIATNWSCIYY"),
    ("é\u0301\ud7a3 𝕳 text " * 50, "ISCC:EADXPTLR42RD2Q6XFD34IVEJ3KIZ2NEBSSKS5SNHODWYMZYS5STKHPI"),
    ("x\r\ny\u0085", "ISCC:EAD22N3IMWCGM65M7MGMN7NNKFE7LTBGZYIJGSXANUQ7O7BB5RT7LAY"),
]


@pytest.mark.parametrize(("text", "code"), VECTORS)
def test_codes_are_those_of_the_reference(text, code):
    assert text_code(text) == code


def test_the_library_passes_its_own_vectors():
    assert iscc_lib.conformance_selftest()


def test_any_text_has_a_code():
    for text in ("", "\ud800", "\0", "\u0301" * 100):
        assert re.fullmatch("ISCC:[A-Z2-7]{55}", text_code(text))


def test_an_audit_gives_each_document_its_code():
    text = "The council met on Monday to settle the price of water for the coming year."
    (row,) = audit([Document("a", text)]).to_dict()["documents"]
    assert row["iscc"] == text_code(text)
