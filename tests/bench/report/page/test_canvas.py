"""Text that keeps to its width."""

from larq_bvit.bench.report.page.canvas import text_width, tip, wrapped


def test_lines_keep_to_the_width_and_lose_nothing():
    for text in ("delegate:avx2, 2 threads", "x" * 100, "a/b/c_d-e" * 9, "\u4e2d" * 40):
        lines = wrapped(text, 90)
        assert all(text_width(line) <= 90 for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_breaks_after_marks_rather_than_in_words():
    assert wrapped("delegate:avx2, 2 threads", 120) == ["delegate:avx2, 2", "threads"]
    assert wrapped("short", 120) == ["short"]


def test_a_tip_is_a_title_that_browsers_show_without_script():
    assert tip("a < b", "x") == '<g class="tip"><title>a &lt; b</title>x</g>'
