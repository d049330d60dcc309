#!/usr/bin/env bash
# resume.sh - runs that are killed go on with --resume: nothing lost, nothing twice, the bytes of a run without a break.
# SPDX-License-Identifier: Apache-2.0
#
# KILLS runs of each kind are killed (default 2), at instants spread over the time of a whole run.
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
kills=${KILLS:-2}
make_spool spool 2000
printf 'Subject: no author\n\nx\n' >spool/000/bad1.eml
printf 'Subject: no author\n\ny\n' >spool/001/bad2.eml
sign="$mailmill sign $one --now $now --threads 2"
verify="$mailmill verify --keys $keys/zone --now $now --threads 2"

# killed SECONDS COMMAND...: kill -9 after that time. Says whether it was at work still.
killed()
{
    local after=$1 pid
    shift
    "$@" >/dev/null 2>&1 &
    pid=$!
    sleep "$after"
    kill -9 $pid 2>/dev/null
    { wait $pid; } 2>/dev/null
}
# cut_short FILE COMMAND...: killed with some of it in FILE.part, and not all
cut_short()
{
    local file=$1 after
    shift
    for after in 0.02 0.03 0.04 0.06 0.08 0.1 0.15 0.2 0.3 0.5 1; do
        rm -rf "$file"*
        killed $after "$@"
        [ -e "$file" ] || [ "$(stat -c %s "$file.mailmill/journal" 2>/dev/null || echo 0)" -lt 700 ] || return 0
    done
    echo "# never cut short" >&2
}
# same A B: two trees or files are equal, working folders apart
same()
{
    diff -r -x .mailmill "$1" "$2" >differs 2>&1 || { head -n 3 differs; return 1; }
}
# each_goes_on NAME OUT COMMAND...: with %OUT in the command; the first run is the one without a break
each_goes_on()
{
    local name=$1 out=$2 i since span at lost= early=0
    shift 2
    local command=("${@/\%OUT/whole-$out}")
    since=$(date +%s%N)
    "${command[@]}" >/dev/null 2>&1
    span=$((($(date +%s%N) - since) / 1000000))
    command=("${@/\%OUT/$out}")
    for i in $(seq 1 "$kills"); do
        rm -rf "$out" "$out".*
        at=$((span * i / (kills + 1)))
        killed "$(printf '%d.%03d' $((at / 1000)) $((at % 1000)))" "${command[@]}"
        [ -e "$out" ] && [ ! -d "$out" ] || early=$((early + 1))
        # Killed once more while it goes on.
        [ $((i % 2)) -eq 0 ] && killed 0.1 "${command[@]}" --resume
        code=0
        "${command[@]}" --resume --stats >/dev/null 2>said || code=$?
        [ $code -le 1 ] || lost+="exit $code at $at ms: $(head -n 1 said) "
        lost+=$(same "whole-$out" "$out")
        [ "$(stat_of said inputs)" = 2002 ] || lost+="$(stat_of said inputs) inputs "
    done
    is "$name: what was killed goes on to the same end" "$lost" ""
    code=0
    "${command[@]}" --resume --stats >/dev/null 2>said || code=$?
    is "$name: once it is finished there is nothing to do" "$code $(stat_of said resumed)" "0 2002"
}

each_goes_on "tree" tree $sign -o %OUT spool
is "rejects are listed once" "$(grep -c rejected tree/.mailmill/rejects.ndjson)" 2
each_goes_on "tree without syncs" fast $sign --durability none -o %OUT spool
each_goes_on "Maildir" box $sign --sink maildir -o %OUT spool
each_goes_on "mbox" out.mbox $sign -o %OUT spool
each_goes_on "tar.zst" out.tar.zst $sign -o %OUT spool
each_goes_on "rows of verify" rows.ndjson $verify -o %OUT spool

# In place: what is replaced must not be signed once more, nor lost.
cp -r spool whole-place
$sign --in-place whole-place >/dev/null 2>&1
trouble=
for i in $(seq 1 "$kills"); do
    rm -rf place
    cp -r spool place
    killed 0.$((i * 7 + 10)) $sign --in-place place
    [ $((i % 2)) -eq 0 ] && killed 0.1 $sign --in-place place --resume
    code=0
    $sign --in-place place --resume --stats >/dev/null 2>said || code=$?
    [ $code -le 1 ] || trouble+="exit $code "
    trouble+=$(same whole-place place)
    [ -z "$(find place -name '*.tmp')" ] || trouble+="temporary names stayed "
done
is "in place: every message is there, signed once" "$trouble" ""

# What an earlier run has told is not told again, bad verdicts among them.
mkdir bad
for i in 1 2 3; do "$mailmill" sign $one --now $now --quiet -o - spool/000/00000$i.eml | sed 's/Dear/Dire/' >bad/$i.eml; done
refuse "failing verdicts are exit code 1" 1 $verify -o bad.ndjson bad
cp bad.ndjson bad.rows
check "going on with what has finished is 0, whatever its verdicts were" $verify -o bad.ndjson --resume bad
is "the rows are as they were" "$(cmp bad.ndjson bad.rows 2>&1; grep -c '"result":"fail","sig' bad.ndjson)" 3
refuse "so it is with --require pass" 1 $verify --require pass -o none.ndjson spool/000
check "which had told that too" $verify --require pass -o none.ndjson --resume spool/000

# What must not be gone on with.
rm -rf other*
$sign -o other spool &
pid=$!
for _ in $(seq 500); do [ -z "$(find other -name '*.eml' 2>/dev/null | head -n 1)" ] || break; sleep 0.02; done
{ kill -9 $pid; wait $pid; } 2>/dev/null
refuse "without --resume it is refused" 73 $sign -o other spool
says "another key is refused by name" 78 "the keys and tables" \
    "$mailmill" sign --domain example.com --selector other --key "$keys/mail.pem" --now $now -o other --resume spool
says "so are other options" 78 "--canon" $sign --canon simple -o other --resume spool
says "and other sources" 78 "SOURCE" $sign -o other --resume spool/000
check "the same goes on" test "$($sign -o other --resume spool >/dev/null 2>&1; echo $?)" -le 1
same whole-tree other
ok "to the same end" $?
rm -rf other
check "without output a finished journal counts as none" mkdir -p other.d
for _ in 1 2 3; do find spool -name '*.eml' | LC_ALL=C sort; done >list
cut_short late.mbox $sign -o late.mbox --files-from list
sed -i 1d list
says "sources that changed below an ordered output are refused" 78 "the sources are not those" \
    $sign -o late.mbox --resume --files-from list
rm -rf late*
cut_short torn.mbox $sign -o torn.mbox spool
if [ -e torn.mbox.mailmill/journal ]; then
    printf 'torn' >>torn.mbox.mailmill/journal
    printf 'torn' >>torn.mbox.part
fi
code=0
$sign -o torn.mbox --resume spool >/dev/null 2>&1 || code=$?
$sign -o untorn.mbox spool >/dev/null 2>&1
is "a torn tail of the journal is dropped" "$code $(cmp torn.mbox untorn.mbox 2>&1)" "1 "

# A finished journal tells of what is there.
printf 'From: author@example.com\n\nx\n' >lone.eml
# emptied SINK: exit code and files of a run that goes on with a finished one whose files are gone
emptied()
{
    $sign --sink "$1" -o emptied lone.eml >/dev/null 2>&1
    find emptied -type f ! -path '*/.mailmill/*' -delete
    $sign --sink "$1" --resume -o emptied lone.eml >/dev/null 2>&1
    echo "$? $(find emptied -type f ! -path '*/.mailmill/*' | wc -l)"
    rm -r emptied
}
is "a tree that was emptied is made again" "$(emptied tree)" "0 1"
is "a Maildir has been read" "$(emptied maildir)" "0 0"
is "a pickup folder has been picked up" "$(emptied pickup)" "0 0"

# The clock is the first run's.
rm -rf clock*
killed 0.1 "$mailmill" sign $one --threads 2 -o clock spool
sleep 1.1
"$mailmill" sign $one --threads 2 -o clock --resume spool >/dev/null 2>&1
is "all signatures have one time" "$(grep -ho ' t=[0-9]*;' -r clock --include='*.eml' | sort -u | wc -l)" 1
check "two runs on one OUT keep apart" bash -c '
    "$@" --threads 1 -o twice spool >/dev/null 2>&1 & sleep 0.06
    "$@" -o twice --resume spool 2>said; code=$?
    wait; [ $code -eq 73 ] && grep -q "another run" said' - $sign
plan
