# checklist_messages.py - vectors for lines 103 to 112: many signatures, files as they are found.
# SPDX-License-Identifier: Apache-2.0
import re

from checklist_base import ED, ED_TAGS, RSA, message, quoted, sign, signed, tags
from dkim_writer import canonical_field, tag_value


def u_labels(t):
    """Domain and selector as they are typed; the zone has them as A-labels."""
    t.zone.append(f"rsa._domainkey.xn--bcher-kva.example. IN TXT {quoted(RSA.record())}")
    t.zone.append(f"xn--bcher-kva._domainkey.xn--bcher-kva.example. IN TXT {quoted(RSA.record())}")
    book = "b\u00fccher".encode().decode("latin-1")
    domain = book + ".example"
    t.add(102, "u-label-domain", signed(tags(d=domain)), "pass", "permerror", "s-unknown")
    t.add(102, "u-label-selector", signed(tags(d=domain, s=book)), "pass", "permerror", "s-unknown")
    text = tags(d=domain)
    as_a_label = sign(text.replace(domain.encode("latin-1"), b"xn--bcher-kva.example"), b=lambda b: b"")
    t.broken(102, "u-label-hashed-as-a-label", signed(text, own=canonical_field("relaxed", as_a_label)[:-2]),
             "fail/signature-mismatch", "u-label-domain")
    t.add(102, "u-label-identity", signed(tags(d="xn--bcher-kva.example", i="joe@" + domain)), "pass", "permerror",
          "i-other")
    t.add(102, "a-label-identity", signed(tags(d=domain, i="joe@mail.xn--bcher-kva.example")), "pass", "permerror",
          "i-other")
    t.add(102, "u-label-in-capitals", signed(tags(d="B\u00dcCHER".encode().decode("latin-1") + ".example")),
          "neutral/unsupported-u-label", "pass", "u-label-domain")
    t.add(102, "d-not-utf-8", signed(tags(d="b\xfccher.example")), "neutral/bad-u-label", "permerror", "s-unknown")


def results(t):
    t.add(103, "no-signature", message([]), "none &result=none", "neutral", "v-2")
    t.add(103, "all-malformed", message([sign(tags(v="2")), sign(tags(d=None))]),
          "neutral/unsupported-version permerror/missing-d &result=permerror", "none", "no-signature")
    other = sign().replace(b"h=from:to", b"h=from:cc")
    unknown = sign(tags(s="never"))
    ed = sign(tags(**ED_TAGS), key=ED)
    verdicts = {other: "fail/signature-mismatch", unknown: "permerror/key-not-recorded", ed: "pass"}
    for number, order in enumerate(((other, unknown, ed), (ed, other, unknown), (unknown, ed, other))):
        want = " ".join(verdicts[field] for field in order)
        t.add(104, f"order-{number}", message(list(order)), want + " &result=pass", "fail &result=fail",
              "only-a-forged-one")
    t.add(104, "only-a-forged-one", message(other), "fail/signature-mismatch &result=fail", "pass &result=pass")


def authentication_results(t):
    """The field is text that others parse: no value may end where its sender wants it to."""
    options = "--authentication-results mx.example.org"

    def row(*said, key="authentication_results"):
        return " " + "".join(f"&{key}{text}" for text in said)
    t.again(105, "ar-plain", "plain",
            "pass" + row("~ header.d=example.com header.i=@example.com header.s=rsa header.a=rsa-sha256 header.b="),
            "fail", "ar-forged", options)
    t.again(105, "ar-forged", "forged",
            "fail" + row('~; dkim=fail reason="signature-mismatch" header.d=example.com '), "pass", "ar-plain",
            options)
    t.zone.append(f"rsa._domainkey.bank.example. IN TXT {quoted(RSA.record())}")
    t.add(105, "ar-bank", signed(tags(d="bank.example")), "pass" + row("~ header.d=bank.example header.i"), "fail",
          "ar-forged", options)
    t.add(105, "ar-quotes", signed(tags(i='a" header.d=bank.example "@example.com')),
          "pass" + row('~header.i="a\\" header.d=bank.example \\""@example.com'),
          "pass" + row("~ header.d=bank.example ", "!~\\"), "ar-bank", options)
    t.add(105, "ar-backslash", signed(tags(d="bank.example", s="rsa\\", i="@bank.example")),
          "neutral/bad-selector" + row('~header.s="rsa\\\\" header.a='),
          "pass" + row("!~\\"), "ar-bank", options)
    for name in ("nul", "parenthesis", "blank"):
        shown = {"nul": "exa?mple.com", "parenthesis": "exa(mple.com", "blank": "exa mple.com"}[name]
        t.again(105, "ar-" + name, "d-" + name, "neutral" + row(f'~ header.d="{shown}" header.i='),
                "neutral" + row("~ header.d=sub.example.com "), "ar-unquoted", options)
    t.add(105, "ar-unquoted", signed(tags(v="2", d="sub.example.com")),
          "neutral" + row("~ header.d=sub.example.com "), "pass", "ar-plain", options)
    field = sign()
    value = tag_value(field.partition(b":")[2], b"b")
    other = value[:8] + (b"B" if value[8:9] == b"A" else b"A") + value[9:]
    eight, nine, far = (text.decode() for text in (value[:8], value[:9], value[:7] + b"AA"))
    assert not set(nine) & set("/+=")
    t.add(105, "ar-same-start", message([field, field.replace(value, other)]),
          "pass fail" + row(f"~header.b={nine};"), "pass fail" + row(f"~header.b={eight};"), "ar-other-start",
          options)
    t.add(105, "ar-other-start", message([field, field.replace(value, far.encode() + value[9:])]),
          "pass fail" + row(f"~header.b={eight};"),
          "pass fail" + row(f"~header.b={nine};"), "ar-same-start", options)
    t.held(105, "unit/test_auth_authres_field.c:no_value_leaves_its_place")


def many(t):
    junk = sign(tags(s="never"))
    good = sign()
    for count in (31, 32):
        stack = [junk] * count + [good] + [junk] * (999 - count)
        seen = "permerror/key-not-recorded " * min(count, 32) + ("pass " if count < 32 else "")
        t.add(106, f"signature-{count + 1}-of-1000", message(stack),
              f"{seen}&result={'pass' if count < 32 else 'permerror'}&signatures_skipped=968",
              f"{seen}&signatures_skipped=-", "signature-32-of-32" if count < 32 else "32-signatures")
    t.add(106, "signature-32-of-32", message([junk] * 31 + [good]),
          "permerror/key-not-recorded " * 31 + "pass &signatures_skipped=-",
          "permerror/key-not-recorded " * 32, "32-signatures")
    t.add(106, "32-signatures", message([junk] * 32), "permerror/key-not-recorded " * 32 + "&signatures_skipped=-",
          "none", "no-signature")
    selectors = [sign(tags(s=f"n{i}")) for i in range(129)]
    t.add(106, "129-selectors", message(selectors), "permerror/key-not-recorded " * 32 + "&signatures_skipped=97",
          "permerror/key-not-recorded " * 32 + "&signatures_skipped=-", "32-signatures")
    t.again(106, "129-selectors-3", "129-selectors", "permerror/key-not-recorded " * 3 + "&signatures_skipped=126",
            "permerror/key-not-recorded " * 3 + "&signatures_skipped=97", "129-selectors-of-100",
            "--max-signatures 3")
    t.add(106, "129-selectors-of-100", message(selectors[:100]),
          "permerror/key-not-recorded " * 3 + "&signatures_skipped=97",
          "permerror/key-not-recorded " * 3 + "&signatures_skipped=126", "129-selectors-3", "--max-signatures 3")
    for name, value in (("syntax", "From:a=40b|\r\n  Subject : c=3D|To:"), ("garbage", "|||:=ZZ\\\"(\x01\xff"),
                        ("of-100-kb", "x:=41|" * 17000)):
        t.add(107, "z-" + name, signed(tags(z=value)), "pass", "neutral", "t-word")


def files(t):
    """Messages in an mbox, with other line ends, and cut short."""
    one, quoted = signed(), signed(body=b"Dear reader,\r\n\r\nFrom now on\r\n>From then\r\n")
    rd = re.sub(rb"(?m)^(>*From )", rb">\1", quoted.partition(b"\r\n\r\n")[2])
    rd = quoted.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + rd
    line = b"From author@example.com Tue Nov 14 22:13:20 2023\r\n"
    mbox = line + one + b"\r\n" + line + rd + b"\r\n" + line + one
    t.add(108, "mboxrd", mbox.replace(b"\r\n", b"\n"), "pass | pass | pass", "pass | fail | pass",
          "mboxrd-quoted-twice", suffix=".mbox")
    twice = rd.replace(b"\r\n>", b"\r\n>>")
    t.add(108, "mboxrd-quoted-twice",
          (line + one + b"\r\n" + line + twice + b"\r\n" + line + one).replace(b"\r\n", b"\n"),
          "pass | fail/body-hash-mismatch | pass", "pass | pass | pass", "mboxrd", suffix=".mbox")
    bytes_lf = len(one.replace(b"\r\n", b"\n"))

    def two(first, second):
        return f"pass &bytes={bytes_lf + first} | pass &bytes={bytes_lf + second}"
    for name, own, ignoring in (("mbox-final-line", b"", 1), ("mbox-own-final-line", b"\r\n", 0)):
        control = "mbox-own-final-line" if ignoring else "mbox-final-line"
        t.add(108, name, (line + one + own + b"\r\n" + line + one).replace(b"\r\n", b"\n"),
              two(1 - ignoring, 0), two(ignoring, 0), control, suffix=".mbox")
    t.held(108, "unit/test_mail_mbox.c:mboxes_are_cut_and_unquoted")
    t.held(108, "cli/explain.sh:a line was quoted for an mbox")
    t.add(109, "lf-file", one.replace(b"\r\n", b"\n"), "pass &eol=lf", "fail &eol=lf", "lf-file-forged")
    t.add(109, "lf-file-forged", one.replace(b"\r\n", b"\n").replace(b"figures", b"figure"),
          "fail/body-hash-mismatch &eol=lf", "pass &eol=lf", "lf-file")
    t.add(109, "lf-file-simple", signed(tags(c="simple/simple")).replace(b"\r\n", b"\n"), "pass &eol=lf",
          "fail &eol=lf", "lf-file-forged")
    t.add(109, "mixed-file", one.replace(b"\r\n", b"\n", 3), "pass &eol=mixed", "pass &eol=crlf")
    t.broken(110, "body-cut", one[:-20], "fail/body-hash-mismatch,signature=ok")
    t.broken(110, "header-only", one.partition(b"\r\n\r\n")[0] + b"\r\n", "fail/body-hash-mismatch,signature=ok")
    t.broken(110, "header-only-cut", one.partition(b"\r\nDate")[0], "fail/body-hash-mismatch,signature=bad")


def signer(t):
    t.held(111, "unit/test_sign_roundtrip.c:every_form_verifies_and_no_changed_one_does")
    for test in ("checklist.sh:the signer keeps its own lines at 78 columns",
                 "checklist.sh:an Ed25519 signature beside an RSA one passes"):
        t.held(111, "cli/" + test)
    for test in ("checklist.sh:a message with no From is refused", "checklist.sh:a message with two From is refused",
                 "checklist.sh:a bare LF is refused where that is asked for",
                 "checklist.sh:--headers without From is refused",
                 "checklist.sh:two runs at one time give the same bytes",
                 "checklist.sh:a CR alone is kept and signed"):
        t.held(112, "cli/" + test)


def add(t):
    u_labels(t)
    results(t)
    authentication_results(t)
    many(t)
    files(t)
    signer(t)
