# checklist_header.py - vectors for lines 22 to 50: header fields in canonical form, and which ones.
# SPDX-License-Identifier: Apache-2.0
from checklist_base import FIELDS, FROM, message, sign, signed, tags
from dkim_writer import canonical_field

SIMPLE = {"c": "simple/simple"}
CANONICAL_FROM = b"from:Author <author@example.com>\r\n"


def one_field(t, line, name, field, right, wrong, canon="relaxed"):
    """A field that is covered with From: `right` is its canonical form, `wrong` what another takes."""
    covered_name = field.partition(b":")[0].strip().decode()
    text = tags(c=canon + "/simple", h="from:" + covered_name)
    first = CANONICAL_FROM if canon == "relaxed" else FROM
    fields = [FROM, field]
    t.twins(line, name, signed(text, fields, covered=first + right), signed(text, fields, covered=first + wrong))


def canonical(t):
    rfc = [FROM, b"A: X\r\n", b"B : Y\t\r\n\tZ  \r\n"]
    text = tags(c="relaxed/simple", h="from:a:b")
    t.twins(22, "rfc-relaxed", signed(text, rfc, covered=CANONICAL_FROM + b"a:X\r\nb:Y Z\r\n"),
            signed(text, rfc, covered=CANONICAL_FROM + b"a:X\r\nb :Y\t\tZ\r\n"))
    text = tags(c="simple/simple", h="from:a:b")
    t.twins(22, "rfc-simple", signed(text, rfc, covered=b"".join(rfc)),
            signed(text, rfc, covered=FROM + b"A: X\r\nB : Y \tZ\r\n"))
    for name, field in (("empty-value", b"Subject:\r\n"), ("blank-value", b"Subject: \r\n"),
                        ("tabs-for-a-value", b"Subject: \t \r\n")):
        one_field(t, 23, name, field, b"subject:\r\n", b"subject: \r\n")
    one_field(t, 24, "fold-first", b"Subject:\r\n foo\r\n", b"subject:foo\r\n", b"subject: foo\r\n")
    one_field(t, 25, "blank-last-fold", b"Subject: foo\r\n \t\r\n", b"subject:foo\r\n", b"subject:foo \r\n")
    one_field(t, 25, "blanks-at-the-end", b"Subject: foo \t\r\n", b"subject:foo\r\n", b"subject:foo \t\r\n")
    one_field(t, 26, "runs-of-blanks", b"Subject: a \t\t b\r\n \t c" + b" " * 200 + b"d\r\n", b"subject:a b c d\r\n",
              b"subject:a \t\t b \t c" + b" " * 200 + b"d\r\n")
    for name, byte in (("form-feed", b"\f"), ("vertical-tab", b"\v"), ("nbsp", b"\xc2\xa0")):
        one_field(t, 26, name, b"Subject: a " + byte + b" b" + byte + b"\r\n",
                  b"subject:a " + byte + b" b" + byte + b"\r\n", b"subject:a b\r\n")
    one_field(t, 26, "nul-in-a-value", b"Subject: a\0b\r\n", b"subject:a\0b\r\n", b"subject:a\r\n")
    one_field(t, 27, "value-as-it-is", b"SUBject: Gr\xfc\xdfe: Dear A; B;\r\n",
              b"subject:Gr\xfc\xdfe: Dear A; B;\r\n",
              b"subject:gr\xfc\xdfe: dear a; b;\r\n")
    t.add(28, "simple", signed(tags(**SIMPLE)), "pass", "fail", "simple-name-case")
    for name, old, new in (("name-case", b"Subject:", b"subject:"), ("blank-before-colon", b"Subject:", b"Subject :"),
                           ("fold", b"The  quarterly", b"The\r\n  quarterly"),
                           ("blanks", b"The  quarterly", b"The quarterly")):
        t.broken(28, "simple-" + name, signed(tags(**SIMPLE)).replace(old, new), "fail/signature-mismatch", "simple")
    one_field(t, 29, "no-blank-behind-colon", b"Subject:x\r\n", b"Subject:x\r\n", b"Subject: x\r\n", "simple")
    refolded = (b"To: Reader <", b"To: Reader\r\n\t <")
    t.add(30, "refolded-relaxed", signed().replace(*refolded), "pass", "fail", "refolded-simple")
    t.broken(30, "refolded-simple", signed(tags(**SIMPLE)).replace(*refolded), "fail/signature-mismatch", "simple")


def own_field(t):
    emptied = sign(b=lambda b: b"")
    relaxed = canonical_field("relaxed", emptied)
    covered = b"".join(canonical_field("relaxed", field) for field in FIELDS)
    t.twins(31, "own-field", signed(tags(x="1800000000")), signed(tags(x="1800000000"), own=relaxed))
    t.broken(31, "own-field-with-line-end", signed(own=relaxed), "fail/signature-mismatch")
    t.broken(31, "own-field-first", signed(covered=relaxed[:-2] + b"\r\n", own=covered), "fail/signature-mismatch")
    text = tags(**SIMPLE).replace(b"b={b}", b"b=\r\n {b}\r\n ; q=dns/txt")
    with_blanks = (b"DKIM-Signature: " + text.replace(b"{b}", b"")).partition(b"{bh}")
    bh = sign(text).partition(b"bh=")[2].partition(b";")[0]
    t.twins(31, "blanks-around-b", signed(text), signed(text, own=with_blanks[0] + bh + with_blanks[2]))
    for name, extra in (("xb", "xb=AAAA"), ("bb", "bb=AAAA"), ("b_", "b_=AAAA")):
        text = tags(**SIMPLE).replace(b";\r\n bh=", (f"; {extra};\r\n bh=").encode())
        field = sign(text, b=lambda b: b"")[:-2]
        t.twins(32, f"tag-{name}-stays", signed(text), signed(text, own=field.replace(b"=AAAA", b"=")))
    text = tags(**SIMPLE)
    bh_gone = sign(text, b=lambda b: b"", bh=lambda bh: b"")[:-2]
    t.twins(32, "bh-stays", signed(text), signed(text, own=bh_gone))
    head, _, _ = text.rpartition(b";\r\n b=")
    orders = (("first", b"b={b}; " + head), ("middle", head.replace(b"; s=", b"; b={b}; s=")),
              ("last", head + b"; b={b}"),
              ("last-with-semicolon", head + b"; b={b};"), ("last-with-blank", head + b"; b={b}; "))
    for name, text in orders:
        field = sign(text, b=lambda b: b"")[:-2]
        wrong = field.replace(b" b=", b" ", 1) if name != "first" else field.replace(b"b=;", b";", 1)
        t.twins(32, "b-" + name, signed(text), signed(text, own=wrong))
    text = tags(**SIMPLE).replace(b" b={b}", b" b = {b} ; z=x:y")

    def folds(b):
        return b"\r\n\t".join(b[i:i + 60] for i in range(0, len(b), 60))
    first_line_only = sign(text, b=lambda b: b"")[:-2].replace(b" b =;", b" b =\r\n\tAAAA ;")
    t.twins(33, "b-folded", signed(text, b=folds), signed(text, b=folds, own=first_line_only))
    kept = sign(text, b=lambda b: b"")[:-2].replace(b" b =;", b" b= ;")
    t.twins(33, "b-blanks-before-equals", signed(text), signed(text, own=kept))
    long = [FROM, b"To: " + b",\r\n ".join(b"reader%06d@example.org" % i for i in range(36000)) + b"\r\n"]
    text = tags(h="from:to")
    t.twins(34, "to-of-900-kb", signed(text, long),
            signed(text, long, covered=CANONICAL_FROM + canonical_field("relaxed", long[1])[:65536] + b"\r\n"))
    one_field(t, 35, "cr-in-a-value", b"Subject: a\r b\r\r\n", b"subject:a\r b\r\r\n", b"subject:a b\r\n")
    one_field(t, 35, "cr-before-a-blank", b"Subject: a \r b\r\n", b"subject:a \r b\r\n", b"subject:a b\r\n")


def selection(t):
    received = [b"Received: from two.example.org by three.example.org\r\n",
                b"Received: from one.example.org by two.example.org\r\n"]
    both = received + FIELDS
    text = tags(h="from:received")
    t.twins(36, "bottom-one", signed(text, both),
            signed(text, both, covered=CANONICAL_FROM + canonical_field("relaxed", both[0])))
    text = tags(h="received:received:from")
    top_down = b"".join(canonical_field("relaxed", field) for field in received) + CANONICAL_FROM
    t.twins(36, "bottom-then-up", signed(text, both), signed(text, both, covered=top_down))
    text = tags(h="from:from")
    t.twins(37, "from-twice-with-one", signed(text), signed(text, covered=CANONICAL_FROM * 2))
    other = b"From: Other <other@example.net>\r\n"
    over = sign(tags(h="from:to:from"))
    once = sign(tags(h="from:to"))
    t.broken(38, "second-from-above", message(over, [other] + FIELDS), "fail/signature-mismatch")
    t.broken(38, "second-from-below", message(over, FIELDS + [other]), "fail/signature-mismatch")
    t.add(39, "unsigned-from-above", message(once, [other] + FIELDS), "pass", "fail", "second-from-above")
    t.add(39, "unsigned-from-below", message(once, FIELDS + [other]), "fail/signature-mismatch", "pass",
          "unsigned-from-above")
    text = tags(h="from:x-absent:to")
    with_to = CANONICAL_FROM, canonical_field("relaxed", FIELDS[1])
    t.twins(40, "absent-name", signed(text), signed(text, covered=with_to[0] + b"\r\n" + with_to[1]))
    t.broken(40, "absent-name-as-empty-field", signed(text, covered=with_to[0] + b"x-absent:\r\n" + with_to[1]),
             "fail/signature-mismatch")
    t.broken(41, "absent-name-added", message(sign(text), FIELDS + [b"X-Absent: here\r\n"]),
             "fail/signature-mismatch", "absent-name")
    shuffled = [FIELDS[i] for i in (3, 1, 0, 2)]
    t.add(42, "other-names-reordered", message(sign(), shuffled), "pass", "fail", "same-name-reordered")
    text = tags(h="from:received:received")
    t.broken(42, "same-name-reordered", message(sign(text, both), received[::-1] + FIELDS),
             "fail/signature-mismatch", "same-name")
    t.add(42, "same-name", signed(text, both), "pass", "fail", "same-name-reordered")
    text = tags(h="From:FROM")
    t.twins(43, "h-case-is-one-name", signed(text), signed(text, covered=CANONICAL_FROM * 2))
    text = tags(h="FROM:tO:SubJECT")
    t.twins(43, "h-case-does-not-matter", signed(text), signed(text, covered=b""))
    t.broken(44, "h-without-from", signed(tags(h="to:subject:date")), "permerror/from-not-signed")
    t.broken(44, "h-with-resent-from", signed(tags(h="to:resent-from")), "permerror/from-not-signed")
    for name, value in (("empty-item", "from::to"), ("leading-colon", ":from:to"), ("trailing-colon", "from:to:"),
                        ("blank-in-name", "from:to subject"), ("8-bit", "from:t\xf6")):
        t.broken(45, "h-" + name, signed(tags(h=value)), "neutral/bad-header-list")
    t.broken(45, "h-empty", signed(tags(h=""), covered=CANONICAL_FROM), "permerror/missing-h")


def more_selection(t):
    below = sign()
    text = tags(h="from:dkim-signature")
    top = sign(text, [below] + FIELDS)
    blind = sign(text, [below] + FIELDS, covered=CANONICAL_FROM)
    t.add(46, "signs-the-other-signature", message([top, below]), "pass pass", "fail pass", "signs-no-signature")
    t.add(46, "signs-no-signature", message([blind, below]), "fail/signature-mismatch pass", "pass pass",
          "signs-the-other-signature")
    t.add(46, "signs-the-signature-above", message([below, top]), "pass pass", "pass fail", "signs-itself")
    itself = sign(text, covered=CANONICAL_FROM + canonical_field("relaxed", sign(text, b=lambda b: b"")))
    t.add(46, "signs-itself", message([below, itself]), "pass fail/signature-mismatch", "pass pass",
          "signs-the-signature-above")
    many = "from:" + ":".join(f"x{i}" for i in range(9999))
    t.broken(47, "h-of-10000-names", signed(tags(h=many)), "permerror/too-many-headers")
    t.add(47, "h-of-1000-names", signed(tags(h=":".join(many.split(":")[:1000]))), "pass", "permerror",
          "h-of-10000-names")
    plus = FIELDS + [b"X-Mailer: one\r\n"]
    text = tags(h="from:to:subject:date:x-mailer")
    for name, fields in (("changed", FIELDS + [b"X-Mailer: two\r\n"]), ("removed", FIELDS),
                         ("added", plus + [b"X-Spam: no\r\n"])):
        t.add(48, "unsigned-" + name, message(sign(fields=plus), fields), "pass", "fail", "signed-changed")
    t.broken(48, "signed-changed", message(sign(text, plus), FIELDS + [b"X-Mailer: two\r\n"]),
             "fail/signature-mismatch")
    trace = [b"Return-Path: <author@example.com>\r\n", b"Received: from a.example.org by b.example.org\r\n",
             b"Authentication-Results: b.example.org; dkim=fail\r\n"]
    hop = [b"Received: from one.example.com by two.example.com\r\n"] + FIELDS
    t.add(49, "trace-on-top", b"".join(trace) + signed(), "pass", "fail", "trace-below")
    t.add(49, "trace-on-top-of-signed", b"".join(trace) + signed(tags(h="from:received"), hop), "pass", "fail",
          "trace-below")
    t.broken(49, "trace-below", message(sign(tags(h="from:received"), hop), hop + trace),
             "fail/signature-mismatch", "trace-on-top-of-signed")
    odd = [FROM, b"this line has no colon\r\n", *FIELDS[1:]]
    t.add(50, "line-without-colon", message(sign(), odd), "pass", "fail", "line-with-colon")
    t.broken(50, "line-with-colon",
             message(sign(), [FROM, b"To: this line has one\r\n", *FIELDS[1:2], b"To: x\r\n", *FIELDS[2:]]),
             "fail/signature-mismatch")


def add(t):
    canonical(t)
    own_field(t)
    selection(t)
    more_selection(t)
