#!/usr/bin/env bash
# resume_faults.sh - runs that are killed at any operation on files go on with --resume: nothing lost, nothing signed twice.
# SPDX-License-Identifier: Apache-2.0
#
# KILLS runs of each kind (default 3), spread evenly over all operations of a whole run, and 4 at its end. Every third is
# killed once more while it goes on; before every second the source is made anew, in another order.
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
kills=${KILLS:-3}
messages=${MESSAGES:-600}
in_flight=$((2 * 256)) # two threads, MM_BATCH_ITEMS each
sign="$mailmill sign $one --now $now --threads 2"
verify="$mailmill verify --keys $keys/zone --now $now --threads 2"

needs_faults
make_spool spool "$messages"
printf 'Subject: no author\n\nx\n' >spool/000/bad1.eml
printf 'Subject: no author\n\ny\n' >spool/000/bad2.eml
inputs=$((messages + 2))

# The same files, made in another order, which some file systems list them in.
make_anew()
{
    cp -r "$1" "$1.old" && rm -rf "$1" && mkdir -p "$1/000"
    (cd "$1.old" && find . -type f | sort -R --random-source=<(yes "$2") | while read -r f; do
        mkdir -p "../$1/${f%/*}" && cp -p "$f" "../$1/$f"
    done)
    rm -rf "$1.old"
}

# What a journal vouches for: names that are done, or inputs that a prefix of the output holds.
journalled()
{
    perl -e 'local $/; open my $f, "<:raw", $ARGV[0] or do { print 0; exit }; my ($b, $at, $n) = (<$f>, 0, 0);
        while ($at + 5 <= length $b) {
            my ($len, $type) = unpack "La", substr($b, $at, 5);
            last if $at + 13 + $len > length $b;
            $n += $len / 17 if $type eq "D";
            $n = unpack "Q", substr($b, $at + 5, 8) if $type eq "P";
            $at += 13 + $len;
        }
        print int $n' "$1"
}

# fresh OUT SOURCE: as before any run
fresh()
{
    rm -rf "$1" "$1".*
    [ "$1" != place ] || cp -r spool place
}
# How many messages have their names in OUT already.
written()
{
    [ -d "$1" ] || { echo 0; return; }
    grep -rl '^DKIM-Signature' --include='*.eml' --exclude='*.tmp' "$1" | wc -l
}
same()
{
    diff -r -x .mailmill "$1" "$2" >differs 2>&1 || { head -n 3 differs; echo "; "; }
}

# each_killed NAME OUT WORKDIR COMMAND...: OUT is what it makes, WORKDIR where its journal lies
each_killed()
{
    local name=$1 out=$2 journal=$3/journal i total at code had there again wrong=
    shift 3
    fresh "$out"
    "$@" --fault log:log >/dev/null 2>&1
    total=$(wc -l <log)
    rm -rf "whole-$out" log
    mv "$out" "whole-$out"
    for i in $(seq 1 $((kills + 4))); do
        at=$((total * i / (kills + 1)))
        [ $i -le "$kills" ] || at=$((total - 1 - 2 * (i - kills - 1))) # where names are given, and the end is noted
        fresh "$out"
        { "$@" --fault any:KILL@$at; } >/dev/null 2>&1
        code=$?
        [ $code -eq 137 ] || [ $i -eq $((kills + 1)) ] || wrong+="at $at: not killed, exit $code; "
        [ $((i % 2)) -eq 0 ] && [ "$out" != place ] && make_anew spool "$i"
        [ $((i % 2)) -eq 0 ] && [ "$out" = place ] && make_place_anew "$i"
        if [ $((i % 3)) -eq 0 ]; then
            { "$@" --resume --fault any:KILL@$((1 + at / 3)); } >/dev/null 2>&1
        fi
        had=$(journalled "$journal")
        there=$(written "$out")
        code=0
        "$@" --resume --stats >/dev/null 2>said || code=$?
        again=$(stat_of said resumed)
        [ $code -le 1 ] || wrong+="at $at: exit $code: $(head -n 1 said); "
        wrong+=$(same "whole-$out" "$out")
        [ "$(stat_of said inputs)" = "$inputs" ] || wrong+="at $at: $(stat_of said inputs) inputs; "
        [ "${again:-0}" -ge "$had" ] || wrong+="at $at: $had were journalled, $again resumed; "
        [ $((there - again)) -le $in_flight ] || wrong+="at $at: $there were written, $again resumed; "
        [ "$out" != place ] || [ "$again" -ge "$there" ] || wrong+="at $at: $((there - again)) replaced and signed again; "
        [ -z "$(find "$out" -name '*.tmp')" ] || wrong+="at $at: temporary names stayed; "
    done
    is "$name: killed at $((kills + 4)) of its $total operations, each went on to the same end" "$wrong" ""
}
make_place_anew()
{
    mv place/.mailmill .place-mailmill
    make_anew place "$1"
    mv .place-mailmill place/.mailmill
}

each_killed "tree" tree tree/.mailmill $sign -o tree spool
each_killed "tree, read by threads" tree tree/.mailmill $sign --io threads -o tree spool
fresh tree
{ $sign -o tree spool --fault rename:KILL@3; } >/dev/null 2>&1
is "tree: killed among its first names, before any record of them" \
    "$? $($sign -o tree --resume spool 2>&1 | grep -c "$inputs inputs")$(same whole-tree tree)" "137 1"
each_killed "in place" place place/.mailmill $sign --in-place place
each_killed "mbox" out.mbox out.mbox.mailmill $sign -o out.mbox spool
each_killed "tar" out.tar out.tar.mailmill $sign -o out.tar spool
each_killed "rows of verify" rows.ndjson rows.ndjson.mailmill $verify -o rows.ndjson spool
plan
