# checklist_tags.py - vectors for lines 1 to 21: the tag list, its required tags, names of domains.
# SPDX-License-Identifier: Apache-2.0
import base64

from checklist_base import BODY, FIELDS, NOW, RSA, message, sign, signed, tags
from dkim_writer import canonical_body, canonical_field

PLAIN_BODY = canonical_body("relaxed", BODY)


def tag_list(t):
    t.add(0, "plain", signed(), "pass", "fail", "forged")
    t.add(0, "forged", signed().replace(b"quarterly", b"weekly"), "fail/signature-mismatch", "pass")
    t.add(1, "trailing-semicolon", signed(tags() + b";"), "pass", "neutral", "double-semicolon-at-end")
    t.broken(2, "double-semicolon", signed(tags().replace(b"; a=", b";; a=")), "neutral/bad-tag-list")
    t.broken(2, "blank-tag", signed(tags().replace(b"; a=", b"; ; a=")), "neutral/bad-tag-list")
    t.broken(2, "double-semicolon-at-end", signed(tags() + b";;"), "neutral/bad-tag-list", "trailing-semicolon")
    double = tags().replace(b"d=example.com", b"d=example.com; d=example.com")
    t.broken(3, "double-d", signed(double), "neutral/bad-tag-list")
    t.broken(3, "double-d-last-wins", signed(double.replace(b"d=example.com", b"d=example.org", 1)),
             "neutral/bad-tag-list")
    t.broken(3, "double-d-first-wins", signed(double.replace(b"; d=example.com; s", b"; d=example.org; s")),
             "neutral/bad-tag-list")
    t.broken(3, "double-bh", signed(tags().replace(b"bh=", b"bh=AAAA; bh=")), "neutral/bad-tag-list")
    t.broken(3, "double-unknown", signed(tags(foo="1").replace(b"foo=1", b"foo=1; foo=2")), "neutral/bad-tag-list")
    for name in "dh":
        upper = tags().replace(b"; %c=" % ord(name), b"; %c=" % ord(name.upper()))
        text = signed(upper, covered=b"".join(canonical_field("relaxed", field) for field in FIELDS))
        t.broken(4, "upper-case-" + name, text, "permerror/missing-" + name)
    unknown = signed(tags(foo="bar"))
    without = sign(tags(foo="bar"), own=canonical_field("relaxed", sign(tags(), b=lambda b: b""))[:-2])
    t.twins(5, "unknown-tag", unknown, message(without))
    blanks = (b"v = 1 ;\r\n a\t=\r\n rsa-sha256 ; c = relaxed/relaxed ;d=\texample.com; s= rsa ;"
              b" h = from\r\n : to : subject:date ; bh = {bh} ;\r\n b\r\n =\r\n {b} ")
    inside = sign(blanks, b=lambda b: b[:60] + b"\r\n\t" + b[60:130] + b" \t " + b[130:],
                  bh=lambda bh: bh[:9] + b"\r\n " + bh[9:])
    t.add(6, "blanks-everywhere", message(inside), "pass", "neutral", "blank-in-word")
    t.broken(6, "blank-in-word", signed(tags(a="rsa- sha256")), "neutral/unsupported-algorithm")


def required(t):
    t.broken(7, "empty-s", signed(tags(s="")), "permerror/missing-s")
    for name, value, reason in (("c", "", "unsupported-canonicalization"), ("l", "", "bad-body-length"),
                                ("t", "", "bad-timestamp"), ("x", "", "bad-expiration"),
                                ("i", "", "bad-identity"), ("q", "", "unsupported-query-method")):
        how = {"header_canon": "simple", "body_canon": "simple"} if name == "c" else {}
        t.broken(7, "empty-" + name, signed(tags(**{name: value}), **how), "neutral/" + reason,
                 "c-absent" if name == "c" else "plain")
    canon = {"header_canon": "relaxed", "body_canon": "relaxed"}
    for name in ("v", "a", "d", "h", "bh", "s"):
        covered = b"".join(canonical_field("relaxed", field) for field in FIELDS)
        t.broken(8, "missing-" + name, signed(tags(**{name: None}), covered=covered, **canon),
                 "permerror/missing-" + name)
    t.broken(8, "missing-b", signed(tags(b=None)), "permerror/missing-b")
    t.broken(9, "v-2", signed(tags(v="2")), "neutral/unsupported-version")
    t.broken(9, "v-0.5", signed(tags(v="0.5")), "neutral/unsupported-version")
    t.add(9, "v-in-the-middle", signed(tags().replace(b"v=1; ", b"").replace(b"; s=", b"; v=1; s=")), "pass",
          "neutral", "v-2")
    t.broken(10, "a-rsa-sha512", signed(tags(a="rsa-sha512")), "neutral/unsupported-algorithm")
    t.broken(10, "a-unknown", signed(tags(a="foo-bar")), "neutral/unsupported-algorithm")
    t.broken(10, "a-upper-case", signed(tags(a="RSA-SHA256")), "neutral/unsupported-algorithm")
    t.add(10, "a-unknown-and-another", message([sign(tags(a="foo-bar")), sign()]),
          "neutral/unsupported-algorithm pass", "neutral", "a-unknown")
    loose = BODY.replace(b"\r\n", b" \r\n")
    t.twins(11, "c-header-alone", signed(tags(c="relaxed"), body=loose),
            signed(tags(c="relaxed"), body=loose, body_canon="relaxed"), "body-hash-mismatch")
    t.twins(11, "c-absent", signed(tags(c=None)), signed(tags(c=None), header_canon="relaxed"))
    for value in ("relaxed/nowsp", "nowsp/simple", "Relaxed/Relaxed", "relaxed/relaxed/relaxed"):
        canon = {"header_canon": "simple" if value.startswith("nowsp") else "relaxed",
                 "body_canon": "relaxed" if value.lower().endswith("relaxed") else "simple"}
        t.broken(11, "c-" + value.replace("/", "-"), signed(tags(c=value), **canon),
                 "neutral/unsupported-canonicalization")
    t.add(12, "q-list", signed(tags(q="dns/txt:foo")), "pass", "neutral", "q-foo")
    t.broken(12, "q-foo", signed(tags(q="foo")), "neutral/unsupported-query-method")
    t.add(12, "q-list-second", signed(tags(q="foo : dns/txt")), "pass", "neutral", "q-foo")
    t.add(12, "q-blanks", signed(tags(q="\r\n dns/txt ")), "pass", "neutral", "q-foo")


def values(t):
    t.broken(13, "b-illegal-byte", message(sign(b=lambda b: b[:50] + b"!" + b[50:])), "neutral/bad-signature-base64")
    t.broken(13, "b-one-more", message(sign(b=lambda b: b + b"A")), "neutral/bad-signature-base64")
    t.broken(13, "bh-illegal-byte", message(sign(bh=lambda bh: bh[:9] + b"*" + bh[9:])),
             "neutral/bad-body-hash-base64")
    t.add(13, "b-with-blanks", message(sign(b=lambda b: b[:50] + b" \t " + b[50:])), "pass", "neutral",
          "b-illegal-byte")
    for size in (20, 31, 33, 64):
        def resized(bh, size=size):
            return base64.b64encode((base64.b64decode(bh) + bytes(40))[:size])
        t.broken(14, f"bh-of-{size}-octets", message(sign(bh=resized)), "fail/body-hash-mismatch")
    whole = len(PLAIN_BODY)
    for name, value in (("word", "all"), ("negative", "-1"), ("plus", f"+{whole}"), ("hex", hex(whole)),
                        ("77-digits", f"{whole:077}"), ("blank", f"{whole // 10} {whole % 10}")):
        t.broken(15, "l-" + name, signed(tags(l=value)), "neutral/bad-body-length")
    t.add(15, "l-76-digits", signed(tags(l=f"{whole:076}")), "pass", "neutral", "l-77-digits")
    for bits in (32, 64):
        t.broken(15, f"l-wraps-{bits}", signed(tags(l=str(2**bits + whole))), "permerror/body-shorter-than-length")
    t.broken(15, "l-10^75", signed(tags(l=str(10**75))), "permerror/body-shorter-than-length")
    for name in "tx":
        reason = "neutral/bad-timestamp" if name == "t" else "neutral/bad-expiration"
        for label, value in (("word", "soon"), ("negative", "-1"), ("13-digits", "9999999999999"),
                             ("wraps-64", str(2**64 + NOW + 100))):
            t.broken(16, f"{name}-{label}", signed(tags(**{name: value})), reason)
        t.add(16, name + "-12-digits", signed(tags(**{name: "999999999999"})), "pass", "neutral", name + "-13-digits")
    t.add(16, "x-past-32-bits", signed(tags(x=str(2**32 + 1))), "pass", "policy", "x-passed")
    t.broken(17, "x-before-t", signed(tags(t=str(NOW), x=str(NOW - 1)), ), "permerror/expires-before-signed")
    t.broken(17, "x-is-t", signed(tags(t=str(NOW + 9), x=str(NOW + 9))), "permerror/expires-before-signed",
             "x-after-t")
    t.add(17, "x-after-t", signed(tags(t=str(NOW + 9), x=str(NOW + 10))), "pass", "permerror", "x-is-t")


def names(t):
    for label, domain in (("nul", "exa\0mple.com"), ("blank", "exa mple.com"), ("parenthesis", "exa(mple.com"),
                          ("slash", "exa/mple.com"), ("two-dots", "example..com"), ("leading-dot", ".example.com"),
                          ("trailing-dot", "example.com."), ("at", "a@example.com")):
        t.add(18, "d-" + label, signed(tags(d=domain)), "neutral/bad-domain", "permerror/key-not-recorded",
              "d-unknown")
    t.add(18, "d-unknown", signed(tags(d="sub.example.com")), "permerror/key-not-recorded", "neutral", "d-blank")
    t.held(18, "cli/live_dns.sh:what is no name is not asked")
    t.key("a.b", RSA.record())
    t.key("x" * 63, RSA.record())
    t.add(19, "s-with-dot", signed(tags(s="a.b")), "pass", "neutral", "s-empty-label")
    t.add(19, "s-empty-label", signed(tags(s="a..b")), "neutral/bad-selector", "permerror/key-not-recorded",
          "s-unknown")
    t.add(19, "s-label-of-63", signed(tags(s="x" * 63)), "pass", "neutral", "s-label-of-64")
    t.add(19, "s-label-of-64", signed(tags(s="x" * 64)), "neutral/bad-selector", "permerror/key-not-recorded",
          "s-unknown")
    long = ".".join(["y" * 60] * 4)
    t.add(19, "s-too-long", signed(tags(s=long)), "neutral/bad-selector", "permerror/key-not-recorded", "s-unknown")
    t.add(19, "s-unknown", signed(tags(s="never")), "permerror/key-not-recorded", "pass", "s-with-dot")
    t.add(20, "name-in-other-case", signed(name=b"dkim-SIGNATURE: "), "pass", "none", "x-dkim-signature")
    t.add(20, "name-with-blank", signed(name=b"DKIM-Signature : "), "pass", "none", "x-dkim-signature")
    encoded = b"=?utf-8?B?" + base64.b64encode(sign().partition(b": ")[2].strip()) + b"?="
    t.broken(20, "encoded-word", message(b"DKIM-Signature: " + encoded + b"\r\n"), "neutral/bad-tag-list")
    t.broken(21, "x-dkim-signature", signed(name=b"X-DKIM-Signature: "), "none")
    t.broken(21, "named-in-a-subject", signed(name=b"Subject: DKIM-Signature: "), "none")


def add(t):
    tag_list(t)
    required(t)
    values(t)
    names(t)
