#!/usr/bin/env python3
# verify_reference.py - a DKIM verifier written from RFC 6376 and RFC 8463 alone, plain and slow.
# SPDX-License-Identifier: Apache-2.0
"""Verify every DKIM-Signature of every file named on standard input.

Usage: verify_reference.py KEYS < LIST

KEYS has a line "name<TAB>TXT record" for each key, LIST a file name a line. For each signature one
line is printed: "file<TAB>domain/selector/algorithm<TAB>pass", or fail, or what stood in the way.

It judges what mailmill writes where another verifier has a known limit, so it knows exactly the
forms that mailmill writes (rsa-sha256 and ed25519-sha256, no l=) and calls all else unsupported.
Reading of a file: a leading mbox "From " line is no part of the message, LF counts as CRLF, a CR
alone is content, a header line that is neither a field nor the fold of one is skipped with its
folds.
"""
import base64
import binascii
import hashlib
import re
import sys

import nacl.exceptions
import nacl.signing

# RFC 8017 section 9.2, note 1: DER of DigestInfo for SHA-256, before the digest.
SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


class Unsupported(Exception):
    """The field has something that mailmill never writes, or no key is known for it."""


def split_message(data):
    """The (name, whole field with its last CRLF) pairs from the top down, and the body."""
    if data.startswith(b"From "):
        data = data.partition(b"\n")[2]
    data = re.sub(rb"\r?\n", b"\r\n", data)
    head, empty_line, body = (b"\r\n" + data).partition(b"\r\n\r\n")
    if not empty_line and head.endswith(b"\r\n"):
        head = head[:-2]
    fields = []
    skipping = True
    for line in head.split(b"\r\n")[1:]:
        if line[:1] in (b" ", b"\t"):
            if not skipping:
                fields[-1][1] += line + b"\r\n"
            continue
        name, colon, _ = line.partition(b":")
        name = name.rstrip(b" \t")
        skipping = not colon or not name
        if not skipping:
            fields.append([name, line + b"\r\n"])
    return fields, body


def canonical_field(canon, field):
    """RFC 6376 section 3.4.1 and 3.4.2."""
    if canon == "simple":
        return field
    name, _, value = field.partition(b":")
    value = re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b""))
    return name.rstrip(b" \t").lower() + b":" + value.strip(b" ") + b"\r\n"


def canonical_body(canon, body):
    """RFC 6376 section 3.4.3 and 3.4.4."""
    lines = body.split(b"\r\n")
    if canon == "relaxed":
        lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        return b"\r\n" if canon == "simple" else b""
    return b"\r\n".join(lines) + b"\r\n"


def tag_list(text):
    """RFC 6376 section 3.2, with blanks inside the values of b=, bh=, p= and h= removed."""
    tags = {}
    for spec in text.decode("ascii").rstrip("\r\n\t ").rstrip(";").split(";"):
        name, equals, value = spec.partition("=")
        name = name.strip()
        if not equals or name in tags:
            raise Unsupported("bad tag list")
        tags[name] = re.sub(r"\s+", "", value) if name in ("b", "bh", "p", "h") else value.strip()
    return tags


def der_items(data):
    """The contents of the DER elements that lie side by side in data."""
    while data:
        length, start = data[1], 2
        if length & 0x80:
            start = 2 + (length & 0x7F)
            length = int.from_bytes(data[2:start], "big")
        yield data[start:start + length]
        data = data[start + length:]


def rsa_numbers(spki):
    """Modulus and exponent of a SubjectPublicKeyInfo (RFC 5280 section 4.1, RFC 8017 A.1.1)."""
    (info,) = der_items(spki)
    _algorithm, bit_string = der_items(info)
    (public_key,) = der_items(bit_string[1:])
    modulus, exponent = der_items(public_key)
    return int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big")


def rsa_holds(key, signature, digest):
    """RFC 8017 section 8.2.2: build the encoded message, compare all of it."""
    modulus, exponent = rsa_numbers(key)
    size = (modulus.bit_length() + 7) // 8
    number = int.from_bytes(signature, "big")
    if len(signature) != size or number >= modulus:
        return False
    tail = b"\x00" + SHA256_INFO + digest
    want = b"\x00\x01" + b"\xff" * (size - 2 - len(tail)) + tail
    return pow(number, exponent, modulus).to_bytes(size, "big") == want


def ed25519_holds(key, signature, digest):
    """RFC 8463 section 3: the signed text is the SHA-256 of the header."""
    try:
        nacl.signing.VerifyKey(key).verify(digest, signature)
        return True
    except nacl.exceptions.BadSignatureError:
        return False


def key_of(keys, tags):
    name = f"{tags['s']}._domainkey.{tags['d']}".lower()
    if name not in keys:
        raise Unsupported("no key")
    record = tag_list(keys[name])
    if record.get("k", "rsa") != tags["a"].partition("-")[0]:
        raise Unsupported("key of another kind")
    return base64.b64decode(record["p"], validate=True)


def header_digest(header_canon, fields, mine, names):
    """RFC 6376 section 3.7: fields as h= names them, each from the bottom, then the field itself."""
    digest = hashlib.sha256()
    rest = {}
    for name, field in fields:
        if field is not mine:
            rest.setdefault(name.lower(), []).append(field)
    for name in names.encode("ascii").split(b":"):
        same = rest.get(name.lower())
        if same:
            digest.update(canonical_field(header_canon, same.pop()))
    # Section 3.5, b=: its value, and nothing else, counts as empty.
    name, _, value = mine.partition(b":")
    emptied = re.sub(rb"((?:^|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*?((?:\r\n)?)(?=;|$)", rb"\1\2", value, count=1)
    digest.update(canonical_field(header_canon, name + b":" + emptied).removesuffix(b"\r\n"))
    return digest.digest()


def verify(keys, fields, body_hashes, body, mine, tags):
    """True or False for one signature field; raises Unsupported."""
    if tags.get("v") != "1" or "l" in tags:
        raise Unsupported("v= or l=")
    header_canon, _, body_canon = tags.get("c", "simple/simple").partition("/")
    if not {header_canon, body_canon} <= {"simple", "relaxed"}:
        raise Unsupported("c=")
    holds = {"rsa-sha256": rsa_holds, "ed25519-sha256": ed25519_holds}.get(tags["a"])
    if holds is None:
        raise Unsupported("a=")
    key = key_of(keys, tags)
    if body_canon not in body_hashes:
        body_hashes[body_canon] = hashlib.sha256(canonical_body(body_canon, body)).digest()
    if base64.b64decode(tags["bh"], validate=True) != body_hashes[body_canon]:
        return False
    digest = header_digest(header_canon, fields, mine, tags["h"])
    return holds(key, base64.b64decode(tags["b"], validate=True), digest)


def verify_file(keys, path):
    """(domain/selector/algorithm, word) for each signature of a file, from the top down."""
    with open(path, "rb") as file:
        fields, body = split_message(file.read())
    body_hashes = {}
    for name, field in fields:
        if name.lower() != b"dkim-signature":
            continue
        label = "?"
        try:
            tags = tag_list(field.partition(b":")[2])
            label = "/".join(tags.get(tag, "?") for tag in "dsa")
            word = "pass" if verify(keys, fields, body_hashes, body, field, tags) else "fail"
        except (Unsupported, KeyError, UnicodeDecodeError, binascii.Error) as error:
            word = f"unsupported: {error}"
        yield label, word


def main():
    with open(sys.argv[1], "rb") as file:
        pairs = (line.rstrip(b"\n").split(b"\t") for line in file)
        keys = {name.decode("ascii").lower(): record for name, record in pairs}
    for line in sys.stdin:
        path = line.rstrip("\n")
        for label, word in verify_file(keys, path):
            print(path, label, word, sep="\t")


if __name__ == "__main__":
    main()
