# checklist_body.py - vectors for lines 51 to 74: the body in canonical form, and l=.
# SPDX-License-Identifier: Apache-2.0
import base64
import hashlib

from checklist_base import BODY, FIELDS, message, sign, signed, tags
from dkim_writer import canonical_body

EMPTY_SIMPLE = "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY="
EMPTY = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
A_LINE = "jkYhN5eG70Kk/sFVzVJcKR3X2zwf3jR4Ui9PYcA/0b0="
MISMATCH = "body-hash-mismatch"


def body(t, line, name, canon, raw, right, wrong, known_hash=None):
    """raw as a body: `right` is its canonical form, with a hash known from elsewhere where there is
    one; `wrong` what a verifier hashes that ignores the line."""
    digest = base64.b64encode(hashlib.sha256(right).digest()).decode()
    assert known_hash in (None, digest), name
    text = tags(c="relaxed/" + canon)
    t.twins(line, name, signed(text, body=raw, hashed_body=right), signed(text, body=raw, hashed_body=wrong),
            MISMATCH)


def empty_bodies(t):
    for number, raw in enumerate((b"", b"\r\n", b"\r\n" * 3)):
        body(t, 51, f"simple-empty-{number}", "simple", raw, b"\r\n", raw if number == 2 else b"", EMPTY_SIMPLE)
    for number, raw in enumerate((b"", b"\r\n", b"\r\n" * 3, b" \r\n\t\r\n", b" ", b" \t \r\n ")):
        body(t, 52, f"relaxed-empty-{number}", "relaxed", raw, b"", b"\r\n", EMPTY)
    for canon, right, wrong in (("simple", b"\r\n", b""), ("relaxed", b"", b"\r\n")):
        text = tags(c="relaxed/" + canon)
        fields = b"".join(FIELDS)
        t.twins(53, "no-body-" + canon, sign(text, body=b"") + fields, sign(text, hashed_body=wrong) + fields,
                MISMATCH)
        assert sign(text, body=b"") == sign(text, hashed_body=right)
    for canon in ("simple", "relaxed"):
        body(t, 54, "no-line-end-" + canon, canon, b"a", b"a\r\n", b"a", A_LINE)
        body(t, 55, "empty-lines-at-end-" + canon, canon, b"a\r\n\r\n\r\n", b"a\r\n", b"a\r\n\r\n\r\n", A_LINE)
    body(t, 56, "blank-line-at-end-relaxed", "relaxed", b"a\r\n \r\n", b"a\r\n", b"a\r\n\r\n", A_LINE)
    body(t, 56, "blank-line-at-end-simple", "simple", b"a\r\n \r\n", b"a\r\n \r\n", b"a\r\n",
         "ZO3D7rdoCJvvsca7ByQ7rWtdZIR/wo1wyF+eBMjazgQ=")
    body(t, 57, "one-blank-simple", "simple", b" \r\n", b" \r\n", b"\r\n",
         "a99mtb8qROZYvqLuhmlasVCgbmAL9nzVzOJFrVSWLGE=")
    body(t, 57, "one-blank-relaxed", "relaxed", b" \r\n", b"", b" \r\n", EMPTY)


def blanks(t):
    body(t, 58, "blanks-at-line-end", "relaxed", b"a \t\r\n", b"a\r\n", b"a \r\n", A_LINE)
    body(t, 58, "blank-at-the-very-end", "relaxed", b"a ", b"a\r\n", b"a \r\n", A_LINE)
    body(t, 58, "blank-at-the-very-end-simple", "simple", b"a ", b"a \r\n", b"a\r\n")
    for name, raw in (("blank", b" a\r\n"), ("tab", b"\ta\r\n"), ("several", b" \t a\r\n")):
        body(t, 59, "leading-" + name, "relaxed", raw, b" a\r\n", b"a\r\n",
             "+XtPzaPbbZ5SxJybKNm0w8KWahR3VLbbOmDeeofaSbk=")
    rfc = b" C \r\nD \t E\r\n\r\n\r\n"
    body(t, 60, "rfc-body-relaxed", "relaxed", rfc, b" C\r\nD E\r\n", b" C \r\nD E\r\n",
         "unak6JHq0wL+Q1HP7dW1tjBx9FLA6DffoZ0qrLwbbpo=")
    body(t, 60, "rfc-body-simple", "simple", rfc, b" C \r\nD \t E\r\n", rfc,
         "NOeivbQlDH9TmNKJUw7D53wZfsk8YMZ/hTuVVwTgi8s=")
    middle = b"a\r\n\r\n \t\r\n\r\nb\r\n"
    body(t, 61, "lines-in-the-middle-relaxed", "relaxed", middle, b"a\r\n\r\n\r\n\r\nb\r\n",
         b"a\r\n\r\n \r\n\r\nb\r\n")
    body(t, 61, "lines-in-the-middle-simple", "simple", middle, middle, b"a\r\n\r\n\r\n\r\nb\r\n")
    body(t, 61, "empty-lines-kept", "relaxed", b"\r\n\r\na\r\n\r\nb\r\n", b"\r\n\r\na\r\n\r\nb\r\n", b"a\r\nb\r\n")
    for name, byte in (("form-feed", b"\f"), ("vertical-tab", b"\v"), ("nbsp", b"\xa0")):
        body(t, 63, "body-" + name, "relaxed", b"a" + byte + b" \r\n" + byte + b"\r\n",
             b"a" + byte + b"\r\n" + byte + b"\r\n", b"a\r\n")


def large(t):
    """Ten million line ends: bounded memory, and the same hash; before an x all of them count."""
    ends = b"\r\n" * 10_000_000
    for canon in ("simple", "relaxed"):
        text = tags(c="relaxed/" + canon)
        field = sign(text, body=b"a\r\n")
        t.add(62, "ten-million-line-ends-" + canon, message(field, body=b"a\r\n" + ends), "pass", "fail",
              "x-behind-line-ends-" + canon, "--memory 64M")
        t.broken(62, "x-behind-line-ends-" + canon, message(field, body=b"a\r\n" + ends + b"x\r\n"),
                 "fail/" + MISMATCH, "ten-million-line-ends-" + canon, "--memory 64M")
        whole = b"a\r\n" + ends + b"x\r\n"
        t.add(62, "all-line-ends-come-back-" + canon, message(sign(text, hashed_body=whole), body=whole), "pass",
              "fail",
              "x-behind-line-ends-" + canon, "--memory 64M")
    line = b"word " * 200_000 + b"word"
    body(t, 67, "line-of-1-mb", "relaxed", line, line + b"\r\n", line)
    body(t, 67, "line-of-1-mb-simple", "simple", line, line + b"\r\n", line[:65536])


def bytes_and_ends(t):
    t.held(64, "unit/test_dkim_canon_body.c:every_split_in_two_gives_the_same_bytes")
    body(t, 65, "cr-alone-relaxed", "relaxed", b"a\rb\r\nc\r\r\n", b"a\rb\r\nc\r\r\n", b"ab\r\nc\r\n")
    body(t, 65, "cr-alone-simple", "simple", b"a\rb\r\nc\r\r\n", b"a\rb\r\nc\r\r\n", b"a\r\nb\r\nc\r\n")
    body(t, 65, "lf-alone-relaxed", "relaxed", b"a \nb\r\n\n", b"a\r\nb\r\n", b"a \nb\r\n")
    body(t, 65, "lf-alone-simple", "simple", b"a \nb\r\n\n", b"a \r\nb\r\n", b"a \nb\r\n\n")
    body(t, 66, "dots", "simple", b"a\r\n.\r\n..\r\n.b\r\n", b"a\r\n.\r\n..\r\n.b\r\n", b"a\r\n\r\n.\r\nb\r\n")
    body(t, 66, "ends-at-no-dot", "relaxed", b"a\r\n.\r\nb\r\n", b"a\r\n.\r\nb\r\n", b"a\r\n")
    body(t, 67, "8-bit-and-nul", "relaxed", b"Gr\xfc\xdfe\0 \xff\xfe\r\nb\0\r\n",
         b"Gr\xfc\xdfe\0 \xff\xfe\r\nb\0\r\n", b"Gr\xfc\xdfe\r\nb\r\n")
    body(t, 67, "8-bit-and-nul-simple", "simple", b"Gr\xfc\xdfe\0 \xff\xfe\r\nb\0\r\n",
         b"Gr\xfc\xdfe\0 \xff\xfe\r\nb\0\r\n", b"Gr\xfc\xdfe")
    fields = FIELDS + [b"Content-Transfer-Encoding: quoted-printable\r\n"]
    field = sign(fields=fields, body=b"Gr=C3=BC=C3=9Fe\r\n")
    t.add(68, "as-it-was-encoded", message(field, fields, b"Gr=C3=BC=C3=9Fe\r\n"), "pass", "fail", "encoded-anew")
    t.broken(68, "encoded-anew",
             message(field, FIELDS + [b"Content-Transfer-Encoding: 8bit\r\n"], b"Gr\xc3\xbc\xc3\x9fe\r\n"),
             "fail/" + MISMATCH, "as-it-was-encoded")


def body_length(t):
    whole = canonical_body("relaxed", BODY)
    for canon in ("relaxed", "simple"):
        size = len(canonical_body(canon, BODY))
        text = tags(c="relaxed/" + canon, l=str(size))
        t.add(69, "l-whole-" + canon, signed(text), "pass,uncovered_bytes=0", "fail", "l-inside-changed")
        t.add(69, "l-appended-" + canon, message(sign(text), body=BODY + b"Buy now!\r\n"), "pass,uncovered_bytes=10",
              "pass,uncovered_bytes=0", "l-whole-" + canon)
    text = tags(l=str(len(whole)))
    t.broken(69, "l-inside-changed", message(sign(text), body=BODY.replace(b"below", b"above")),
             "fail/" + MISMATCH, "l-whole-relaxed")
    loose = b"a  b \r\nc\r\nd\r\n"
    t.twins(70, "l-counts-canonical", signed(tags(l="7"), body=loose, hashed_body=b"a b\r\nc\r"),
            signed(tags(l="7"), body=loose, hashed_body=canonical_body("relaxed", loose[:7])), MISMATCH)
    t.broken(71, "l-one-too-large", signed(tags(l=str(len(whole) + 1))), "permerror/body-shorter-than-length",
             "l-whole-relaxed")
    t.broken(71, "l-cut-body", message(sign(text), body=BODY[:20]), "permerror/body-shorter-than-length",
             "l-whole-relaxed")
    for canon in ("relaxed", "simple"):
        size = len(canonical_body(canon, BODY))
        text = tags(c="relaxed/" + canon, l="0")
        t.add(72, "l-zero-" + canon, signed(text, hashed_body=b""), f"pass,uncovered_bytes={size}", "fail",
              f"l-zero-{canon}-ignoring")
        t.add(72, f"l-zero-{canon}-ignoring", signed(text), "fail/" + MISMATCH, "pass", "l-zero-" + canon)
    t.twins(73, "l-inside-a-line-end", signed(tags(l="2"), body=b"a\r\nb\r\n", hashed_body=b"a\r"),
            signed(tags(l="2"), body=b"a\r\nb\r\n", hashed_body=b"a\r\n"), MISMATCH)
    t.twins(73, "l-inside-a-character", signed(tags(l="2"), body=b"a\xc3\xbcb\r\n", hashed_body=b"a\xc3"),
            signed(tags(l="2"), body=b"a\xc3\xbcb\r\n", hashed_body=b"a\xc3\xbc"), MISMATCH)
    two = [sign(tags(l="5"), length=5), sign(tags(l="12"), length=12), sign()]
    t.add(74, "two-lengths", message(two), "pass pass pass", "pass fail fail", "two-lengths-shared")
    two[1:] = [sign(tags(l="12"), length=5), sign(length=5)]
    t.add(74, "two-lengths-shared", message(two), f"pass fail/{MISMATCH} fail/{MISMATCH}", "pass pass pass",
          "two-lengths")


def add(t):
    empty_bodies(t)
    blanks(t)
    large(t)
    bytes_and_ends(t)
    body_length(t)
