"""Text from outside (names, categories, notes, versions) made safe for where it goes.

One function a target. HTML is escaped by the template engine, after `visible`.
"""

from __future__ import annotations

import re

# What moves a terminal's cursor, turns the direction of text, or cannot be encoded: control and
# format characters (joiners aside, which words need), line separators, private use, lone surrogates
_UNSEEN = (
    "\\x00-\\x1f\\x7f-\\x9f\\xad\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f"
    "\\ud800-\\udfff\\ue000-\\uf8ff\\ufeff\\ufff9-\\ufffb\\U000e0000-\\U0010ffff"
)
_UNSEEN_ANYWHERE = re.compile(f"[{_UNSEEN}]")
_UNSEEN_IN_LINES = re.compile(f"(?![\\n\\t])[{_UNSEEN}]")
_NUMBER = re.compile(r"[-+]?((\d+\.?\d*|\.\d+)(e[-+]?\d+)?( %)?)?", re.I)
_FORMULA = re.compile(r"['=+\-@\t\r\n＝＋－＠]")
_MARKDOWN = re.compile(r"[\\`*\[\]|~$]|^[>#]|(?<![^\W_])_|_(?![^\W_])")
_MARKDOWN_HTML = re.compile(r"<(?=[A-Za-z/!?])|&(?=[#\w])")
_INTERVAL = re.compile(r"[-+\d., \[\]]*")  # no markup can be made of these
_LATEX = {
    **{character: "\\" + character for character in "&%_#${}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
}


def visible(text: str, *, lines: bool = False) -> str:
    r"""Text for people: characters that are not seen but act are written out, `\x1b`, `\u202e`.

    Args:
        text: any; a byte of a file name that is not UTF-8 becomes `\xff`.
        lines: keep line ends and tabs: for text of several lines that is safe in its parts.
    """
    return (_UNSEEN_IN_LINES if lines else _UNSEEN_ANYWHERE).sub(_written_out, text)


def _written_out(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # how Python keeps a byte that it cannot decode
        code -= 0xDC00
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def csv_cell(text: str, *, numbers: bool = False) -> str:
    r"""A cell of text for CSV: an apostrophe goes before what a spreadsheet would calculate.

    Text that begins with an apostrophe gets another, so that taking one off (`csv_text`) gives
    every name back. A byte of a name that is not UTF-8 becomes `\xff`.

    Args:
        text: any.
        numbers: leave what is a number, such as -0.5.
    """
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    if not _FORMULA.match(text) or (numbers and _NUMBER.fullmatch(text)):
        return text
    return f"'{text}"


def csv_text(cell: str) -> str:
    """What `csv_cell` was given."""
    return cell.removeprefix("'")


def markdown_cell(text: str) -> str:
    """Text for a line or a cell of a Markdown table: no markup, links, pictures or HTML."""
    if _INTERVAL.fullmatch(text):
        return text
    marked = _MARKDOWN.sub(r"\\\g<0>", visible(text))
    return _MARKDOWN_HTML.sub(lambda found: "&lt;" if found[0] == "<" else "&amp;", marked)


def latex_cell(text: str) -> str:
    """Text for a cell of a LaTeX table: no commands."""
    text = "".join(_LATEX.get(character, character) for character in visible(text))
    text = text.replace("--", "-{}-").replace("--", "-{}-")  # else a dash, not two signs
    # after the end of a row these two would be an argument of it
    return f"{{{text[0]}}}{text[1:]}" if text[:1] in ("[", "*") else text
