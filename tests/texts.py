"""Texts dense in what the rules look for, since random code points rarely make a line of furniture."""

from hypothesis import strategies as st

LINES = st.sampled_from(
    [
        *(
            "Advertisement",
            "Comments",
            "2 Comments",
            "Ada says:",
            "Ben says:",
            "Cleo says:",
            "3 March 2020 at 10:11 am",
            "Reply",
            "Menu",
            "Share",
            "About the author",
            "x",
        ),
        *("Related articles", "Ada Lovelace is a writer", "By Ada Lovelace", "3 March 2020", "© 2020 A", "", " "),
        "This is a sentence of an article, and long enough to be taken for running text by every rule.",
        "Opposition Leader Resigns After Leaked Recordings Shock Parliament in Redmoor",
        "广告",
        "市议会周二决定关闭港口的旧桥，此前工程师在四根缆索上发现了锈迹，担心桥面无法承受重型车辆通行。",
        "https://example.org/",
        "\u2028\ud800\x85",
    ]
)
TEXTS = st.one_of(
    st.lists(LINES, max_size=30).map("\n".join),
    st.text(),
    st.text(st.characters(categories=["Cs", "Zs", "L", "Cc"])),
)
