"""Words that tell kinds of lines, as a table from word numbers to marks; English, as is what the model knows."""

from __future__ import annotations

import numpy as np

from provenance.lines.characters import BITS, word_number

WORDS = {
    "common": (
        "the of and a to in is was that for it with as on be at by this had not are but from or have an they which"
        " one you were all her she there would their we him been has when who will no more if out so up said what"
        " its about than into them can only other time new some could these two may first then do any like my now"
        " over such our even most me after also did many before must through years where much your way well down"
        " should because each just those people how too his he i"
    ),
    "first": "i me my mine myself we us our ours ourselves im ive",
    "second": "you your yours yourself",
    "third": "he she his her him hers himself herself",
    "order": (
        "subscribe read click share follow sign join learn get shop buy download see view watch listen discover"
        " explore check find try start save book contact call visit browse register enter submit log login add"
        " send tap scroll skip continue open search order request schedule claim enable select choose print donate"
        " support leave post reply report"
    ),
    "speech": "said says told asked added wrote explained according noted argued replied tweeted announced",
    "when": (
        "january february march april may june july august september october november december jan feb mar apr jun"
        " jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday ago yesterday"
        " today"
        " am pm updated published posted edited"
    ),
    "writer": (
        "writer author editor journalist reporter columnist correspondent contributor freelance blogger founder"
        " writes written writing covers covered degree university graduated phd professor lives living wife"
        " husband"
        " cats dogs dog cat kids bio biography bachelor master years experience expert expertise specializes"
        " passionate passion holds award winning bestselling ceo senior manager joined prior previously"
    ),
    "thread": (
        "thanks thank great post article comment comments reply replies love loved awesome agree disagree lol hi"
        " hello hey sharing blog email address required fields marked anonymous user guest moderator flag upvote"
        " like likes says delete permalink"
    ),
    "trade": (
        "affiliate commission commissions earn purchase links link sponsored sponsor ad ads advertisement"
        " advertiser"
        " advertisers partners partner free trial demo quote offer offers deal deals discount coupon price pricing"
        " sale shipping cart amazon buy money product products"
    ),
    "letter": (
        "newsletter newsletters inbox subscribe subscribers subscription subscribed email emails unsubscribe"
        " updates signup sign delivered weekly daily alerts membership member members join"
    ),
    "legal": (
        "copyright rights reserved terms privacy policy cookie cookies trademark trademarks disclaimer disclosure"
        " inc llc ltd conditions license licensed reproduction permission"
    ),
    "picture": "photo photograph photos image images credit courtesy getty shutterstock unsplash alamy"
    " caption via",
    "more": (
        "related more also popular latest recent trending recommended next previous articles article posts stories"
        " story news tags tag categories category topics topic filed under home menu search toggle loading minutes"
        " min views shares share facebook twitter instagram linkedin youtube pinterest tiktok whatsapp x"
    ),
}
KINDS = tuple(WORDS)


def table() -> np.ndarray[tuple[int], np.dtype[np.uint16]]:
    """Give a mark for each number of a word: one bit for each kind that the word is of."""
    marks = np.zeros(1 << BITS, np.uint16)
    for bit, words in enumerate(WORDS.values()):
        for word in words.split():
            marks[word_number(word)] |= 1 << bit
    return marks
