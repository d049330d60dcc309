# checklist_keys.py - vectors for lines 75 to 101: identity, time, algorithms, key records.
# SPDX-License-Identifier: Apache-2.0
import base64
import hashlib
import random

from checklist_base import ED, ED_TAGS, NOW, RSA, message, rsa, sign, signed, tags
from dkim_writer import DIGEST_INFO, Rsa, der, der_integer


def identity(t):
    t.key("no-subdomains", RSA.record("v=DKIM1; t=s; "))
    t.add(75, "i-absent", signed(tags(s="no-subdomains")), "pass,auid=@example.com", "permerror", "t-s-below")
    t.add(75, "i-below", signed(tags(i="@sub.example.com")), "pass", "permerror", "i-other")
    t.broken(75, "i-other", signed(tags(i="x@other.org")), "permerror/identity-outside-domain")
    t.broken(75, "i-suffix", signed(tags(i="@fexample.com")), "permerror/identity-outside-domain")
    t.broken(75, "i-above", signed(tags(d="sub.example.com", i="@example.com", s="rsa")),
             "permerror/identity-outside-domain", "i-below")
    t.broken(75, "i-without-at", signed(tags(i="example.com")), "neutral/bad-identity")
    t.add(76, "i-case", signed(tags(i="joe@Sub.EXAMPLE.com")), "pass", "permerror", "i-other")
    t.add(76, "i-local-qp", signed(tags(i="first=3D=3Blast@example.com")), "pass", "neutral", "i-without-at")
    t.add(76, "i-domain-qp", signed(tags(i="joe@ex=61mple.com")), "pass", "permerror", "i-other")
    t.add(76, "i-at-qp", signed(tags(i="joe=40other.org")), "permerror/identity-outside-domain", "neutral",
          "i-without-at")


def times(t):
    text = tags(t=str(NOW - 10), x=str(NOW - 1))
    t.broken(77, "x-passed", signed(text), "policy/expired", "x-in-time")
    t.again(77, "x-in-time", "x-passed", "pass", "policy", "x-passed", f"--now {NOW - 5}")
    t.add(77, "x-passed-and-forged", signed(text).replace(b"quarterly", b"weekly"), "policy/expired,signature=bad",
          "policy,signature=ok", "x-passed")
    for name, second, verdict, ignoring in (("in-time", 18, "pass", "policy"), ("too-late", 22, "policy/expired", "pass")):
        received = f"Received: from a.example.com by b.example.org; Tue, 14 Nov 2023 22:13:{second:02} +0000\r\n"
        data = received.encode() + signed(tags(t=str(NOW - 10), x=str(NOW - 1)) if second < 20 else
                                          tags(t=str(NOW - 10), x=str(NOW + 1)))
        t.add(77, "received-" + name, data, verdict, ignoring, "x-passed" if ignoring == "policy" else "plain",
              "--time-from received")
    t.add(78, "t-to-come", signed(tags(t=str(NOW + 10**6))), "pass,signed_at=1701000000", "neutral", "t-word")


def algorithms(t):
    t.broken(79, "rsa-sha1", signed(tags(a="rsa-sha1"), hash_name="sha1"), "permerror/historic-algorithm",
             "rsa-sha1-legacy")
    t.again(79, "rsa-sha1-legacy", "rsa-sha1", "pass", "permerror", "rsa-sha1", "--policy legacy")
    for bits in (512, 768, 1023):
        name = f"rsa-{bits}"
        t.key(name, rsa(f"rsa{bits}").record())
        t.broken(80, name, signed(tags(s=name), key=rsa(f"rsa{bits}")), "permerror/key-too-short", name + "-legacy")
        t.again(80, name + "-legacy", name, f"pass,key_bits={bits}", "permerror", name, "--policy legacy")
    for bits in (1024, 4096):
        t.key(f"rsa-{bits}", rsa(f"rsa{bits}").record())
        t.add(80, f"rsa-{bits}", signed(tags(s=f"rsa-{bits}"), key=rsa(f"rsa{bits}")), f"pass,key_bits={bits}",
              "permerror", "rsa-8200")
    t.again(80, "rsa-2048", "plain", "pass,key_bits=2048", "permerror", "rsa-8200")
    huge = Rsa(primes_of(8200, 16), 65537)
    t.key("rsa-8200", huge.record())
    t.broken(80, "rsa-8200", signed(tags(s="rsa-8200"), key=huge), "permerror/key-too-long", "rsa-4096")
    small = rsa("rsa1024")
    t.broken(81, "zero-octet-before",
             message(sign(sign=None, b=lambda b: base64.b64encode(b"\0" + base64.b64decode(b)))),
             "fail/signature-mismatch")
    t.broken(81, "zero-octet-taken-off",
             signed_where(small, lambda octets: octets[0] == 0, lambda octets: octets[1:]), "fail/signature-mismatch")

    def plus_modulus(octets):
        return (int.from_bytes(octets, "big") + small.n).to_bytes(small.size, "big")
    t.broken(81, "at-least-the-modulus",
             signed_where(small, lambda octets: int.from_bytes(octets, "big") + small.n < 1 << 1024, plus_modulus),
             "fail/signature-mismatch")


def primes_of(bits, count):
    """Primes for a modulus of so many bits; always the same ones."""
    draw, size = random.Random(8301), bits // count + 1
    found = []
    while len(found) < count:
        candidate = draw.getrandbits(size) | 1 | 3 << (size - 2)
        if candidate % 65537 != 1 and candidate not in found and all(
                pow(base, candidate - 1, candidate) == 1 for base in (2, 3, 5, 7)):
            found.append(candidate)
    return found


def signed_where(key, holds, change):
    """A message whose signature octets have a property, then changed."""
    for attempt in range(10000):
        octets = []

        def keep(data):
            octets.append(key.sign(hashlib.sha256(data).digest()))
            return octets[0]
        text = tags(s="rsa-1024", t=str(NOW - attempt))
        field = sign(text, key=key, sign=keep)
        if holds(octets[0]):
            return message(sign(text, key=key, b=lambda b: base64.b64encode(change(base64.b64decode(b)))))
    raise AssertionError("no such signature")


def blocks(t):
    """PKCS #1 v1.5 blocks that only a careless comparison accepts, under e = 3 and e = 65537."""
    t.key("rsa-e3", rsa("rsa1024_e3").record())
    for key, selector in ((rsa("rsa1024_e3"), "rsa-e3"), (rsa("rsa1024"), "rsa-1024")):
        info = DIGEST_INFO["sha256"]

        def padded(tail, fill=b"\xff", head=b"\0\1", room=0, key=key):
            return head + fill * (key.size - 3 - len(tail) - room) + b"\0" + tail
        forms = {
            "garbage-behind": lambda d, padded=padded: padded(info + d, room=40) + b"\xaa" * 40,
            "garbage-in-parameters": lambda d,
                 padded=padded: padded(der(0x30, der(0x30, info[4:15] + der(5, b"\xaa" * 20)) + der(4, d))),
            "info-of-another-hash": lambda d, padded=padded: padded(DIGEST_INFO["sha1"] + d),
            "no-info": lambda d, padded=padded: padded(d),
            "other-fill": lambda d, padded=padded: padded(info + d, b"\xfe"),
            "type-2": lambda d, padded=padded: padded(info + d, head=b"\0\2"),
        }
        if selector == "rsa-e3":
            t.add(82, selector, signed(tags(s=selector), key=key), "pass", "fail", selector + "-no-info")
        for name, form in forms.items():
            def forge(data, form=form, key=key):
                return key.raw(form(hashlib.sha256(data).digest()))
            t.broken(82, f"{selector}-{name}", signed(tags(s=selector), key=key, sign=forge),
                     "fail/signature-mismatch", selector)


def alone(t):
    """RSA is checked in one way where several keys are at hand, in another where there is one
    message, in a third by OpenSSL: each must hold lines 81 and 82. --max-signatures is but a way to
    give a vector a run of its own."""
    vectors = [row for row in t.rows if row[0] in ("81", "82")]
    for number, (line, name, _, _, expect, ignoring, _) in enumerate(vectors):
        control = "plain" if ignoring == "pass" else "forged"
        t.again(line, name + "-alone", name, expect, ignoring, control, f"--max-signatures {100 + number}")
        t.again(line, name + "-openssl", name, expect, ignoring, control, "--crypto openssl")


def odd_keys(t):
    def key(line, name, record, how=None, expect="permerror/key-bad-data", text=None):
        t.key(name, record)
        t.broken(line, name, signed(tags(s=name, **(text or {})), key=how or RSA), expect)

    even = Rsa([2] + rsa("rsa1024").primes, 65537)
    key(83, "even-modulus", even.record(), even)
    one = Rsa(RSA.primes, 1)
    key(83, "exponent-1", one.record(), one)
    data = RSA.spki()
    key(83, "der-cut", "v=DKIM1; p=" + base64.b64encode(data[:-5]).decode())
    key(83, "der-and-more", "v=DKIM1; p=" + base64.b64encode(data + b"\0\0").decode())
    zero = der(0x30, bytes.fromhex("300d06092a864886f70d0101010500") + der(3,
                                                                           b"\0" + der(0x30, der(2,
                                                                                                 b"\0") + der_integer(65537))))
    t.key("zero-modulus", "v=DKIM1; p=" + base64.b64encode(zero).decode())
    t.add(83, "zero-modulus", signed(tags(s="zero-modulus")), "permerror/key-bad-data", "fail", "forged")
    t.twins(84, "ed25519", signed(tags(**ED_TAGS), key=ED), signed(tags(**ED_TAGS), sign=ED.sign))
    octets = ED.octets()
    prefix = bytes.fromhex("302a300506032b6570032100")
    for name, data in (("31", octets[:31]), ("33", octets + b"\0"), ("spki", prefix + octets)):
        key(85, "ed25519-" + name, "v=DKIM1; k=ed25519; p=" + base64.b64encode(data).decode(), ED,
            text={"a": "ed25519-sha256"})
    for name, change in (("63", lambda b: b[:-1]), ("65", lambda b: b + b"\0")):
        field = sign(tags(**ED_TAGS), key=ED, b=lambda b,
                     change=change: base64.b64encode(change(base64.b64decode(b))))
        t.broken(85, f"ed25519-b-of-{name}", message(field), "fail/signature-mismatch", "ed25519")
    key(86, "k-ed25519-with-rsa-key", RSA.record("v=DKIM1; k=ed25519; "))
    key(86, "k-rsa-with-ed25519-key", ED.record("v=DKIM1; k=rsa; "), ED, text={"a": "ed25519-sha256"})
    t.add(86, "rsa-with-ed25519-record", signed(tags(s="ed")), "permerror/key-type-mismatch", "fail", "forged")
    t.add(86, "ed25519-with-rsa-record", signed(tags(a="ed25519-sha256"), key=ED), "permerror/key-type-mismatch",
          "fail", "forged")
    broken = sign().replace(b"h=from:to", b"h=from:cc")
    dual = [broken, sign(tags(**ED_TAGS), key=ED)]
    t.add(87, "one-of-two-broken", message(dual), "fail/signature-mismatch pass &result=pass", "fail &result=fail",
          "only-a-forged-one")
    t.add(87, "both-broken", message([broken, dual[1].replace(b"h=from:to", b"h=from:cc")]),
          "fail/signature-mismatch fail/signature-mismatch &result=fail", "fail pass &result=pass",
          "one-of-two-broken")


def answers(t):
    for status, verdict in (("NXDOMAIN", "permerror/no-key"), ("NODATA", "permerror/no-key"),
                            ("SERVFAIL", "temperror/dns-servfail"), ("TIMEOUT", "temperror/dns-timeout")):
        selector = "answer-" + status.lower()
        t.answer(selector, status)
        perm = verdict.startswith("perm")
        t.add(88, selector, signed(tags(s=selector)), verdict, "temperror" if perm else "permerror",
              "answer-servfail" if perm else "answer-nxdomain")


def live(t):
    """The same of answers that come from a name server."""
    for line, test in ((88, "no such name"), (88, "a name without TXT"), (88, "SERVFAIL"),
                       (88, "200 names time out together"), (96, "its strings are joined"),
                       (97, "several records"), (99, "a chain of CNAMEs"), (99, "a loop of CNAMEs")):
        t.held(line, "cli/live_dns.sh:" + test)


def records(t):
    data = RSA.record("")

    def record(line, name, text, expect, ignored="pass", control="plain", **changes):
        t.key(name, *(text if isinstance(text, tuple) else (text,)))
        t.add(line, name, signed(tags(s=name, **changes)), expect, ignored, control)

    record(89, "p-empty", "v=DKIM1; p=", "permerror/key-revoked", "permerror/key-without-p", "p-missing")
    record(89, "p-missing", "v=DKIM1; k=rsa", "permerror/key-without-p", "permerror/key-revoked", "p-empty")
    record(90, "key-v-absent", data, "pass", "permerror", "key-v-late")
    record(90, "key-v-late", data + "; v=DKIM1", "permerror/key-bad-version")
    record(90, "key-v-1.0", "v=DKIM1.0; " + data, "permerror/key-bad-version")
    record(90, "key-v-lower-case", "v=dkim1; " + data, "permerror/key-bad-version")
    record(91, "k-absent", "v=DKIM1; " + data, "pass", "permerror", "k-foo")
    record(91, "k-foo", "v=DKIM1; k=foo; " + data, "permerror/key-type-mismatch")
    record(92, "key-h-sha1", "v=DKIM1; h=sha1; " + data, "permerror/key-hash-not-allowed")
    record(92, "key-h-list", "v=DKIM1; h=foo : sha256; " + data, "pass", "permerror", "key-h-foo")
    record(92, "key-h-foo", "v=DKIM1; h=foo; " + data, "permerror/key-hash-not-allowed")
    record(93, "key-s-any", "v=DKIM1; s=*; " + data, "pass", "permerror", "key-s-tlsrpt")
    record(93, "key-s-list", "v=DKIM1; s=other : email; " + data, "pass", "permerror", "key-s-tlsrpt")
    record(93, "key-s-tlsrpt", "v=DKIM1; s=tlsrpt; " + data, "permerror/key-not-for-email")
    t.broken(94, "t-s-below", signed(tags(s="no-subdomains", i="@sub.example.com")), "permerror/key-no-subdomains",
             "i-below")
    t.add(94, "t-s-equal", signed(tags(s="no-subdomains", i="joe@Example.com")), "pass", "permerror", "t-s-below")
    record(94, "t-s-y", "v=DKIM1; t=s:y; " + data, "permerror/key-no-subdomains,testing=true", "pass", "i-below",
           i="@sub.example.com")
    record(94, "t-unknown", "v=DKIM1; t=foo:bar; " + data, "pass", "permerror", "t-s-below", i="@sub.example.com")
    record(95, "t-y", "v=DKIM1; t=y; " + data, "pass,testing=true", "pass,testing=false")
    t.add(95, "t-y-forged", signed(tags(s="t-y")).replace(b"quarterly", b"weekly"),
          "fail/signature-mismatch,testing=true", "fail,testing=false", "forged")
    blanks = "v=DKIM1; p=" + " ".join(data[2:][i:i + 50] for i in range(0, len(data), 50))
    record(96, "p-with-blanks", blanks, "pass", "permerror", "p-with-junk")
    whole = "v=DKIM1; " + data
    record(96, "several-strings", [whole[:3], whole[3:100], whole[100:101], whole[101:300], whole[300:]], "pass",
           "permerror", "p-with-junk")
    record(96, "strings-without-blank", ["v=DKIM1; " + data + "; t=", "s"], "permerror/key-no-subdomains", "pass",
           "i-below", i="@sub.example.com")
    spf, other = "v=spf1 -all", rsa("rsa4096").record()
    for name, pair in (("spf-first", (spf, whole)), ("spf-last", (whole, spf)),
                       ("other-key-first", (other, whole)), ("other-key-last", (whole, other))):
        record(97, name, pair, "pass", "fail" if "key" in name else "permerror",
               "two-others" if "key" in name else "spf-alone")
    record(97, "spf-alone", spf, "permerror/key-bad-version", "pass", "spf-first")
    record(97, "two-others", (other, rsa("rsa1024").record()), "fail/signature-mismatch", "pass", "other-key-last")


def more_records(t):
    whole = RSA.record("v=DKIM1; ")
    for name, text, reason in (("quotes", f'"{whole}"', "key-bad-tag-list"),
                               ("backslash", whole.replace(";", "\\;"), "key-bad-version"),
                               ("junk-behind", whole + "; junk", "key-bad-tag-list"),
                               ("p-with-junk", whole + "!", "key-bad-base64"),
                               ("double-p", whole + "; p=", "key-bad-tag-list"),
                               ("no-semicolon", whole.replace("; p", " p"), "key-bad-version")):
        t.key(name, text)
        t.broken(98, name, signed(tags(s=name)), "permerror/" + reason)
    t.held(98, "unit/test_dkim_key_record.c:key_record_names_the_first_fault_and_its_place")
    t.alias("alias", "alias2")
    t.alias("alias2", "rsa")
    t.add(99, "alias", signed(tags(s="alias")), "pass", "permerror", "s-unknown")
    t.alias("loop", "loop2")
    t.alias("loop2", "loop")
    t.broken(99, "loop", signed(tags(s="loop")), "temperror/dns-servfail")
    t.key("key-g", RSA.record("v=DKIM1; g=nobody; "))
    t.add(100, "key-g", signed(tags(s="key-g")), "pass", "permerror", "p-empty")
    t.again(100, "key-g-legacy", "key-g", "pass", "permerror", "p-empty", "--policy legacy")
    t.key("pkcs1", "v=DKIM1; p=" + base64.b64encode(RSA.pkcs1()).decode())
    t.add(101, "pkcs1", signed(tags(s="pkcs1")), "pass", "permerror", "der-cut")


def add(t):
    identity(t)
    times(t)
    algorithms(t)
    blocks(t)
    alone(t)
    odd_keys(t)
    answers(t)
    live(t)
    records(t)
    more_records(t)
