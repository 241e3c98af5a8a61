"""ISCC (ISO 24138): a code that anyone can compute for a text, and that is alike for texts that are alike."""

from __future__ import annotations

BITS = 256


def text_code(text: str) -> str:
    """Give the ISCC Text-Code, 256 bit, of a text; a lone surrogate counts as a question mark.

    >>> text_code("Rain fell all night.")
    'ISCC:EADU6B7BBBL5KF5DUDQKY3R2OPV2FWQYVALWNAM46HUM3RF37NYDVFY'
    """
    from iscc_lib import gen_text_code_v0  # noqa: PLC0415 (the algorithm's version is in its name)

    code = gen_text_code_v0(text.encode("utf-8", "replace").decode("utf-8"), bits=BITS)
    return str(code["iscc"])
