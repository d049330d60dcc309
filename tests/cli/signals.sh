#!/usr/bin/env bash
# signals.sh - SIGTERM and SIGINT at twenty instants: what is begun is finished, counted, and nothing half done stays.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
make_spool spool 12000

# let_go PID: it is gone, and so is its hold on a pipe
let_go()
{
    kill "$1"
    wait "$1" 2>/dev/null
}

: >early
# one_stop SIGNAL SECONDS: prints what is wrong, nothing when all is well.
one_stop()
{
    local signal=$1 after=$2 code=0 started ended
    rm -rf out out.mbox*
    "$mailmill" sign $one --now $now --stats --durability none -o "$3" spool 2>stats &
    local pid=$!
    sleep "$after"
    started=$(date +%s%N)
    kill -s "$signal" $pid 2>/dev/null
    wait $pid || code=$?
    ended=$(date +%s%N)
    if [ $code -eq $((128 + 15)) ] || [ $code -eq $((128 + 2)) ]; then
        # It came before the first line of main(): then there is nothing to finish.
        [ ! -e "$3" ] || echo "killed at work"
        return
    fi
    [ $code -eq 75 ] && echo stopped >>early
    [ $code -eq 75 ] || [ $code -eq 0 ] || echo "exit code $code"
    [ $(((ended - started) / 1000000)) -lt 2000 ] || echo "it took $(((ended - started) / 1000000)) ms"
    [ -z "$(find out* -name '*.tmp' 2>/dev/null)" ] || echo "temporary names stayed"
    local inputs signed
    inputs=$(stat_of stats inputs)
    signed=$(stat_of stats signed)
    [ "$inputs" = "$signed" ] || echo "inputs $inputs, signed $signed"
    if [ "$3" = out ]; then
        [ "$(find out -name '*.eml' | wc -l)" = "$signed" ] || echo "$(find out -name '*.eml' | wc -l) files, $signed signed"
        "$mailmill" verify --keys "$keys/zone" --now $now --require pass --quiet -o - out >/dev/null 2>&1 ||
            [ "$signed" = 0 ] || echo "some file does not verify"
    else
        [ $code -eq 0 ] || [ ! -e out.mbox ] || echo "half an mbox has its final name"
    fi
}

trouble=$(
    for i in 0 1 2 3 4 5 6 7 8 9; do
        one_stop TERM 0.0$((i * 7 + 12)) out
        one_stop INT 0.$((i * 11 + 110)) out
    done
    for i in 1 3 5; do one_stop TERM 0.${i}1 out.mbox; done
)
is "twenty-three stops leave no trouble" "$trouble" ""
is "most of them hit a run at work" "$([ "$(wc -l <early)" -ge 12 ] && echo yes || wc -l <early)" yes

# The line that says how to go on.
"$mailmill" sign $one --now $now -o last spool 2>said &
pid=$!
sleep 0.2
kill -TERM $pid
code=0
wait $pid || code=$?
is "a stopped run ends with 75" $code 75
check "it says the exact command that goes on" grep -q -- "mailmill sign --domain example.com --selector m1 .* -o last spool --resume" said

check "and that ends it" "$mailmill" sign $one --now $now --quiet -o last spool --resume
is "with every message" "$(find last -name '*.eml' | wc -l)" 12000

# A stop must not wait for a pipe that pauses.
mkfifo slow
sleep 20 >slow &
holder=$!
"$mailmill" verify --keys "$keys/zone" - <slow >rows 2>said &
pid=$!
sleep 0.3
started=$(date +%s%N)
kill -TERM $pid
code=0
wait $pid || code=$?
ended=$(date +%s%N)
let_go $holder
is "a run that waits for stdin stops at once" "$code $(((ended - started) / 1000000 < 2000))" "75 1"

# Nor for a list: one that nobody writes yet, and one that pauses.
"$mailmill" verify --keys "$keys/zone" --files-from slow 2>said &
pid=$!
sleep 0.3
kill -TERM $pid
code=0
wait $pid || code=$?
is "a run that waits for its list stops" "$code $(grep -c 'the list slow: stopped by a signal' said)" "75 1"
{ echo spool/000/000000.eml && exec sleep 20; } >slow &
holder=$!
"$mailmill" verify --keys "$keys/zone" --files-from - <slow 2>said &
pid=$!
sleep 0.3
kill -TERM $pid
code=0
wait $pid || code=$?
let_go $holder
is "and so does one whose list pauses" "$code $(grep -c 'the list -: stopped by a signal' said)" "75 1"

# A run that goes on is stopped before it has passed what is done: that says nothing about its sources.
# stopped_at FILE BYTES COMMAND...: its exit code, stopped where its standard input pauses after so many bytes of FILE
stopped_at()
{
    local file=$1 bytes=$2 code=0 pid holder
    shift 2
    { head -c "$bytes" "$file"; exec sleep 20; } >slow &
    holder=$!
    "$@" <slow >/dev/null 2>said &
    pid=$!
    sleep 0.5
    kill -TERM $pid
    wait $pid || code=$?
    let_go $holder
    echo $code
}
for i in $(seq 1000); do printf 'From a Tue Nov 14 22:13:20 2023\n' && cat spool/000/000$(printf %03d $((i - 1))).eml && echo; done >spool.mbox
for out in skip.mbox skip.tar.zst; do
    sign="$mailmill sign $one --now $now --durability none -o $out -"
    is "a run from a pipe is stopped ($out)" "$(stopped_at spool.mbox 200000 $sign)" 75
    is "and once more while it steps over what is done" "$(stopped_at spool.mbox 20000 $sign --resume) $(cat said | grep -c differ)" "75 0"
    check "then it goes on to the end" bash -c '"$@" --resume --quiet <spool.mbox' - $sign
done
verify="$mailmill verify --keys $keys/zone --now $now -o skip.ndjson -"
is "rows from a pipe are stopped" "$(stopped_at spool.mbox 200000 $verify)" 75
is "and once more while it steps over what is done" "$(stopped_at spool.mbox 20000 $verify --resume) $(cat said | grep -c differ)" "75 0"
check "then they go on to the end" bash -c '"$@" --resume --quiet <spool.mbox' - $verify

# A run at work is not told from outside as one that ended early.
{ head -c 200000 spool.mbox && exec sleep 20; } >slow &
holder=$!
"$mailmill" sign $one --now $now --durability none -o busy.mbox - <slow 2>/dev/null &
pid=$!
sleep 0.5
for more in "" --resume --overwrite; do
    says "a run at work keeps others away ($more)" 73 "another run" "$mailmill" sign $one --now $now --durability none -o busy.mbox - $more
done
kill -TERM $pid
wait $pid
let_go $holder
says "one that is stopped may be gone on with" 73 "--resume goes on with it" \
    "$mailmill" sign $one --now $now --durability none -o busy.mbox -

# A command is said whole or not at all.
sign="$mailmill sign $one --now $now"
is "a run over many names is stopped" "$(stopped_at spool.mbox 20000 $sign -o long.mbox - "$tap_dir"/spool/000/*.eml)" 75
is "what is too long to say is not cut" "$(tail -n 1 said | sed 's/.*; //')" "stopped early, go on with the same command and --resume"
is "with the option a second time" "$(stopped_at spool.mbox 20000 $sign --resume -o long.mbox - "$tap_dir"/spool/000/*.eml)" 75
is "there is nothing to add" "$(tail -n 1 said | sed 's/.*; //')" "stopped early, go on with the same command"
plan
