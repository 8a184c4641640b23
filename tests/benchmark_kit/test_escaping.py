"""Text from outside, safe for where it goes, and read back where that is promised."""

import csv
import io

import pytest

from benchmark_kit.errors import Problem
from benchmark_kit.escaping import csv_cell, csv_text, latex_cell, markdown_cell, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain/ünï 日本 👩\u200d🔬", "plain/ünï 日本 👩\u200d🔬"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x9b31m\x07\x08\x7f", "\\x9b31m\\x07\\x08\\x7f"),
        ("a\r\nb\tc", "a\\x0d\\x0ab\\x09c"),
        ("a\u202egnp.exe", "a\\u202egnp.exe"),
        ("\u2066\u200f\u061c\u2028\ufeff\u200b", "\\u2066\\u200f\\u061c\\u2028\\ufeff\\u200b"),
        ("caf\udce9", "caf\\xe9"),
        ("\ud800\ue000\U000e0041", "\\ud800\\ue000\\U000e0041"),
    ],
)
def test_what_acts_unseen_is_written_out(text, shown):
    assert visible(text) == shown
    shown.encode()


def test_lines_may_be_kept():
    assert visible("a\n\tb\x1b\r", lines=True) == "a\n\tb\\x1b\\x0d"


@pytest.mark.parametrize("first", "=+-@\t\r\n＝＋－＠'")
def test_formulas_become_text_and_names_come_back(first):
    name = first + "cmd|' /C calc'!A0"
    cell = csv_cell(name)
    assert cell[0] == "'"
    assert csv_text(cell) == name
    buffer = io.StringIO(csv_line(cell), newline="")
    assert csv_text(next(csv.reader(buffer))[0]) == name


def csv_line(cell):
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow([cell])
    return buffer.getvalue()


@pytest.mark.parametrize(
    "number", ["-0.5", "+3", "-1e-05", "-12 %", "-.5", "-", "", "0.1234", "12.5 %"]
)
def test_numbers_stay_numbers(number):
    assert csv_cell(number, numbers=True) == number
    assert csv_text(csv_cell(number)) == number  # a name may look like one


@pytest.mark.parametrize("name", ["-1+1", "-0.5 cmd", "--1", "-1e5e5", "=1"])
def test_what_only_begins_like_a_number_is_text(name):
    assert csv_cell(name, numbers=True) == f"'{name}"


def test_a_byte_that_is_no_text_is_written_out_in_csv():
    assert csv_cell("caf\udce9").encode() == b"caf\\xe9"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("a|b", r"a\|b"),
        ("![x](http://e/x.png)", r"!\[x\](http://e/x.png)"),
        ("<script>&amp; p < 0.1 & more", "&lt;script>&amp;amp; p < 0.1 & more"),
        ("# head", r"\# head"),
        ("> said", r"\> said"),
        ("0.5 [0.4, 0.6]", "0.5 [0.4, 0.6]"),
        ("**bold** `code` \\", r"\*\*bold\*\* \`code\` \\"),
        ("auc_judd _it_", r"auc_judd \_it\_"),
        ("two\nlines", r"two\\x0alines"),
    ],
)
def test_markdown_has_no_markup(text, cell):
    assert markdown_cell(text) == cell


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        (r"\input{/etc/passwd}", r"\textbackslash{}input\{/etc/passwd\}"),
        ("a & b % c # d_e $ ~ ^", r"a \& b \% c \# d\_e \$ \textasciitilde{} \textasciicircum{}"),
        ("[1ex] x", "{[}1ex] x"),
        ("*", "{*}"),
        ("a\nb", r"a\textbackslash{}x0ab"),
        ("<|>", r"\textless{}\textbar{}\textgreater{}"),
    ],
)
def test_latex_has_no_commands(text, cell):
    assert latex_cell(text) == cell


def test_names_in_messages_steer_no_terminal():
    text = str(Problem("E301", ("a\x1b[31m\nE999 forged", "b\u202e"), "unreadable"))
    assert text == "E301 unreadable: a\\x1b[31m\\x0aE999 forged, b\\u202e"
