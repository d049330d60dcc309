#!/usr/bin/env python3
# verify_dkimpy.py - what python3-dkim says about every DKIM-Signature of some files.
# SPDX-License-Identifier: Apache-2.0
"""Usage: verify_dkimpy.py KEYS [NOW] < LIST

KEYS has a line "name<TAB>TXT record" for each key, LIST a file name a line, NOW is a clock in
seconds. For each signature one line is printed: "file<TAB>domain/selector/algorithm<TAB>pass", or
fail, or "error: ..." with the words of the exception. A file that the library cannot read at all gives one line with "-" for the
signature. LF is made CRLF first, as every transport does, and a leading mbox "From " line dropped.
"""
import re
import sys
import types

import dkim


def text_of(error):
    """The words of an exception, which some of the library's carry as bytes or not at all."""
    return " ".join(str(error).split()) or type(error).__name__


def label(tags):
    return b"/".join(tags.get(tag, b"?") for tag in (b"d", b"s", b"a")).decode("ascii", "replace")


def verify_file(path, look_up):
    with open(path, "rb") as file:
        data = file.read()
    if data.startswith(b"From "):
        data = data.partition(b"\n")[2]
    data = re.sub(rb"\r?\n", b"\r\n", data)
    try:
        message = dkim.DKIM(data)
    except (dkim.DKIMException, IndexError) as error:
        yield "-", f"error: {text_of(error)}"
        return
    count = sum(1 for name, _ in message.headers if name.lower() == b"dkim-signature")
    for index in range(count):
        try:
            word = "pass" if message.verify(index, dnsfunc=look_up) else "fail"
        except dkim.ValidationError as error:
            word = f"fail: {text_of(error)}"
        except dkim.DKIMException as error:
            word = f"error: {text_of(error)}"
        except Exception as error:  # whatever else escapes from the library on a faulty field
            word = f"error: {type(error).__name__}: {text_of(error)}"
        yield label(message.signature_fields), word


def main():
    with open(sys.argv[1], "rb") as file:
        keys = dict(line.rstrip(b"\n").split(b"\t") for line in file)
    if len(sys.argv) > 2:
        dkim.time = types.SimpleNamespace(time=lambda: int(sys.argv[2]))

    def look_up(name, timeout=0):
        return keys.get(name.rstrip(b".").lower())

    for line in sys.stdin:
        path = line.rstrip("\n")
        for signature, word in verify_file(path, look_up):
            print(path, signature, " ".join(word.split()), sep="\t")


if __name__ == "__main__":
    main()
