# reports_append.sh - a dataset made in many runs has the rows of one run over everything.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
. "$MAILMILL_SOURCE_DIR/tests/support/dataset_rows.sh" || exit 1
cd "$tap_dir" || exit 1
cp -r "$MAILMILL_SOURCE_DIR/datasets/reports" in
make_reports() { python3 "$MAILMILL_SOURCE_DIR/tests/support/append_reports.py" "$@"; }
append() { "$mailmill" reports --append "$@"; }

# split LIST COUNT SEED: LIST.0 ... LIST.COUNT-1, each file in one of them by chance, but those that hold the same in one.
split()
{
    python3 - "$@" <<'PY'
import gzip, hashlib, io, random, sys, zipfile
names = open(sys.argv[1]).read().splitlines()
count, chance = int(sys.argv[2]), random.Random(int(sys.argv[3]))


def contents(data):
    yield data
    try:
        if data[:2] == b"\x1f\x8b":
            yield from contents(gzip.decompress(data))
        elif data[:2] == b"PK":
            box = zipfile.ZipFile(io.BytesIO(data))
            for member in box.namelist():
                yield from contents(box.read(member))
    except Exception:
        pass


group = {}
for name in names:
    hashes = [hashlib.sha256(data).digest() for data in contents(open(name, "rb").read())]
    members = [name]
    for known in {id(group[h]): group[h] for h in hashes if h in group}.values():
        members += known[1]
        hashes += [h for h in known[0] if h not in hashes]
    both = (hashes, members)
    for h in hashes:
        group[h] = both
parts = [[] for _ in range(count)]
for members in {id(g[1]): g[1] for g in group.values()}.values():
    parts[chance.randrange(count)] += members
for i, part in enumerate(parts):
    open("%s.%d" % (sys.argv[1], i), "w").write("".join(name + "\n" for name in part))
PY
}

# ---- a new dataset ----
refuse "a dataset that is not there is made" 1 append -o new in
refuse "as without --append" 1 "$mailmill" reports -o plain in
check "byte for byte" diff -r new plain

# ---- nothing new ----
files_of new >before
refuse "the same folder again: a damaged report was told before" 0 append --stats -o new in 2>/dev/null
append --stats -o new in 2>err
is "every input is a duplicate" "$(stat_of err inputs) $(stat_of err duplicates) $(stat_of err rejected)" "21 21 0"
is "no file is touched" "$(files_of new | diff before -)" ""
check "nor anything else" diff -r -x rejects.ndjson new plain
cp -r in moved && mv moved/bounces moved/elsewhere
check "the same under other names" append -o new moved
is "no file is touched" "$(files_of new | diff before -)" ""
printf 'x' >in/cut.tar.gz
refuse "what cannot be read is told" 1 append -o new in
is "in a row" "$("$mailmill" reports --format ndjson -o told in >/dev/null 2>&1; rows_of new; diff <(sed -n 's/^rejects //p' new.rows) <(LC_ALL=C sort told/rejects.ndjson))" ""
files_of new >before
append -o new in >/dev/null 2>&1
is "once" "$(files_of new | diff before -)" ""
rm in/cut.tar.gz

# ---- many runs are as one ----
# runs NAME LIST COUNT SEED: its files in COUNT runs are as in one
runs()
{
    local name=$1 list=$2 count=$3 seed=$4 i
    split "$list" "$count" "$seed"
    rm -rf one many
    "$mailmill" reports --quiet --memory 256M -o one --files-from "$list" 2>/dev/null
    for i in $(seq 0 $((count - 1)) | sort -R --random-source=<(yes "$seed")); do
        append --quiet --memory 256M -o many --files-from "$list.$i" 2>/dev/null
        [ $? -le 1 ] || echo "run $i"
    done
    same_rows "$name: the rows" one many
    is "$name: and what _mailmill.json says" "$(cat many/_mailmill.json)" "$(cat one/_mailmill.json)"
    is "$name: nothing else is left" "$(ls -A many/.mailmill | grep -vxE 'rejects.ndjson|journal' | xargs)" "claims.parquet inputs.parquet"
}
make_reports planted 1 240
cp -r in planted/others
find planted -type f | LC_ALL=C sort >planted.list
runs "halves" planted.list 2 1
is "reports were told better, so files were written anew" "$(parts many dmarc_records) $(parts many daily)" "1 1"
runs "thirds" planted.list 3 2
runs "sevenths" planted.list 7 3
make_reports many.in 2 120
find many.in -type f | LC_ALL=C sort >many.list
runs "one after another" many.list 40 4
for table in dmarc_reports dmarc_records tls_reports duplicates; do
    ok "there are no more than 33 files of $table" $(($(parts many $table) > 33))
done
if [ -r "${MAILMILL_CORPUS:-/nonexistent}/reports/expected.tsv" ]; then
    find "$MAILMILL_CORPUS/reports" -mindepth 2 -type f | LC_ALL=C sort >corpus.list
    runs "halves of the corpus" corpus.list 2 5
    runs "thirds of the corpus" corpus.list 3 6
else
    skip "halves of the corpus" "no corpus"
fi

# A repeated input adds no row, wherever it is: it is as if it were not there.
mkdir first second
cp planted/[abcd]*.xml in/bounces/*.eml first
cp planted/[efgh]*.xml in/feedback/*.eml second
"$mailmill" reports --quiet -o whole first second 2>/dev/null
append --quiet -o parted first 2>/dev/null
mkdir second/again && cp first/[ab]*.xml first/*.eml second/again
append --quiet --stats -o parted second 2>err
same_rows "inputs that were taken before are as if they were not there" whole parted
ok "they are counted" $(($(stat_of err duplicates) < $(find second/again -type f | wc -l)))

# ---- small files become one ----
rm -rf small && mkdir small
n=0
for file in $(head -n 100 many.list); do
    n=$((n + 1))
    sed "s/domain[0-9]\.example/d$n.example/g; s/id-[0-9]*/id-$n/" "$file" 2>/dev/null >small/$n.xml
done
find small -type f -size +100c | LC_ALL=C sort -V | grep -v gz | head -n 60 >small.list
rm -rf grown && most=0 few=99
while read -r file; do
    append --quiet -o grown "$file" 2>/dev/null
    now_parts=$(parts grown rejects)
    [ -e grown/dmarc_records ] && now_parts=$(parts grown dmarc_records)
    [ "$now_parts" -le $most ] || most=$now_parts
    last=$now_parts
done <small.list
is "files of a table are 33 at most" "$most" 33
ok "then they become one" $((last > 32))
"$mailmill" reports --quiet -o at-once --files-from small.list 2>/dev/null
same_rows "with the rows that they had" at-once grown

# Who reads meanwhile finds the files that were put into one gone, and reads again.
report()
{
    printf '%s' '<feedback><report_metadata><org_name>r.example</org_name><email>a@r.example</email>' "<report_id>$1</report_id>" \
        '<date_range><begin>1709164800</begin><end>1709251199</end></date_range></report_metadata><policy_published>' \
        "<domain>d$1.example</domain><p>none</p></policy_published><record><row><source_ip>192.0.2.$1</source_ip><count>1</count>" \
        '<policy_evaluated><disposition>none</disposition><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row><identifiers>' \
        "<header_from>d$1.example</header_from></identifiers><auth_results/></record></feedback>" >"single$1.xml"
}
for n in $(seq 34); do
    report "$n"
    [ "$n" -eq 34 ] || append --quiet -o thirty-three "single$n.xml"
done
for try in $(seq 12); do
    rm -rf read && cp -r thirty-three read
    append --quiet -o read single34.xml &
    while kill -0 $! 2>/dev/null; do
        "$mailmill" summary --view health --view sources read 2>&1 >/dev/null
    done
done >refused
is "no reader is refused while small files become one" "$(sort refused | uniq -c | head -n 5)" ""
is "which they did" "$(parts thirty-three dmarc_records) $(parts read dmarc_records)" "33 1"

# ---- a first run that ended early ----
# What it has done is its own: nobody else goes on with it, or removes it.
mkfifo first.fifo
"$mailmill" reports --append --quiet -o begun - <first.fifo &
pid=$!
exec 9>first.fifo
cat in/bounces/1.eml >&9
for _ in $(seq 50); do [ ! -e begun.part/.mailmill/journal ] || break; sleep 0.1; done
says "while it goes on another is refused" 73 "another run writes to the journal begun.part/.mailmill/journal" append -o begun in/feedback
says "with the same sources too" 73 "another run writes to the journal begun.part/.mailmill/journal" append -o begun - </dev/null
{ kill -9 $pid; wait $pid; } 2>/dev/null
exec 9>&-
is "killed, it leaves what could be gone on with" "$(ls begun begun.part/.mailmill/journal 2>/dev/null)" "begun.part/.mailmill/journal"
says "one over other sources is refused, with what can be done" 73 \
    "another run had begun to make begun and ended early: its own command goes on with it; to begin anew, remove begun.part" \
    append -o begun in/feedback
"$mailmill" reports --append --quiet -o begun - <in/bounces/1.eml
is "its own goes on" $? 0
"$mailmill" reports --quiet -o one-bounce - <in/bounces/1.eml
is "to the end" "$(diff -r begun one-bounce; ls -d begun*)" "begun"

# ---- a list of its own ----
says "a list that exists is refused, with what can be done" 73 "plain/_mailmill.json exists; name another file, or remove it" \
    "$mailmill" reports -o no --rejects plain/_mailmill.json in
: >listed
says "an empty one too" 73 "listed exists; name another file, or remove it" "$mailmill" reports -o no --rejects listed in
refuse "who appends has it made" 1 append -o listing --rejects listed in/aggregate
is "it tells of the run" "$(wc -l <listed)" 1
check "the next replaces it" append -o listing --rejects listed in/aggregate
is "with its own rejects" "$(cat listed)" ""
printf 'x' >in/cut.tar.gz
refuse "as often as it is run" 1 append -o listing --rejects listed in
is "and what was rejected is in it" "$(grep -c cut.tar.gz listed)" 1
check "with rejects of an earlier run in it as well" append -o listing --rejects listed in
is "which are not told again" "$(cat listed)" ""
rm in/cut.tar.gz
cp in/bounces/1.eml dear
says "what is no list is not replaced" 73 "dear exists and is no list of rejects: name another file" append -o listing --rejects dear in/aggregate
printf '{"message":"a","bytes":1,"result":"pass"}\n' >rows.ndjson
says "nor are rows of verdicts" 73 "rows.ndjson exists and is no list of rejects: name another file" append -o listing --rejects rows.ndjson in/aggregate
check "and stays" cmp dear in/bounces/1.eml

# ---- refusals ----
mkdir -p other/letters && echo dear >other/letter
cp -r plain locked
cp -r plain lost && rm lost/.mailmill/claims.parquet
cp -r plain older && sed -i 's/"schema_version":[0-9]*/"schema_version":999/' older/_mailmill.json
cp -r plain verdicts && sed -i 's/"verb":"reports"/"verb":"verify"/' verdicts/_mailmill.json
cp -r plain torn && echo '{' >torn/_mailmill.json
cp -r plain damaged && printf 'mailmill append 1\nend 0000000000000000\n' >damaged/.mailmill/append.commit
"$mailmill" reports --format ndjson --quiet -o lines in 2>/dev/null
"$mailmill" keys new --redact -o redact.key >/dev/null
says "a folder that is none" 73 "is no dataset: _mailmill.json is not in it" append -o other in
says "a file" 73 "is no dataset" append -o before in
says "other options" 78 "--split-days, --subjects and the key of --redact" append --split-days -o plain in
says "another key" 78 "--redact" append --redact redact.key -o plain in
says "another format" 78 "make it anew with --format parquet" append -o lines in
says "lines asked for" 64 "are not added to" append --format ndjson -o anew in
says "another schema" 78 "schema version 999" append -o older in
says "another verb" 78 "a dataset of verify" append -o verdicts in
says "a torn _mailmill.json" 78 "is not what mailmill writes" append -o torn in
says "without its state" 78 "has lost .mailmill/claims.parquet" append -o lost in
says "with a damaged commit" 74 "append.commit is damaged" append -o damaged in
says "a dataset inside the source" 64 "inside" append -o in/out in
is "none is touched" "$(cat other/letter; ls other; for d in plain lost older verdicts torn; do diff -rq plain $d; done | wc -l)" "dear
letter
letters
4"
# ---- files that were lost ----
append --quiet -o two in 2>/dev/null
append --quiet -o two planted 2>/dev/null
cp -r two one-file && rm one-file/dmarc_records/part-00001.parquet
cp -r two no-file && rm no-file/daily/part-*
cp -r two no-table && rm -r no-table/bounces
cp -r two empty && rm empty/tls_failures/part-* # of no rows
cp -r two more && cp more/bounces/part-00000.parquet more/bounces/part-00002.parquet
cp -r two torn-file && truncate -s -1 torn-file/arf/part-00000.parquet
rows=$(python3 -c 'import json; print(json.load(open("two/_mailmill.json"))["tables"]["dmarc_records"])')
printf 'Subject: another\n\n' >letter.eml
for name in one-file no-file no-table empty more torn-file; do
    cp -r $name $name.before
done
says "a file that was lost is missed" 78 "rows in 1 files, and _mailmill.json tells of $rows" append -o one-file letter.eml
says "all files of a table" 78 "the table daily has 0 rows in 0 files, and _mailmill.json tells of" append -o no-file letter.eml
says "a table" 78 "has no table bounces" append -o no-table letter.eml
says "a file without rows" 78 "the table tls_failures has 0 rows in 0 files" append -o empty letter.eml
says "a file too many" 78 "the table bounces has" append -o more letter.eml
says "what to do is said" 78 "bring back the files that were lost, or begin a new dataset" append -o one-file letter.eml
refuse "a damaged one is damage" 74 append -o torn-file letter.eml
is "nothing is touched" "$(for name in one-file no-file no-table empty more torn-file; do diff -r $name $name.before; done)" ""
cp two/dmarc_records/part-00001.parquet one-file/dmarc_records
refuse "with the file it goes on" 1 append -o one-file letter.eml

mkfifo slow
append --quiet -o locked - <slow &
pid=$!
exec 9>slow
for _ in $(seq 50); do [ ! -e locked/.mailmill/append ] || break; sleep 0.1; done
says "two runs at a time" 73 "another run adds to it" append -o locked in
exec 9>&-
wait $pid
refuse "when it has ended it is free" 0 append -o locked in
printf 'x' >in/extra.xml
append -o stopped in >/dev/null 2>&1
rows_of stopped && cp stopped.rows stopped.before
rm -f slow && mkfifo slow
"$mailmill" reports --append -o stopped - <slow 2>stop.err &
pid=$!
exec 9>slow
cat planted/others/bounces/1.eml >&9
sleep 0.3
kill -TERM $pid
wait $pid
is "a stop ends with 75" $? 75
exec 9>&-
rows_of stopped
is "and adds nothing" "$(diff stopped.before stopped.rows; ls -A stopped/.mailmill | grep -vxE 'rejects.ndjson|journal' | xargs)" "claims.parquet inputs.parquet"

# ---- with other options ----
for options in "--split-days" "--redact redact.key" "--subjects"; do
    rm -rf one many
    split planted.list 2 9
    "$mailmill" reports $options --quiet -o one --files-from planted.list 2>/dev/null
    for i in 1 0; do append $options --quiet -o many --files-from planted.list.$i 2>/dev/null; done
    same_rows "halves with $options" one many
done

# ---- bounds ----
"$mailmill" reports --quiet -o bound --files-from planted.list 2>/dev/null
check "little memory" append --memory 64M --quiet -o bound many.in
plan
