"""The lists of words are those of the package, whose data is read without it."""

from itertools import islice

import pytest
import wordfreq

from provenance.rarity import WORDS, word_shares


@pytest.mark.parametrize("language", ["en", "de", "zh", "ko", "he", "ta"])
def test_words_and_shares_are_those_of_the_package(language):
    theirs = islice(wordfreq.get_frequency_dict(language, "small").items(), WORDS)
    assert list(word_shares(language).items()) == list(theirs)
