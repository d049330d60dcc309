# terminal.sh - what a person sees: progress and tables on a terminal, plain lines elsewhere, and what signals do.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1
cd "$tap_dir" || exit 1
export TERM=xterm
unset NO_COLOR
erase=$'\r\e[K'

install -m 600 "$MAILMILL_SOURCE_DIR/datasets/keys/campaign.pem" key.pem
mkdir some
cp "$MAILMILL_SOURCE_DIR"/datasets/mail/campaign/* some/
printf 'Subject: no author\r\n\r\nhello\r\n' >some/zz-no-from.eml
sign="'$MAILMILL_PROGRAM' sign --domain example.com --selector c1 --key key.pem"
verify="'$MAILMILL_PROGRAM' verify --keys none"

# on_terminal COMMAND: its output with stdin, stdout and stderr on a terminal of 80 columns; TERM as it is.
on_terminal()
{
    script -qefc "stty cols 80 2>/dev/null; $1" /dev/null </dev/null | tr -d '\004'
}
holds_text()
{
    case $1 in *"$2"*) return 0 ;; esac
    return 1
}
# slowly COMMAND: a message comes on its standard input, and the end of it only after half a second.
slowly="{ cat some/zz-no-from.eml; sleep 0.5; } |"

shown=$(on_terminal "$slowly $sign -o - - 2>&1 >/dev/null | cat")
holds_text "$shown" $'\e'
is "nothing is drawn into a pipe" "$?" 1
shown=$(on_terminal "$slowly $sign -o one.eml -")
holds_text "$shown" "${erase}mailmill sign: "
ok "progress is drawn over on a terminal" $?
holds_text "${shown##*"$erase"}" "1 input: 0 signed, 1 rejected"
ok "the closing line takes the place of the progress" $?
for quiet in "--quiet" "--progress never"; do
    shown=$(on_terminal "$slowly $sign $quiet -o two.eml -")
    holds_text "$shown" "$erase"
    is "nothing is drawn with $quiet" "$?" 1
done
shown=$(TERM=dumb on_terminal "$slowly $sign -o three.eml -")
holds_text "$shown" $'\e'
is "nothing is drawn on a dumb terminal" "$?" 1
shown=$(NO_COLOR=1 on_terminal "$sign -o four some; $slowly $sign -o five.eml -")
holds_text "$shown" $'\e[3'
is "NO_COLOR takes colours away" "$?" 1
holds_text "$shown" "${erase}mailmill sign: "
ok "NO_COLOR leaves the progress" $?
shown=$(on_terminal "stty cols 30; $slowly $sign -o six.eml -" | tr '\r' '\n' | sed -n $'s/^\e\\[K\\(mailmill sign: [0-9]*,.*\\)/\\1/p' |
    awk 'length($0) > 29')
is "progress never wraps on a narrow terminal" "$shown" ""

shown=$(on_terminal "$verify some")
holds_text "$shown" '{"message"'
is "verify shows a table on a terminal" "$?" 1
holds_text "$shown" "some/zz-no-from.eml"
ok "the table names each message" $?
holds_text "$shown" "$erase"
is "no progress is drawn across the table" "$?" 1
mkfifo odd-one
shown=$(on_terminal "$verify odd-one some")
holds_text "$shown" "(special-file)"
is "a reject that the table shows is not named again" "$?" 1
holds_text "$shown" "odd-one"
ok "the table shows it" $?
shown=$(on_terminal "$verify odd-one some >/dev/null")
holds_text "$shown" "mailmill verify: odd-one: a FIFO, socket or device (special-file)"
ok "a reject is named where its row goes elsewhere" $?
on_terminal "$verify -o - some" >shown
is "-o - is JSON on a terminal, too" "$(grep -c '^{"message"' shown)" "$(ls some | wc -l)"
is "verify writes JSON into a pipe" "$("$MAILMILL_PROGRAM" verify --keys none some 2>/dev/null | grep -c '^{"message"')" \
    "$(ls some | wc -l)"

# Bytes of a stranger's file name reach no terminal as they are.
mkdir odd
printf 'x\r\n\r\n' >"odd/$(printf 'a\e]0;b\a\nc')"
shown=$(NO_COLOR=1 on_terminal "$sign --quiet -o odd-out odd; $verify --quiet odd")
holds_text "$shown" $'\e'
is "escape sequences in names are shown, not sent" "$?" 1
holds_text "$shown" 'a\x1b]0;b\x07\x0ac'
ok "the name is there in escaped form" $?

# A run that waits for its input can be asked and stopped.
mkfifo pipe
start_waiting()
{
    "$MAILMILL_PROGRAM" sign --domain example.com --selector c1 --key key.pem -o "$1" - <pipe 2>err &
    run=$!
    exec 9>pipe
    sleep 0.4
}
wait_for()
{
    local tries=0
    until grep -q "$1" err || [ $((tries += 1)) -gt 50 ]; do
        sleep 0.1
    done
    grep -q "$1" err
}
start_waiting seven.mbox
kill -USR1 $run
wait_for '^mailmill sign: 0, '
ok "SIGUSR1 tells the progress at once, off a terminal" $?
exec 9>&-
wait $run

# stops SIGNAL OUTPUT QUOTED: the signal ends a run that waits, and the command that goes on can be typed.
stops()
{
    local signal=$1 code=0 begun=$SECONDS
    start_waiting "$2"
    kill -"$signal" $run
    wait $run || code=$?
    exec 9>&-
    is "SIG$signal ends the run with 75" "$code" 75
    ok "SIG$signal ends it soon" $((SECONDS - begun > 3))
    is "SIG$signal leaves no output under its name" "$(ls -d -- "$2" 2>/dev/null)" ""
    is "SIG$signal: the last line has the command that goes on" "$(tail -n 1 err | sed 's/.*; stopped/stopped/')" \
        "stopped early, go on with: mailmill sign --domain example.com --selector c1 --key key.pem -o $3 - --resume"
    eval "set -- \"\$2\" $3"
    is "SIG$signal: the shell reads the output's name back" "$2" "$1"
}
stops TERM eight.mbox eight.mbox
stops INT "it's 9.mbox" "'it'\\''s 9.mbox'"
stops HUP $'\ea\'\\.mbox' "\$'\\x1ba\\x27\\x5c.mbox'"

"$MAILMILL_PROGRAM" verify --keys none some 2>err | head -n 1 >/dev/null
is "a reader that leaves early is no fault to talk about" "$(grep -vc ' inputs: ' err)" 0

# --stats is the last line, one word, whatever is quiet.
eval "$sign --stats --quiet -o nine some" 2>err
line=$(tail -n 1 err)
is "--stats has no blanks" "$(tail -n 1 err | wc -w)" 1
is "--quiet with --stats leaves rejects and counters" "$(wc -l <err)" 2
for member in '"inputs":121,' '"signed":120,' '"verified":0,' '"extracted":0,' '"rejected":1,' '"duplicates":0,'; do
    holds_text "$line" "$member"
    ok "--stats has $member" $?
done
if command -v python3 >/dev/null; then
    python3 - "$line" <<'PYTHON'
import json, sys
s = json.loads(sys.argv[1])
keys = """inputs signed verified extracted rejected duplicates bytes wall_s cpu_s peak_bytes names_bytes threads
threads_why memory_bytes io io_why io_inflight_mean io_inflight_max synced_apart cpu stages links_skipped results faults""".split()
assert all(k in s for k in keys), [k for k in keys if k not in s]
assert set(s["stages"]) == {"scan", "read", "parse", "canonicalize", "hash", "crypto", "encode", "write"}, s["stages"]
assert s["cpu"] and all(isinstance(v, str) and v for v in s["cpu"].values()), s["cpu"]
PYTHON
    ok "--stats is JSON with every member" $?
else
    skip "--stats is JSON with every member" "no python3 here"
fi

# The first 20 of a reason are named, then counted.
mkdir many
for i in $(seq 25); do
    printf 'Subject: %d\r\n\r\n' "$i" >many/$i.eml
done
eval "$sign -o ten many" 2>err
is "20 rejects of a reason are named" "$(grep -c '(no-from)$' err)" 20
is "and the others counted" "$(grep 'more rejected' err)" "mailmill sign: 5 more rejected (no-from), 25 in all"
plan
