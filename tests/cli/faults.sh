#!/usr/bin/env bash
# faults.sh - every kind of failure at every kind of output: named, counted, and gone on with once it is over.
# SPDX-License-Identifier: Apache-2.0
#
# Each fault strikes the first, a middle and the last operation of its kind, which a run with a log counts before, read by
# the ring and by threads. What a program has to bear (EINTR, short reads and writes, slowness) changes nothing at all. What
# it cannot is told with path and words, ends with 74 (73 where nothing could be begun), and --resume ends as if it had never
# been. A source that fails is one reject, with path and words, and its row.
# What is on disk when is for sync_order.sh: memory is faster.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
needs_faults

make_spool spool 40
mkdir -p spool/deep/er
{ message example.com large && yes 'A line of a larger message.' | head -n 9000 | sed 's/$/\r/'; } >spool/deep/large.eml
message example.com 41 >spool/deep/er/41.eml
# One worker: equal runs make equal operations.
sign="sign $one --now $now --threads 1 --stats"
verify="verify --keys $keys/zone --now $now --threads 1 --stats"
saved="--threads 1 --stats --fault save:DUE@*"

# What makes the output (SOURCE is what it works on), and the output.
sinks="
tree         out           $sign -o out spool
Maildir      out           $sign --sink maildir -o out spool
pickup       out           $sign --sink pickup -o out spool
in_place     place         $sign --in-place place
each         out           $sign --durability each -o out spool/deep
mbox         out.mbox      $sign -o out.mbox spool
tar          out.tar       $sign -o out.tar spool
tar.zst      out.tar.zst   $sign -o out.tar.zst spool
bsmtp        out.bsmtp     $sign -o out.bsmtp spool
signatures   out.ndjson    $sign --sink signatures -o out.ndjson spool
verify       out.ndjson    $verify -o out.ndjson spool
from_tar     out.mbox      $sign -o out.mbox box.tar
reports      out.set       reports $saved -o out.set rep
verdicts     out.set       verify --keys $keys/zone --now $now $saved -o out.set spool"

borne="write:EINTR write:SHORT read:EINTR read:SHORT open:EINTR create:EINTR rename:EINTR sync:EINTR any:SLOW"
fatal="write:ENOSPC write:EIO create:ENOSPC create:EIO rename:EIO sync:EIO sync:ENOSPC"
of_source="read:EIO open:VANISH open:EIO"

tar -cf box.tar -C spool .
mkdir rep
for i in 1 2 3 4 5 6; do
    cp -r "$MAILMILL_SOURCE_DIR/datasets/reports/aggregate" "$MAILMILL_SOURCE_DIR/datasets/reports/bounces" rep/
    mv rep/aggregate "rep/aggregate$i" && mv rep/bounces "rep/bounces$i"
    rm "rep/aggregate$i/cut-short.xml" "rep/bounces$i/no-report.eml" # no rejects as it is
done

fresh()
{
    rm -rf out out.* place said log
    [ "$output" != place ] || cp -r spool place
}
# What the output differs in from that of a run without faults; nothing beside it may stay.
differs()
{
    diff -r -x .mailmill "whole.$sink" "$output" 2>&1 | head -n 3
    find . -maxdepth 4 \( -name '*.tmp' -o -name '*.part' \) -print
}
words_of()
{
    case $1 in
    *ENOSPC) echo "No space left on device" ;;
    *EIO) echo "Input/output error" ;;
    *) echo "(No such file or directory|vanished)" ;;
    esac
}
# names_path FILE: a line of stderr has the words of the error and a path of the source or the output
names_path()
{
    grep -E "$(words_of "$fault")" said | grep -qE "\b(spool|place|box|rep|out)\b" || echo "stderr names no path with '$(words_of "$fault")': $(head -n 1 said)"
}
# borne: as if nothing had been
check_borne()
{
    [ "$code" -eq 0 ] || echo "exit code $code: $(head -n 1 said)"
    differs
}
# The run that could not go on does so, now that it can.
check_goes_on()
{
    case $code in
    74) ;;
    73) grep -qE "cannot (make|sync|write|open)" said || echo "exit code 73: $(head -n 1 said)" ;;
    *) echo "exit code $code, wanted 74: $(head -n 1 said)" ;;
    esac
    names_path
    "$mailmill" $command --resume >/dev/null 2>again || echo "--resume: exit code $?: $(head -n 1 again)"
    [ "$(stat_of again inputs)" = "$inputs" ] || echo "--resume: $(stat_of again inputs) inputs"
    differs
}
# A source is rejected and named, all others are there; what is left to do is on the list of rejects.
check_rejected()
{
    [ "$(stat_of said rejected)" = 1 ] || echo "$(stat_of said rejected) rejected"
    [ "$(stat_of said inputs)" = "$inputs" ] || echo "$(stat_of said inputs) inputs"
    names_path
    "$mailmill" $command --resume >/dev/null 2>again || echo "--resume of what is finished: exit code $?"
    [ "$output" != place ] || "$mailmill" $sign --in-place --files-from place/.mailmill/rejects.ndjson >/dev/null 2>again ||
        echo "the rejects are not accepted: $(head -n 1 again)"
    [ "$output" != out.set ] || rm -r out.set # which nothing replaces
    [ "$output" = place ] || "$mailmill" $command $([ "$output" = out.set ] || echo --overwrite) >/dev/null 2>again || echo "--overwrite: exit code $?"
    differs
}

# strike KIND: the fault at each place, with each reader; what is wrong with it
strike()
{
    local io at total
    for io in $ring threads; do
        total=${count[$io.${fault%%:*}]:-0}
        for at in $(printf '%s\n' 1 $(((total + 1) / 2)) "$total" | sort -nu); do
            [ "$at" -gt 0 ] || continue
            fresh
            code=0
            "$mailmill" $command --io $io --fault "$fault@$at" >/dev/null 2>said || code=$?
            { 
                [ "$(stat_of said faults)" = 1 ] || echo "$(stat_of said faults) faults"
                case $1:$code in
                borne:*) check_borne ;;
                source:1) check_rejected ;;
                source:0)
                    # A folder of the output is opened, missed and made: which of the openings that is differs from run to run.
                    if [ "$fault" = open:VANISH ]; then check_borne; else check_goes_on; fi
                    ;;
                *) check_goes_on ;;
                esac
            } | sed "s/^/$fault@$at of $total, $io: /"
            cases=$((cases + 1))
        done
    done
}

declare -A count
cases=0
while read -r sink output command; do
    [ "$sink" ] || continue
    for io in $ring threads; do
        fresh
        "$mailmill" $command --io $io --fault log:log >/dev/null 2>said || echo "# the run without faults failed: $(head -n 1 said)"
        for op in read open write create rename sync; do count[$io.$op]=$(grep -c "	$op	" log); done
        count[$io.any]=$(wc -l <log)
    done
    inputs=$(stat_of said inputs)
    rm -rf "whole.$sink"
    mv "$output" "whole.$sink"
    for fault in $borne; do is "$sink: $fault is borne" "$(strike borne)" ""; done
    for fault in $fatal; do is "$sink: $fault is told, and gone on from" "$(strike fatal)" ""; done
    for fault in $of_source; do is "$sink: $fault is told" "$(strike source)" ""; done
done <<<"$sinks"

# A packed container of a folder is opened as a file, and once more to be unpacked.
mkdir boxes
tar -czf boxes/box.tar.gz -C spool/deep er
message example.com 42 >boxes/42.eml
look="--keys $keys/zone --now $now --threads 1 --io threads --stats boxes"
"$mailmill" verify --fault log:log -o whole.ndjson $look 2>/dev/null
at=$(grep '	open	' log | grep -n 'boxes/box.tar.gz' | sed -n '2s/:.*//p')
is "a container that cannot be opened again ends with 1" "$("$mailmill" verify --fault "open:EIO@${at:-0}" -o out.ndjson $look 2>said; echo $?)" 1
is "and is one reject, with path and words" "$(stat_of said inputs) $(grep -c 'boxes/box.tar.gz: .*Input/output error' said)" "2 1"
plan
