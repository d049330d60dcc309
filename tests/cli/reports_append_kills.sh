# reports_append_kills.sh - an append that is killed anywhere leaves a dataset that readers open, and the next one completes it.
# SPDX-License-Identifier: Apache-2.0
#
# Killed at every operation on files that changes something, and those of the commit, at some of the others, and by the
# clock. READS (default 6) says at how many reads before the commit.
[ ! -w /dev/shm ] || [ "$(df --output=avail /dev/shm | tail -n 1)" -lt 200000 ] || export TMPDIR=/dev/shm
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
. "$MAILMILL_SOURCE_DIR/tests/support/dataset_rows.sh" || exit 1
cd "$tap_dir" || exit 1
needs_faults
reads=${READS:-4}

python3 "$MAILMILL_SOURCE_DIR/tests/support/append_reports.py" planted 5 60
cp "$MAILMILL_SOURCE_DIR"/datasets/reports/*/*.eml planted
find planted -type f | LC_ALL=C sort >list
sed -n 'p;n' list >even
sed -n 'n;p' list >odd
more="$mailmill reports --append --quiet --threads 1 -o app --files-from odd"

# A dataset of half of the reports; of $1 runs more over one bounce each, so that files are small and many.
base()
{
    local i
    "$mailmill" reports --quiet -o "$2" --files-from even 2>/dev/null
    for i in $(seq "$1"); do
        printf 'Return-Path: <>\nFrom: MAILER-DAEMON\nSubject: Undelivered Mail Returned to Sender\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; m.example\n\nFinal-Recipient: rfc822; r%s@example.org\nAction: failed\nStatus: 5.1.1\n\n--b--\n' "$i" >"bounce$i.eml"
        "$mailmill" reports --append --quiet -o "$2" "bounce$i.eml" 2>/dev/null
    done
}

# Each table is as before or as after.
tables_of() { cut -d ' ' -f 1 "$1.rows" "$1.after.rows" | sort -u; }
table_of() { grep -a "^$2 " "$1"; }
settled()
{
    local table
    cmp -s app.rows "$1.rows" || cmp -s app.rows "$1.after.rows" && return
    for table in $(tables_of "$1"); do
        table_of app.rows "$table" >found
        table_of "$1.rows" "$table" | cmp -s - found || table_of "$1.after.rows" "$table" | cmp -s - found ||
            echo "$table is neither as before nor as after"
    done
}

# What is wrong with the dataset that a killed run left, and with what the next run makes of it. $1: the dataset as before.
judge()
{
    if ! rows_of app 2>said; then
        echo "it cannot be read: $(head -n 1 said)"
    elif [ "${2-}" != drops ]; then
        settled "$1"
    fi
    $more 2>said
    [ $? -le 1 ] || echo "the next run: $(head -n 1 said)"
    rows_of app && cmp app.rows "$1.after.rows"
    cmp app/_mailmill.json "$1.after/_mailmill.json"
    ls -A app/.mailmill | grep -vxE 'claims.parquet|inputs.parquet|rejects.ndjson|journal'
    [ "${2-}" != drops ] || [ "$(parts app bounces)" = "$(parts "$1.after" bounces)" ] || echo "$(parts app bounces) files"
}

# kills BASE WORDS [drops]: at all operations that matter. drops: between two operations a table may have rows twice.
kills()
{
    local base=$1 words=$2 how=${3-} all first n ops=0
    rm -rf app log && cp -r "$base" app
    $more --fault log:log 2>/dev/null
    rm -rf "$base.after" && mv app "$base.after" && rows_of "$base" && rows_of "$base.after"
    all=$(wc -l <log)
    first=$(grep -n 'append.commit' log | head -n 1 | cut -d : -f 1)
    : >trouble
    while read -r n; do
        ops=$((ops + 1))
        rm -rf app && cp -r "$base" app
        { $more --fault any:KILL@$n; } >/dev/null 2>&1
        [ $? -eq 137 ] || echo "not killed at $n"
        judge "$base" "$how" | sed "s/^/killed at operation $n of $all: /"
    done < <({ awk -F '\t' -v first="$first" '$2 != "read" && $2 != "open" || NR >= first { print NR }' log
        seq 1 $((first / (reads + 1) + 1)) "$first"; } | sort -nu) >trouble 2>&1
    is "$words: the dataset is whole, and the next run completes it" "$(head -n 20 trouble)" ""
    ok "$words: at many operations" $((ops < 60))
}
base 0 small
kills small "an append"
ok "files were written anew" $(($(parts small.after dmarc_reports) > 1))
base 32 many
kills many "an append that makes one file of small ones" drops
is "they became one" "$(parts many bounces) $(parts many.after bounces)" "33 1"

# The next run may be killed as well, at what it completes.
commit=$(grep -n 'rename.*append.commit' log | head -n 1 | cut -d : -f 1)
: >trouble
for n in $(seq $((commit + 2)) 3 "$(wc -l <log)"); do
    for again in 6 9 12 15; do
        rm -rf app && cp -r many app
        { $more --fault any:KILL@$n; } >/dev/null 2>&1
        { $more --fault any:KILL@$again; } >/dev/null 2>&1
        judge many drops | sed "s/^/killed at operation $n, then $again: /"
    done
done >trouble 2>&1
is "a run that completes another may be killed too" "$(head -n 20 trouble)" ""

# By the clock, with all threads.
: >trouble
for ms in 002 005 010 015 020 025 030 035 040 050 060 080; do
    rm -rf app && cp -r small app
    {
        ${more/--threads 1/} &
        pid=$!
        sleep "0.$ms"
        kill -9 $pid
        wait $pid
    } >/dev/null 2>&1
    judge small | sed "s/^/killed after $ms ms: /"
done >trouble 2>&1
is "killed by the clock: whole, and completed" "$(head -n 20 trouble)" ""

# What cannot be done ends in words, and changes nothing that readers see.
: >trouble
for fault in create:ENOSPC@3 write:ENOSPC@1 write:ENOSPC@4 sync:EIO@2 write:EIO@9; do
    rm -rf app && cp -r small app
    $more --fault $fault 2>said
    [ $? -eq 74 ] || echo "$fault: exit code"
    rows_of app && cmp app.rows small.rows | sed "s/^/$fault: /"
    ls -A app/.mailmill | grep -vxE 'claims.parquet|inputs.parquet|rejects.ndjson|journal'
    judge small | sed "s/^/$fault: /"
done >trouble 2>&1
is "a full or broken disk: nothing is changed, and the next run completes" "$(head -n 20 trouble)" ""
: >trouble
for n in 1 2 3 4 5 6 7 8 9 10 11; do
    rm -rf app && cp -r small app
    $more --fault rename:EIO@$n 2>said
    [ $? -eq 74 ] || echo "rename:EIO@$n: $(cat said)"
    judge small | sed "s/^/rename $n fails: /"
done >trouble 2>&1
is "a rename that fails: the next run completes" "$(head -n 20 trouble)" ""

# On disk before it is relied on: what the record tells of before the record, and what it did before it goes.
python3 - log <<'PY' >trouble
import sys
unsynced, names, record, trouble = {}, {}, None, []
lines = [line.rstrip("\n").split("\t")[1:] for line in open(sys.argv[1], encoding="latin-1")]
for at, (op, path, to) in enumerate(lines, 1):
    if op in ("write", "create"):
        unsynced[path] = at
    elif op == "sync":
        unsynced.pop(path, None)
        for name in [n for n in names if n.rsplit("/", 1)[0] == path]:
            names.pop(name)
    elif op == "rename":
        if path in unsynced:
            trouble.append("line %d: %s is renamed and not on disk" % (at, path))
        if to.endswith("/append.commit"):
            trouble += ["line %d: %s is not on disk when the record is" % (at, name) for name in unsynced if "/append/" in name]
            record = at
        elif "/append/" in path and record is None:
            trouble.append("line %d: %s before there is a record" % (at, to))
        names[to] = at
    elif op == "remove" and path.endswith("/append.commit"):
        trouble += ["line %d: the record goes before the name %s is on disk" % (at, name) for name in names]
print("\n".join(trouble[:20]), end="")
PY
is "what is relied on is on disk" "$(cat trouble)" ""
plan
