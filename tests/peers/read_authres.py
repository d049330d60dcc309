#!/usr/bin/python3
# read_authres.py - Authentication-Results fields read by the grammar of RFC 8601, compared with the rows they tell of.
# SPDX-License-Identifier: Apache-2.0
#
#   read_authres.py rows ID < ROWS         the field of each verdict row says what its signatures say
#   read_authres.py top ID ROWS FILE...    the top field of each file is that of the row with its base name
#   read_authres.py authres ID < ROWS      what python3-authres reads is what we read, but for its limits:
#                                          it loses quoted values that are not last, undoes no escapes, and
#                                          takes ASCII only
#
# Prints what is wrong, a line each, and at last how many fields were read. Knows nothing of mailmill's code.
import json
import os
import re
import sys

VALUE_MAX = 320
RESULTS = "none pass fail policy neutral temperror permerror".split()
TSPECIALS = b'()<>@,;:\\"/[]?='
FWS = re.compile(rb"(?:[ \t]*\r?\n)?[ \t]+")
KEYWORD = re.compile(rb"[A-Za-z0-9-]*[A-Za-z0-9]")
TOKEN = re.compile(rb"[^\x00- \x7f-\xff" + re.escape(TSPECIALS) + rb"]+")
ATOM = rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
DOT_ATOM = re.compile(ATOM + rb"(?:\." + ATOM + rb")*")
LABEL = rb"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
DOMAIN = re.compile(LABEL + rb"(?:\." + LABEL + rb")+")
# RFC 5322 qtext, and RFC 6532: any valid UTF-8 that is no control. Checked below character by character.


class Bad(Exception):
    pass


class Reader:
    """The payload of one field; every method takes one construct of the grammar or raises Bad."""

    def __init__(self, text):
        self.text, self.at = text, 0

    def fail(self, wanted):
        raise Bad(f"{wanted} wanted at {self.text[self.at:self.at + 40]!r}")

    def peek(self):
        return self.text[self.at : self.at + 1]

    def match(self, pattern, wanted):
        m = pattern.match(self.text, self.at)
        if not m or not m.group():
            self.fail(wanted)
        self.at = m.end()
        return m.group()

    def literal(self, byte):
        if self.peek() != byte:
            self.fail(byte)
        self.at += 1

    def comment(self):
        self.literal(b"(")
        while self.peek() != b")":
            if self.peek() == b"(":
                self.comment()
            elif self.peek() == b"\\":
                self.at += 2
            elif self.peek() and (b" " <= self.peek() <= b"~" or FWS.match(self.text, self.at)):
                self.at += 1
            else:
                self.fail("comment")
        self.at += 1

    def cfws(self):
        start = self.at
        while True:
            m = FWS.match(self.text, self.at)
            if m and m.group():
                self.at = m.end()
            elif self.peek() == b"(":
                self.comment()
            else:
                return self.at > start

    def quoted(self):
        self.literal(b'"')
        value = bytearray()
        while self.peek() != b'"':
            if self.peek() == b"\\":
                self.at += 1
                if not self.peek() or not (b" " <= self.peek() <= b"~" or self.peek() == b"\t"):
                    self.fail("quoted-pair")
            if not self.peek() or self.peek() < b" " or self.peek() == b"\x7f":
                self.fail("qtext")
            value += self.peek()
            self.at += 1
        self.at += 1
        if any(0x80 <= ord(c) < 0xA0 for c in value.decode("utf-8")):
            self.fail("no control")
        return bytes(value)

    def value(self):
        return self.quoted() if self.peek() == b'"' else self.match(TOKEN, "value")

    def pvalue(self):
        """value / [ [ local-part ] "@" ] domain-name; the longest of them."""
        start = self.at
        try:
            local = b""
            if self.peek() == b'"':
                local = self.quoted()
            elif self.peek() != b"@":
                local = self.match(DOT_ATOM, "local part")
            self.literal(b"@")
            return local + b"@" + self.match(DOMAIN, "domain")
        except Bad:
            self.at = start
        return self.value()

    def keyword(self, wanted):
        return self.match(KEYWORD, wanted).decode("ascii").lower()

    def version(self):
        """[ CFWS 1*DIGIT ] before what follows; 1 is the only one there is."""
        start = self.at
        self.cfws()
        m = re.compile(rb"[0-9]+").match(self.text, self.at)
        if not m:
            self.at = start
        elif m.group() != b"1":
            self.fail("version 1")
        else:
            self.at = m.end()

    def resinfo(self):
        """method, result, reason, properties; the semicolon is behind us."""
        self.cfws()
        method = self.keyword("method")
        if self.peek() == b"/":
            self.at += 1
            self.version()
        self.cfws()
        self.literal(b"=")
        self.cfws()
        info = {"method": method, "result": self.keyword("result"), "reason": None, "properties": []}
        while True:
            apart = self.cfws()
            if self.peek() in (b"", b";"):
                return info
            if not apart:
                self.fail("a blank")
            name = self.keyword("reason or ptype")
            self.cfws()
            if name == "reason" and self.peek() == b"=":
                if info["reason"] is not None or info["properties"]:
                    self.fail("one reason, before the properties")
                self.at += 1
                self.cfws()
                info["reason"] = self.value()
                continue
            self.literal(b".")
            self.cfws()
            name += "." + self.keyword("property")
            self.cfws()
            self.literal(b"=")
            self.cfws()
            info["properties"].append((name, self.pvalue()))

    def payload(self):
        self.cfws()
        authserv_id = self.value()
        self.version()
        self.cfws()
        infos = []
        while self.at < len(self.text):
            self.literal(b";")
            infos.append(self.resinfo())
        if not infos:
            self.fail("a result")
        return authserv_id, infos


def read(field):
    """The field with its name, folded or not, without its last line end."""
    name, colon, payload = field.partition(b":")
    if name.lower() != b"authentication-results" or not colon:
        raise Bad("another field")
    for line in payload.replace(b"\r\n", b"\n").split(b"\n")[1:]:
        if not line.strip():
            raise Bad("a line of blanks only")
    return Reader(payload).payload()


# ---- what the field must say ----


def row_of(line):
    """A row; its bytes that are no UTF-8 become what surrogateescape makes of them."""
    line = re.sub(
        rb"\\\\|\\u00([89a-f][0-9a-f])",
        lambda m: b"\\udc" + m.group(1) if m.group(1) else m.group(),
        line,
    )
    return json.loads(line)


def as_bytes(text):
    return text.encode("utf-8", "surrogateescape")


def writable(text):
    """What a quoted string can hold of a value; None where it is left out."""
    if not text or len(as_bytes(text)) > VALUE_MAX:
        return None
    shown = ""
    for c in as_bytes(text).decode("utf-8", "surrogateescape"):
        control = c < " " or "\x7f" <= c < "\xa0" or 0xD800 <= ord(c) < 0xE000
        deceptive = c in "\u061c\u200e\u200f" or "\u2028" <= c <= "\u202e" or "\u2066" <= c <= "\u2069"
        shown += "?" if control or deceptive else c
    return shown.encode("utf-8")


def wanted(signature):
    auid = signature["auid"]
    values = [
        ("header.d", writable(signature["domain"])),
        ("header.i", writable(auid)),
        ("header.s", writable(signature["selector"])),
        ("header.a", writable(signature["algorithm"])),
    ]
    return [(name, value) for name, value in values if value is not None]


def faults(row, authserv_id, read_id, infos):
    signatures = row["signatures"]
    if read_id.lower() != authserv_id.lower():
        yield f"authserv-id {read_id!r}"
    if not signatures:
        if infos != [{"method": "dkim", "result": "none", "reason": None, "properties": []}]:
            yield f"{infos} where nothing is signed"
        return
    if len(infos) != len(signatures):
        yield f"{len(infos)} results of {len(signatures)} signatures"
        return
    prefixes = []
    for info, signature in zip(infos, signatures):
        if info["method"] != "dkim" or info["result"] != signature["result"] or info["result"] not in RESULTS:
            yield f"{info['method']}={info['result']}, wanted {signature['result']}"
        reason = signature["reason"].encode() or None
        if info["reason"] != reason:
            yield f"reason {info['reason']!r}, wanted {reason!r}"
        properties = [p for p in info["properties"] if p[0] != "header.b"]
        if properties != wanted(signature):
            yield f"{properties}, wanted {wanted(signature)}"
        b = [p[1] for p in info["properties"] if p[0] == "header.b"]
        if len(b) != (signature["b"] != ""):
            yield f"{len(b)} header.b of {signature['b']!r}"
        prefixes += b
        shown = writable(signature["b"]) or b""
        if b and not b[0].startswith(shown):
            yield f"header.b {b[0]!r}, wanted {shown!r}"
    lengths = {len(b) for b in prefixes}
    if len(set(prefixes)) == len(prefixes) and prefixes and min(lengths) < 8:
        if any(len(s["b"]) >= 8 and len(b) < 8 for s, b in zip(signatures, prefixes)):
            yield f"a short header.b in {prefixes}"


def authres_faults(field):
    """Where python3-authres reads something else than we do."""
    import authres

    read_id, infos = read(field)
    header = authres.AuthenticationResultsHeader.parse(field.decode("ascii"))
    if header.authserv_id.encode() != read_id or len(header.results) != len(infos):
        yield f"authres: {header.authserv_id}, {len(header.results)} results"
        return
    for theirs, ours in zip(header.results, infos):
        reason = ours["reason"].decode() if ours["reason"] else None
        if (theirs.method, theirs.result, theirs.reason) != (ours["method"], ours["result"], reason):
            yield f"authres: {theirs.method}={theirs.result} reason={theirs.reason}, wanted {ours}"
        values = {f"{p.type}.{p.name}": p.value for p in theirs.properties}
        for name, value in ours["properties"]:
            if name not in values and name.encode() + b'="' in field:
                continue
            if re.sub(r'["\\]', "", values.pop(name, "")) != re.sub(r'["\\]', "", value.decode()):
                yield f"authres: another {name} than {value!r}"
        if values:
            yield f"authres: {values} more"


def complaints(row, authserv_id, field):
    try:
        read_id, infos = read(field)
        return list(faults(row, authserv_id, read_id, infos))
    except (Bad, ValueError) as e:
        return [repr(e)]


def top_field(path):
    """The first field of a message as it stands, without its last line end; its lines are short."""
    with open(path, "rb") as f:
        data = f.read()
    if data.startswith(b"From "):
        data = data.partition(b"\n")[2]
    eol = b"\r\n" if data.partition(b"\n")[0].endswith(b"\r") else b"\n"
    lines = data.split(eol)
    count = 1
    while count < len(lines) and lines[count][:1] in (b" ", b"\t"):
        count += 1
    field = lines[:count]
    if any(len(line) > 998 or (len(line) > 78 and b" " in line.strip()) for line in field):
        raise Bad("a line that could have been folded")
    if any(b"\n" in line for line in field):
        raise Bad("two kinds of line ends")
    return eol.join(field)


def main():
    what, authserv_id = sys.argv[1], sys.argv[2].encode()
    if what == "top":
        with open(sys.argv[3], "rb") as f:
            rows = {os.path.basename(r["message"]): r for r in map(row_of, f)}
        pairs = [(rows[os.path.basename(p)], top_field(p)) for p in sys.argv[4:]]
    else:
        rows = [row_of(line) for line in sys.stdin.buffer]
        pairs = [(r, as_bytes(r["authentication_results"])) for r in rows if "rejected" not in r]
    if what == "authres":
        pairs = [(row, field) for row, field in pairs if field.isascii()]
    for row, field in pairs:
        found = authres_faults(field) if what == "authres" else complaints(row, authserv_id, field)
        for text in found:
            print(f"{row['message']}: {text}".encode("utf-8", "backslashreplace").decode())
    print(f"{len(pairs)} fields")


main()
