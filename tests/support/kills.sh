# kills.sh - runs that are killed at any of their operations on files, and gone on with: what every such test uses.
# SPDX-License-Identifier: Apache-2.0
#
#   kills=N; source=FOLDER
#   each_killed NAME OUT WORKDIR COMMAND...
#
# COMMAND makes OUT of $source, two threads at most, and its journal is WORKDIR/journal. It is run whole, then killed $kills times,
# spread evenly over all its operations, the first of four by the clock; and 4 more at its end. Every fifth is killed once more
# while it goes on; before every second the source is made anew, in another order; behind every third the journal gets a record
# that is damaged. Each has to end as the whole one did, go on behind all that the journal vouched for, and do again no more than
# what was in flight.

. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1

in_flight=$((2 * 256)) # two threads, MM_BATCH_ITEMS each

# The same files, made in another order, which some file systems list them in.
make_anew()
{
    mv "$1" "$1.old" && mkdir "$1"
    (cd "$1.old" && find . -type f | sort -R --random-source=<(yes "$2") | tar -cf - -T -) | tar -xf - -C "$1"
    rm -rf "$1.old"
}

# What a journal vouches for: names that are done, inputs that a prefix of the output holds, or whose rows were saved.
journalled()
{
    perl -e 'local $/; open my $f, "<:raw", $ARGV[0] or do { print 0; exit }; my ($b, $at, $n) = (<$f>, 0, 0);
        while ($at + 5 <= length $b) {
            my ($len, $type) = unpack "La", substr($b, $at, 5);
            last if $at + 13 + $len > length $b;
            $n += $len / 17 if $type eq "D";
            $n = unpack "Q", substr($b, $at + 5, 8) if $type eq "P";
            $n += $_ for $type eq "S" ? unpack "Q6", substr($b, $at + 13, 48) : ();
            $at += 13 + $len;
        }
        print int $n' "$1"
}

# A record as the last whole one, but for bits that are turned: nobody may believe it.
damage()
{
    [ -s "$1" ] || return 0
    perl -e 'local $/; open my $f, "+<:raw", $ARGV[0] or die; my ($b, $at, $last) = (<$f>, 0, "");
        while ($at + 5 <= length $b) {
            my $len = unpack "L", substr($b, $at, 4);
            last if $at + 13 + $len > length $b;
            $last = substr($b, $at, 13 + $len);
            $at += 13 + $len;
        }
        exit if length $last < 14 || substr($last, 4, 1) eq "E";
        substr($last, $_, 1) ^= "\x5a" for 5 .. length($last) - 9;
        truncate $f, $at; seek $f, $at, 0; print $f $last' "$1"
}

# fresh OUT SOURCE: as before any run
fresh()
{
    rm -rf "$1" "$1".*
    [ "$1" != place ] || cp -r spool place
}
# How many messages are in OUT already, under their names or in the file that is to be it.
written()
{
    if [ -d "$1" ]; then
        grep -rl '^DKIM-Signature' --include='*.eml' --exclude='*.tmp' "$1" | wc -l
    elif [ -f "$1.part" ]; then
        grep -ac '^DKIM-Signature' "$1.part"
    else
        echo 0
    fi
}
# A dataset is compared with all that is in its working folder: equal runs leave equal ones.
same()
{
    local but="-x .mailmill"
    [ ! -e "$1/_mailmill.json" ] || but=
    diff -r $but "$1" "$2" >differs 2>&1 || { head -n 3 differs; echo "; "; }
}

# killed_at SECONDS COMMAND...: by the clock
killed_at()
{
    local pid
    "${@:2}" &
    pid=$!
    sleep "$1"
    kill -9 $pid 2>/dev/null
    wait $pid
}
# once I AT SECONDS COMMAND...: the kill number I, at operation AT or after SECONDS; what is wrong with what follows. Adds to
# $again_most (messages signed again) and $journal_most.
once()
{
    local i=$1 at=$2 seconds=$3 code had there again
    shift 3
    fresh "$out"
    if [ $((i % 4)) -eq 1 ] && [ "$i" -le "$kills" ]; then
        { killed_at "$seconds" "$@"; } >/dev/null 2>&1
    else
        { "$@" --fault any:KILL@$at; } >/dev/null 2>&1
        code=$?
        [ $code -eq 137 ] || [ "$i" -eq $((kills + 1)) ] || echo "not killed, exit $code"
    fi
    [ $((i % 2)) -eq 0 ] && [ "$out" != place ] && make_anew "$source" "$i"
    [ $((i % 2)) -eq 0 ] && [ "$out" = place ] && make_place_anew "$i"
    if [ $((i % 5)) -eq 0 ]; then
        { "$@" --resume --fault any:KILL@$((1 + at / 3)); } >/dev/null 2>&1
    fi
    had=$(journalled "$journal")
    there=$(written "$out")
    [ $((i % 3)) -eq 0 ] && damage "$journal"
    code=0
    "$@" --resume --stats >/dev/null 2>said || code=$?
    again=$(stat_of said resumed)
    [ $code -le 1 ] || echo "exit $code: $(head -n 1 said)"
    same "whole-$out" "$out"
    [ "$(stat_of said inputs) $(stat_of said rejected)" = "$inputs" ] || echo "$(stat_of said inputs) inputs, $(stat_of said rejected) rejected"
    [ "${again:-0}" -ge "$had" ] || echo "$had were journalled, $again resumed"
    [ $((there - again)) -le $in_flight ] || echo "$there were written, $again resumed"
    [ "$out" != place ] || [ "${again:-0}" -ge "$there" ] || echo "$((there - again)) replaced and signed again"
    [ -z "$(find "$out" -name '*.tmp')" ] || echo "temporary names stayed"
    echo "$had $((there > again ? there - again : 0))" >>figures
}

# each_killed NAME OUT WORKDIR COMMAND...: OUT is what it makes, WORKDIR where its journal lies; of $source
each_killed()
{
    local name=$1 out=$2 journal=$3/journal i total at since span wrong=
    shift 3
    fresh "$out"
    "$@" --fault log:log >/dev/null 2>&1
    total=$(wc -l <log)
    fresh "$out"
    since=$(date +%s%N)
    "$@" --stats >/dev/null 2>said
    span=$((($(date +%s%N) - since) / 1000000))
    inputs="$(stat_of said inputs) $(stat_of said rejected)"
    rm -rf "whole-$out" log figures
    mv "$out" "whole-$out"
    for i in $(seq 1 $((kills + 4))); do
        at=$((total * i / (kills + 1)))
        [ $i -le "$kills" ] || at=$((total - 1 - 2 * (i - kills - 1))) # where names are given, and the end is noted
        wrong+=$(once "$i" $at "$(printf '%d.%03d' $((span * i / (kills + 1) / 1000)) $((span * i / (kills + 1) % 1000)))" "$@" |
            sed "s/^/kill $i of $kills, at $at: /")
    done
    is "$name: killed at $((kills + 4)) of its $total operations, each went on to the same end" "$wrong" ""
    sort -n figures | awk -v name="$name" '{ had[NR] = $1; if ($2 > most) most = $2 } END {
        print "# " name ": " NR " kills; journalled " had[1] " to " had[NR] ", signed again at most " most + 0 }'
}
make_place_anew()
{
    [ ! -d place/.mailmill ] || mv place/.mailmill .place-mailmill
    make_anew place "$1"
    [ ! -d .place-mailmill ] || mv .place-mailmill place/.mailmill
}
