# dkim_writer.py - signs mail as RFC 6376 has it, or wrongly in any way that a test wants.
# SPDX-License-Identifier: Apache-2.0
"""Written from RFC 6376, RFC 8017 and RFC 8463, without a line of mailmill, so that the two can
disagree. It is plain and slow. A signature field is a text with {bh} and {b} in it, so that it can
hold anything; the bytes that are hashed, and the block that is signed, can be put in by the caller.

Everything is bytes with CRLF line ends. A header is a list of fields, each with its last CRLF.
"""
import base64
import hashlib
import re

import nacl.signing

# RFC 8017 section 9.2, note 1: DER of DigestInfo up to the digest.
DIGEST_INFO = {
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha1": bytes.fromhex("3021300906052b0e03021a05000414"),
}


# ---- keys ----

def der(tag, content):
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + content


def der_integer(number):
    return der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def der_items(data):
    """The contents of the DER elements that lie side by side in data."""
    items = []
    while data:
        length, start = data[1], 2
        if length & 0x80:
            start = 2 + (length & 0x7F)
            length = int.from_bytes(data[2:start], "big")
        items.append(data[start:start + length])
        data = data[start + length:]
    return items


def pem_body(path):
    with open(path, encoding="ascii") as file:
        lines = [line.strip() for line in file if not line.startswith("-")]
    return base64.b64decode("".join(lines))


class Rsa:
    """An RSA key of any numbers; primes are those of the modulus, each once (RFC 8017 section 3)."""

    def __init__(self, primes, exponent):
        self.n, self.e, self.primes = 1, exponent, primes
        for prime in primes:
            self.n *= prime
        self.size = (self.n.bit_length() + 7) // 8

    @classmethod
    def read(cls, path):
        (info,) = der_items(pem_body(path))  # PKCS#8: version, algorithm, key
        numbers = [int.from_bytes(item, "big") for item in der_items(der_items(der_items(info)[2])[0])]
        return cls(numbers[4:6], numbers[2])

    def raw(self, block):
        """block to the power of the private exponent, prime by prime (Chinese remainder theorem)."""
        number, result, product = int.from_bytes(block, "big"), 0, 1
        for prime in self.primes:
            power = pow(self.e, -1, prime - 1) if prime > 2 else 1
            part = pow(number, power, prime)
            result += product * ((part - result) * pow(product, -1, prime) % prime)
            product *= prime
        return result.to_bytes(self.size, "big")

    def block(self, digest, hash_name="sha256"):
        """EMSA-PKCS1-v1_5 (RFC 8017 section 9.2)."""
        tail = b"\0" + DIGEST_INFO[hash_name] + digest
        return b"\0\1" + b"\xff" * (self.size - 2 - len(tail)) + tail

    def sign(self, digest, hash_name="sha256"):
        return self.raw(self.block(digest, hash_name))

    def pkcs1(self):
        return der(0x30, der_integer(self.n) + der_integer(self.e))

    def spki(self):
        algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
        return der(0x30, algorithm + der(3, b"\0" + self.pkcs1()))

    def record(self, head="v=DKIM1; k=rsa; "):
        return head + "p=" + base64.b64encode(self.spki()).decode()


class Ed25519:
    def __init__(self, seed):
        self.key = nacl.signing.SigningKey(seed)

    @classmethod
    def read(cls, path):
        return cls(pem_body(path)[-32:])

    def sign(self, digest, _hash_name="sha256"):
        """RFC 8463 section 3: the digest is the text that Ed25519 signs."""
        return self.key.sign(digest).signature

    def octets(self):
        return bytes(self.key.verify_key)

    def record(self, head="v=DKIM1; k=ed25519; "):
        return head + "p=" + base64.b64encode(self.octets()).decode()


# ---- canonical forms ----

def field_name(field):
    return field.partition(b":")[0].rstrip(b" \t").lower()


def canonical_field(canon, field):
    """RFC 6376 sections 3.4.1 and 3.4.2."""
    if canon == "simple":
        return field
    value = re.sub(rb"[ \t]+", b" ", field.partition(b":")[2].replace(b"\r\n", b""))
    return field_name(field) + b":" + value.strip(b" ") + b"\r\n"


def canonical_body(canon, body):
    """RFC 6376 sections 3.4.3 and 3.4.4."""
    lines = body.split(b"\r\n")
    if canon == "relaxed":
        lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        return b"\r\n" if canon == "simple" else b""
    return b"\r\n".join(lines) + b"\r\n"


def select(fields, names):
    """The fields that h= names cover, in its order, each name from the bottom (section 5.4.2)."""
    rest = {}
    for field in fields:
        rest.setdefault(field_name(field), []).append(field)
    picked = []
    for name in names:
        same = rest.get(name.strip(b" \t\r\n").lower())
        if same:
            picked.append(same.pop())
    return picked


# ---- a signature field ----

def tag_value(text, name):
    """Value of a tag in a well-formed text, without blanks; None where the tag is absent."""
    for spec in text.split(b";"):
        head, equals, value = spec.partition(b"=")
        if equals and head.strip(b" \t\r\n") == name:
            return re.sub(rb"[ \t\r\n]", b"", value)
    return None


def signature(fields, body, text, key, *, name=b"DKIM-Signature: ", header_canon=None, body_canon=None,
              covered=None, hashed_body=None, length=None, own=None, hash_name="sha256", sign=None,
              bh=None, b=None):
    """The field (with its CRLF) that signs fields and body.

    text         value of the field, with {bh} and {b} where the two go
    covered      the header bytes that are hashed before the field itself; default: as h= in text says
    own          the bytes of the field itself that are hashed; default: b= emptied, canonical, no CRLF
    hashed_body  the body bytes that are hashed; default: canonical
    length       only so many of them
    sign         function of the header bytes to the signature; default: by key
    bh, b        functions that change what is put in for {bh} and {b} (base64 text)
    """
    canons = (tag_value(text, b"c") or b"simple").decode("latin-1").split("/")
    header_canon = header_canon or canons[0]
    body_canon = body_canon or (canons[1] if len(canons) > 1 else "simple")
    if hashed_body is None:
        hashed_body = canonical_body(body_canon, body)
    digest = hashlib.new(hash_name, hashed_body[:length]).digest()
    body_hash = base64.b64encode(digest)
    text = text.replace(b"{bh}", bh(body_hash) if bh else body_hash)
    if own is None:
        # Section 3.5: the value of b= counts as empty, with the blanks around it.
        emptied = name + re.sub(rb"[ \t\r\n]*\{b\}[ \t\r\n]*", b"", text) + b"\r\n"
        own = canonical_field(header_canon, emptied)[:-2]
    if covered is None:
        names = (tag_value(text, b"h") or b"").split(b":")
        covered = b"".join(canonical_field(header_canon, field) for field in select(fields, names))
    data = covered + own
    octets = sign(data) if sign else key.sign(hashlib.new(hash_name, data).digest(), hash_name)
    value = base64.b64encode(octets)
    return name + text.replace(b"{b}", b(value) if b else value) + b"\r\n"
