"""HTML becomes what a reader sees."""

from __future__ import annotations

import pytest

from pipeline.parsing.html import to_text
from pipeline.parsing.quotes import split_quotes
from pipeline.parsing.textclean import normalise


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display:none">SECRET</div>',
        '<div style="color:red; DISPLAY: None">SECRET</div>',
        '<span style="visibility:hidden">SECRET</span>',
        '<span style="font-size:0px">SECRET</span>',
        '<span style="font-size:0">SECRET</span>',
        "<p hidden>SECRET</p>",
        '<div style="mso-hide:all">SECRET</div>',
        '<p style="DISPLAY : NONE">SECRET</p>',
        '<p style="VISIBILITY : Hidden">SECRET</p>',
        '<p style="font-size:1px">SECRET</p>',
        '<p style="font-size:0 !important">SECRET</p>',
        '<p style="opacity: 0.0 ;color:red">SECRET</p>',
        '<div style="height:0;overflow:hidden">SECRET</div>',
        '<p style="text-indent:-9999px">SECRET</p>',
        '<div style="position:absolute; left:-9999px">SECRET</div>',
        '<div style="position:absolute;clip:rect(1px, 1px, 1px, 1px)">SECRET</div>',
        '<i style="color:transparent">SECRET</i>',
        '<span style="color:#fff">SECRET</span>',
        "<font color=white>SECRET</font>",
        '<table bgcolor="#336699"><tr><td><b style="color:rgb(51, 102, 153)">SECRET</b></td></tr></table>',
        '<style>.x{display:none}</style><p class="a x">SECRET</p>',
        "<style><!-- /* **a** */ #y, p.q { DISPLAY : NONE } --></style><p class=q>SECRET</p><b id=y>SECRET</b>",
        '<style>.x{display:none!important}</style><p class="x" style="display:block">SECRET</p>',
        "<style>.x{content:'SECRET'}</style>",
        "<script>var SECRET</script>",
        "<!-- SECRET -->",
        '<img width=1 height=1 src="https://t.example/p.gif" alt="SECRET">',
        "<title>SECRET</title>",
    ],
)
def test_hidden_text_is_left_out(hidden: str) -> None:
    for padding in ("", "<p>" + "x" * 25_000 + "</p>"):
        text = to_text(f"<html><body><p>Hello</p>{hidden}<p>World</p>{padding}</body></html>")
        assert "SECRET" not in text
        assert "Hello" in text
        assert "World" in text


def test_small_print_is_not_hidden() -> None:
    assert "seen" in to_text('<p style="font-size:0.9em">seen</p>')


@pytest.mark.parametrize(
    "shown",
    [
        '<table bgcolor="#003366"><tr><td style="color:#fff">SEEN</td></tr></table>',
        '<div style="background:url(a.png)"><p style="color:white">SEEN</p></div>',
        '<table><tr><td style="font-size:0px"><div style="font-size:13px">SEEN</div></td></tr></table>',
        '<div style="visibility:hidden"><b style="visibility:visible">SEEN</b></div>',
        '<div style="color:#fff"><p style="color:#000">SEEN</p></div>',
        '<div style="color:#fff"><a href="https://a.example">SEEN</a></div>',
        '<p style="text-indent:-18pt;margin-left:36pt">SEEN</p>',
        "<style>@media (max-width:600px){.x{display:none}}</style><p class=x>SEEN</p>",
        '<style>.dark p{background:#000}</style><p style="color:#fff">SEEN</p>',
        "<style>body{background:#111} p{color:#fff}</style><p>SEEN</p>",
        "<style>p.x span{display:none}</style><p class=x><span>SEEN</span></p>",
        '<style>.x{display:none}</style><p class=xy style="opacity:0.9">SEEN</p>',
        '<style>.x{display:none}</style><p class=x style="display:block">SEEN</p>',
    ],
)
def test_text_that_only_looks_hidden_is_kept(shown: str) -> None:
    for padding in ("", "<p>" + "x" * 25_000 + "</p>"):
        assert "SEEN" in to_text(f"<p>Hello</p>{shown}{padding}")


def test_structure_is_kept() -> None:
    text = normalise(to_text("<p>One<br>two</p><ul><li>a<li>b</ul><div>three</div><div>four</div>"))
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    assert lines == ["One", "two", "• a", "• b", "three", "four"]


CLIENTS = {
    "gmail": (
        '<div dir="ltr">Yes, Monday.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Tue, 4 Mar 2025 at'
        ' 10:12, Nora &lt;<a href="mailto:nora@museum.example">nora@museum.example</a>&gt; wrote:<br></div>'
        '<blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px #ccc solid">Shall we?</blockquote></div>'
    ),
    "apple": (
        "<body>Yes, Monday.<br><div><blockquote type=\"cite\"><div>On 4 Mar 2025, at 10:12, Nora wrote:</div><br>"
        "<div>Shall we?</div></blockquote></div></body>"
    ),
    "thunderbird": (
        '<p>Yes, Monday.</p><div class="moz-cite-prefix">Am 04.03.25 um 10:12 schrieb Nora:<br></div>'
        '<blockquote type="cite" cite="mid:1@museum.example"><p>Shall we?</p></blockquote>'
    ),
    "outlook": (
        '<div class="WordSection1"><p class="MsoNormal">Yes, Monday.<o:p></o:p></p><div style="border:none;border-top:solid'
        ' #E1E1E1 1.0pt"><p class="MsoNormal"><b>From:</b> Nora &lt;nora@museum.example&gt;<br><b>Sent:</b> 4 March 2025'
        " 10:12<br><b>To:</b> Max<br><b>Subject:</b> Harbour</p></div><p class=\"MsoNormal\">Shall we?</p></div>"
    ),
    "outlook web": (
        '<div>Yes, Monday.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Von:</b> Nora'
        " &lt;nora@museum.example&gt;<br><b>Gesendet:</b> 4. März 2025 10:12<br><b>Betreff:</b> Hafen</div><div>Shall we?</div>"
    ),
    "yahoo": (
        '<div>Yes, Monday.</div><div class="yahoo_quoted"><div>On Tuesday, 4 March 2025 at 10:12:00 GMT, Nora'
        " &lt;nora@museum.example&gt; wrote:</div><div>Shall we?</div></div>"
    ),
}  # fmt: skip


@pytest.mark.parametrize("html", CLIENTS.values(), ids=CLIENTS.keys())
def test_quotes_of_clients(html: str) -> None:
    written, quoted = split_quotes(normalise(to_text(html)))
    assert written.strip() == "Yes, Monday."
    assert "Shall we?" in quoted


def test_answers_between_quotes_are_kept() -> None:
    html = (
        "<blockquote type=cite>How many?</blockquote><p>About 300.</p>"
        "<blockquote type=cite>Which licence?<blockquote type=cite>deep</blockquote></blockquote><p>CC BY-SA.</p>"
    )
    written, quoted = split_quotes(normalise(to_text(html)))
    assert written.split() == ["About", "300.", "CC", "BY-SA."]
    assert ">> deep" in quoted


def test_indented_text_of_the_author_is_no_quote() -> None:
    assert "> " not in to_text("<p>The poem:</p><blockquote>Here he lived</blockquote><p>Nice?</p>")


@pytest.mark.parametrize(
    "html", ["", "<", "<p", "plain words", "<blockquote type=cite>", "</blockquote>", "\x00<b>\ue000"]
)
def test_fragments_and_garbage(html: str) -> None:
    assert "\ue000" not in to_text(html)
