"""All text is escaped."""

from larq_bvit.bench.report.page.markup import Markup, join, tag


def test_content_and_attributes_are_escaped():
    evil = "<script>\"'&"
    safe = "&lt;script&gt;&quot;&#x27;&amp;"
    assert tag("td", evil, data_label=evil) == f'<td data-label="{safe}">{safe}</td>'


def test_markup_stays_and_none_is_left_out():
    assert tag("p", tag("b", 1), None, Markup("<i>")) == "<p><b>1</b><i></p>"
    assert join("<", None, Markup("<")) == "&lt;<"


def test_attributes():
    assert tag("rect", x=1.0, y=2.345678, rx=None, class_="k") == (
        '<rect x="1" y="2.35" class="k"></rect>'
    )
    assert tag("meta", name="a") == '<meta name="a">'


def test_what_is_no_text_is_replaced():
    assert tag("b", "a\x00\udcff\u202e") == "<b>a\ufffd\ufffd\ufffd</b>"
