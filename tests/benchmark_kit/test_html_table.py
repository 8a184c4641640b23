"""Tables of notebooks: escaped, with facts folded away above rows."""

from html.parser import HTMLParser

from benchmark_kit.html_table import html_table


class Cells(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.texts = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


def test_rows_facts_and_notes():
    parsed = Cells()
    parsed.feed(html_table(("a", "b"), [("1", "2")], [("fact", "3")], ["note"], "title"))
    assert parsed.texts == ["title", "facts", "fact", "3", "a", "b", "1", "2", "note"]
    assert "details" in parsed.tags


def test_facts_alone_are_not_folded():
    assert "details" not in html_table((), (), [("a", "b")])


def test_nothing_from_outside_becomes_a_tag():
    bad = '<script>alert("x")</script>\x1b[31m'
    shown = html_table((bad,), [(bad,)], [(bad, bad)], [bad], bad)
    assert "<script" not in shown
    assert "\x1b" not in shown
    assert shown.count("&lt;script&gt;") == 6
