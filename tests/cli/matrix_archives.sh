#!/usr/bin/env bash
# matrix_archives.sh - tar, zip and batch SMTP by other writers, signed into every output: whole, and passing.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
. "$MAILMILL_SOURCE_DIR/tests/support/matrix.sh" || exit 1
cd "$tap_dir" || exit 1
matrix_spool
tar --format=gnu -C spool -cf in.tar .
signs_into archive "$sinks" in.tar
if command -v bsdtar >/dev/null; then
    bsdtar --format pax -C spool -cf in.pax .
else # its format
    tar --format=pax -C spool -cf in.pax .
fi
half=$(($(stat -c %s in.pax) / 2))
{ head -c $half in.pax | zstd -q -1 && tail -c +$((half + 1)) in.pax | zstd -q -1; } >in.zst
named="pax in two zstd frames" signs_into archive "$sinks" in.zst
(cd spool && zip -q -1 -r ../in.zip .)
named=zip signs_into archive "$sinks" in.zip
matrix write bsmtp spool in.bsmtp
signs_into bsmtp "$sinks" in.bsmtp
named="tar through a pipe" piped=in.tar signs_into archive "tree mbox tar.zst bsmtp stdout" -
named="zip through a pipe" piped=in.zip signs_into archive "tree mbox tar.zst bsmtp stdout" -
dkimpy_agrees
plan
