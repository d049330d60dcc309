#!/usr/bin/env bash
# resume_faults.sh - runs that are killed at any operation on files go on with --resume: nothing lost, nothing signed twice.
# SPDX-License-Identifier: Apache-2.0
#
# KILLS runs of each kind (default 4) of MESSAGES (default 600), spread evenly over all operations of a whole run, the first
# of four by the clock; and 4 more at the run's end. Every fifth is killed once more while it goes on; before every second
# the source is made anew, in another order; behind every third the journal gets a record that is damaged.
# The harness in full: KILLS=50 MESSAGES=5000.
[ ! -w /dev/shm ] || [ "$(df --output=avail /dev/shm | tail -n 1)" -lt 2000000 ] || export TMPDIR=/dev/shm # lists as made
. "$MAILMILL_SOURCE_DIR/tests/support/kills.sh" || exit 1
cd "$tap_dir" || exit 1
kills=${KILLS:-4}
messages=${MESSAGES:-600}
sign="$mailmill sign $one --now $now --threads 2"
verify="$mailmill verify --keys $keys/zone --now $now --threads 2"

needs_faults
make_spool spool "$messages"
printf 'Subject: no author\n\nx\n' >spool/000/bad1.eml
printf 'Subject: no author\n\ny\n' >spool/000/bad2.eml
source=spool

each_killed "tree" tree tree/.mailmill $sign -o tree spool
fresh tree
{ $sign -o tree spool --fault rename:KILL@3; } >/dev/null 2>&1
is "tree: killed among its first names, before any record of them" \
    "$? $($sign -o tree --resume spool 2>&1 | grep -c "$((messages + 2)) inputs")$(same whole-tree tree)" "137 1"
each_killed "in place" place place/.mailmill $sign --in-place place
fresh place
{ $sign --in-place place --fault rename:KILL@3; } >/dev/null 2>&1
is "in place: killed among its first names, before any record of them" \
    "$? $($sign --in-place place --resume --stats 2>&1 | tail -n 1 | grep -o '"signed":[0-9]*\|"resumed":[0-9]*' | tr '\n' ' ')$(same whole-place place)" \
    "137 \"signed\":$messages \"resumed\":2 "
each_killed "mbox" out.mbox out.mbox.mailmill $sign -o out.mbox spool
each_killed "tar" out.tar out.tar.mailmill $sign -o out.tar spool
each_killed "rows of verify" rows.ndjson rows.ndjson.mailmill $verify -o rows.ndjson spool
each_killed "tree, read by threads" tree tree/.mailmill $sign --io threads -o tree spool
# Archives among the files of a folder: their messages are rows of it.
mkdir mixed
tar -cf mixed/000-box.tar spool/000
cp -r spool/000 mixed/001
tar -czf mixed/002-box.tgz spool/000
source=mixed
each_killed "rows of verify, with archives" rows.ndjson rows.ndjson.mailmill $verify -o rows.ndjson mixed
plan
