#!/usr/bin/env bash
# matrix_mbox.sh - an mbox of every kind, packed or through a pipe, signed into every output: whole, and passing.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
. "$MAILMILL_SOURCE_DIR/tests/support/matrix.sh" || exit 1
cd "$tap_dir" || exit 1
matrix_spool
matrix write mbox spool in.mbox
matrix write mboxcl2 spool in.mboxcl2
signs_into mbox "$sinks" in.mbox
signs_into mboxcl2 "$sinks" in.mboxcl2 --source-format mboxcl2

# Python quotes as mboxo: of a line that had its '>' already nothing tells that.
mkdir plainly
for name in $(cd spool && grep -LE '^>+From ' -- *); do ln "spool/$name" plainly/; done
matrix write mboxo plainly in.mboxo
all=plainly count=$(find plainly -type f | wc -l)
ok "most of them do for mboxo" $((count * 10 < $(find spool -type f | wc -l) * 9))
named="mbox by Python" signs_into mboxo "$sinks" in.mboxo
all=spool count=$(find spool -type f | wc -l)

# Several members, of which one ends in the middle of a message.
half=$(($(stat -c %s in.mbox) / 2))
{ head -c $half in.mbox | gzip -1 && tail -c +$((half + 1)) in.mbox | gzip -1; } >in.mbox.gz
named="mbox in two gzip members" signs_into mbox "$sinks" in.mbox.gz
named="mbox through a pipe" piped=in.mbox signs_into mbox "tree mbox tar.zst bsmtp stdout" -
dkimpy_agrees
plan
