#!/usr/bin/env python3
# mime_by_email.py - the leaf parts of messages as Python's email package sees them.
# SPDX-License-Identifier: Apache-2.0
#
#   mime_by_email.py < NAMES
#
# Prints what tests/support/tool_mime_parts.c prints, but for the path. The package is helped in three
# places, where it is known to do something else than read MIME: bodies of message/delivery-status and
# its like are not taken for messages; blanks at the ends of quoted-printable lines are dropped, as
# RFC 2045 section 6.7 (3) wants it; and text whose lines end in bare CR is read as text with LF.
# Line ends at the end of a body are left out on both sides, as it drops one where a boundary lacks.
import binascii
import email
import email.message
import email.policy
import hashlib
import quopri
import re
import sys

MESSAGES = {"message/rfc822", "message/global", "message/news"}


class Part(email.message.Message):
    """A message that keeps reports of other kinds as they are."""

    def get_content_type(self):
        kind = super().get_content_type()
        return "application/octet-stream" if self.is_report(kind) else kind

    def get_content_maintype(self):
        return self.get_content_type().split("/")[0]

    def is_report(self, kind):
        return kind.startswith("message/") and kind not in MESSAGES

    def said_type(self):
        return super().get_content_type()


def body(part):
    payload = part._payload  # get_payload() would read it in its charset
    raw = (payload or "").encode("ascii", "surrogateescape")
    encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
    if encoding == "quoted-printable":
        return quopri.decodestring(re.sub(rb"[ \t]+(?=\r?\n|\Z)", b"", raw))
    try:
        return binascii.a2b_base64(raw + b"===") if encoding == "base64" else raw
    except binascii.Error:
        return raw


def bare_cr(text):
    first = re.search(rb"\r\n|\r|\n", text)
    return first is not None and first.group() == b"\r"


for name in sys.stdin.read().splitlines():
    with open(name, "rb") as file:
        text = file.read()
    if bare_cr(text):
        text = re.sub(rb"\r(?!\n)", b"\n", text)
    message = email.message_from_bytes(text, _class=Part, policy=email.policy.compat32)
    for part in message.walk():
        if part.is_multipart():
            continue
        data = body(part).rstrip(b"\r\n")
        print(name, " ".join(part.said_type().split()), len(data), hashlib.sha256(data).hexdigest(), sep="\t")
