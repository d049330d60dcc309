# checklist_base.py - what the vectors of the checklist are made from, and the table of them.
# SPDX-License-Identifier: Apache-2.0
"""A vector is a message with the verdict that it must have and the answer of a verifier that ignores
the line of the checklist it stands for. Where that answer is that a signature holds, the vector is
signed over just the bytes that such a verifier would hash, or breaks just the one rule. Its control is
another vector, without the defect, which really has that answer.
"""
import functools
import os
import re

from dkim_writer import Ed25519, Rsa, signature

NOW = 1700000000
FOLDER = os.path.dirname(os.path.abspath(__file__))
FROM = b"From: Author <author@example.com>\r\n"
FIELDS = [
    FROM,
    b"To: Reader <reader@example.org>\r\n",
    b"Subject: The  quarterly report\r\n",
    b"Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n",
]
BODY = b"Dear reader,\r\n\r\nthe figures  are below.\r\n"


@functools.lru_cache(None)
def rsa(name):
    return Rsa.read(os.path.join(FOLDER, "keys", name + ".pem"))


RSA = rsa("rsa2048_pkcs8")
ED = Ed25519.read(os.path.join(FOLDER, "keys", "ed25519_pkcs8.pem"))


def tags(**changes):
    """The text of a field: the usual tags with changes; None leaves a tag out."""
    values = {"v": "1", "a": "rsa-sha256", "c": "relaxed/relaxed", "d": "example.com", "s": "rsa",
              "h": "from:to:subject:date", "bh": None, "b": None}
    more = {name: value for name, value in changes.items() if name not in values}
    values.update({name: value for name, value in changes.items() if name in values})
    for name in ("bh", "b"):
        if name not in changes:
            values[name] = "{%s}" % name
    tail = [(name, values.pop(name)) for name in ("bh", "b")]
    pairs = [*values.items(), *more.items(), *tail]
    text = "; ".join(f"{name}={value}" for name, value in pairs if value is not None)
    return re.sub(r"; (?=(?:bh|b)=)", ";\r\n ", text).encode("latin-1")


ED_TAGS = {"a": "ed25519-sha256", "s": "ed"}


def sign(text=None, fields=None, body=BODY, key=None, **how):
    """A signature field over fields and body."""
    return signature(FIELDS if fields is None else fields, body, tags() if text is None else text,
                     key or RSA, **how)


def message(signatures, fields=None, body=BODY):
    if isinstance(signatures, bytes):
        signatures = [signatures]
    return b"".join(signatures) + b"".join(FIELDS if fields is None else fields) + b"\r\n" + body


def signed(text=None, fields=None, body=BODY, key=None, **how):
    """A whole message with one signature."""
    return message(sign(text, fields, body, key, **how), fields, body)


def quoted(text):
    """A TXT record's data as character-strings of a master file (RFC 1035 section 5.1)."""
    def one(part):
        return '"' + "".join("\\" + c if c in '"\\' else c if " " <= c <= "~" else f"\\{ord(c):03}"
                             for c in part) + '"'
    parts = text if isinstance(text, list) else [text[i:i + 255] for i in range(0, len(text), 255)] or [""]
    return "( " + " ".join(one(part) for part in parts) + " )"


class Table:
    """Collects vectors, their files and their keys."""

    def __init__(self):
        self.rows, self.files, self.zone, self.answers = [], {}, [], []
        self.key("rsa", RSA.record())
        self.key("ed", ED.record())

    def key(self, selector, *records):
        """TXT records at selector._domainkey.example.com; a record is text, or a list of strings."""
        for record in records:
            self.zone.append(f"{selector} IN TXT {quoted(record)}")

    def alias(self, selector, target):
        self.zone.append(f"{selector} IN CNAME {target}")

    def answer(self, selector, status):
        """What a recorded look-up of the key says."""
        self.answers.append(f'{{"name":"{selector}._domainkey.example.com","type":"TXT","status":"{status}",'
                            '"ttl":60,"ad":false,"time":1699990000}')

    def add(self, line, name, data, expect, ignored, control="plain", options="", suffix=".eml"):
        """One vector. data None: the file of the vector named by the first word of control."""
        file = name + suffix
        assert file not in self.files, name
        self.files[file] = data
        self.rows.append((str(line), name, file, options, expect, ignored, control))

    def again(self, line, name, other, expect, ignored, control="plain", options=""):
        """The file of another vector under other options, or for another line."""
        file = next(row[2] for row in self.rows if row[1] == other)
        self.rows.append((str(line), name, file, options, expect, ignored, control))

    def held(self, line, test):
        """A line that a test elsewhere holds: file and name of it."""
        self.rows.append((str(line), "-", "@" + test, "", "", "", ""))

    def twins(self, line, name, right, wrong, reason="signature-mismatch"):
        """right is signed as the line says, wrong as one would who ignores it."""
        self.add(line, name, right, "pass", "fail", name + "-ignoring")
        self.add(line, name + "-ignoring", wrong, "fail/" + reason, "pass", name)

    def broken(self, line, name, data, expect, control="plain", options=""):
        """A message that would pass but for the line."""
        self.add(line, name, data, expect, "pass", control, options)
