#!/usr/bin/env bash
# matrix_wrapped.sh - files that wrap a message, signed into every output; and what the comparison notices.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
. "$MAILMILL_SOURCE_DIR/tests/support/matrix.sh" || exit 1
cd "$tap_dir" || exit 1
matrix_spool
for form in emlx pickup postfix; do
    matrix write $form spool in.$form
done
signs_into emlx "$sinks" in.emlx --source-format emlx
signs_into pickup "$sinks in-place" in.pickup --source-format pickup
signs_into postfix "$sinks" in.postfix --source-format postfix
dkimpy_agrees

# What the comparison is worth: it finds one byte, one message that is lost, one that is there twice.
notices()
{
    local name=$1 words=$2
    shift 2
    case $(matrix compare "$@" 0) in
    *"$words"*) ok "noticed: $name" 0 ;;
    *) ok "noticed: $name" 1 ;;
    esac
}
for sink in tree mbox bsmtp tar; do
    rm -rf out.* rejects
    signed $sink in.pickup --source-format pickup 2>said
    is "$sink is whole" "$(matrix compare pickup $sink spool out.$sink 0)" ""
    /usr/bin/python3 - $sink out.$sink <<'END'
import os, re, shutil, sys
sink, out = sys.argv[1:]
names = sorted(n for n in os.listdir(out) if n.endswith(".eml")) if sink == "tree" else []
data = {n: open(f"{out}/{n}", "rb").read() for n in names} if names else open(out, "rb").read()
def put(label, new):
    if names:
        os.makedirs(label)
        for n, text in new.items():
            open(f"{label}/{n}", "wb").write(text)
    else:
        open(label, "wb").write(new)
def flipped(text):
    at = len(text) * 2 // 3
    return text[:at] + bytes([text[at] ^ 1]) + text[at + 1:]
middle = names[len(names) // 2] if names else None
if names:
    put("byte", {**data, middle: flipped(data[middle])})
    put("lost", {n: t for n, t in data.items() if n != middle})
    put("twice", {**data, "again.eml": data[middle]})
else:
    mark = {"mbox": rb"(?<=\n\n)From ", "bsmtp": rb"(?<=\r\n\.\r\n)MAIL FROM", "tar": None}[sink]
    if mark:
        starts = [m.start() for m in re.finditer(mark, data)]
        begin, end = starts[len(starts) // 2:][:2]
    else:  # a header and the blocks of its bytes
        begin, size = 0, int(data[124:135], 8)
        end = 512 + (size + 511) // 512 * 512
    member = data[begin:end]
    at = begin + member.rindex(b"e")
    put("byte", data[:at] + b"E" + data[at + 1:])
    put("lost", data[:begin] + data[end:])
    put("twice", data[:end] + member + data[end:])
END
    notices "one byte of $sink" changed pickup $sink spool byte
    notices "a message that $sink has lost" "lost: " pickup $sink spool lost
    notices "a message that $sink has twice" "there twice" pickup $sink spool twice
    rm -rf byte lost twice
done
plan
