#!/usr/bin/env bash
# reports_resume.sh - datasets whose runs are killed go on with --resume: no row lost, none twice, the bytes of a run without a break.
# SPDX-License-Identifier: Apache-2.0
#
# KILLS runs of each kind (default 12) of REPORTS reports (default 600), as tests/support/kills.sh has it. Every batch is saved
# when it ends, which a run in use does where it costs little. The harness in full: KILLS=50 REPORTS=5000.
[ ! -w /dev/shm ] || [ "$(df --output=avail /dev/shm | tail -n 1)" -lt 2000000 ] || export TMPDIR=/dev/shm # lists as made
. "$MAILMILL_SOURCE_DIR/tests/support/kills.sh" || exit 1
cd "$tap_dir" || exit 1
kills=${KILLS:-12}
needs_faults

# Reports of all kinds, each other one packed, a few of them twice, damaged ones, mail that is none, archives among them.
make_reports()
{
    python3 - "$MAILMILL_SOURCE_DIR/datasets/reports" "$1" "$2" <<'PY'
import base64, gzip, io, os, shutil, sys, tarfile, zipfile
ready, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])

def report(i, records):
    rows = "".join("""<record><row><source_ip>192.0.%d.%d</source_ip><count>%d</count><policy_evaluated><disposition>none</disposition>
<dkim>pass</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>d%d.example</header_from></identifiers>
<auth_results><dkim><domain>d%d.example</domain><selector>s1</selector><result>pass</result></dkim></auth_results></record>
""" % (i % 200, k % 250, i + k, i % 7, i % 7) for k in range(records))
    return ("""<?xml version="1.0"?><feedback><report_metadata><org_name>org%d.example</org_name><email>dmarc@org%d.example</email>
<report_id>r%d</report_id><date_range><begin>%d</begin><end>%d</end></date_range></report_metadata><policy_published>
<domain>d%d.example</domain><p>none</p></policy_published>%s</feedback>
""" % (i % 5, i % 5, i, 1700000000 + i * 10, 1700086399 + i * 10, i % 7, rows)).encode()

os.makedirs(folder + "/a")
os.makedirs(folder + "/b")
for i in range(count):
    data = report(i, 1 + i % 9)
    name = "%s/%s/%05d.xml" % (folder, "ab"[i % 2], i)
    if i % 2:
        name, data = name + ".gz", gzip.compress(data, mtime=0)
    with open(name, "wb") as f:
        f.write(data)
def mail(parts):
    text = "From: n@org.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n"
    for data in parts:
        text += ("--B\nContent-Type: application/gzip\nContent-Transfer-Encoding: base64\n\n" +
                 base64.encodebytes(data).decode())
    return (text + "--B--\n").encode()

for i in range(0, count, 50):  # sent again, and cut short; in part, and a record that is left out
    whole = gzip.compress(report(3 * count + i, 2), mtime=0)
    with open("%s/b/part%05d.eml" % (folder, i), "wb") as f:
        f.write(mail([whole, whole[:40]]))
    with open("%s/a/left%05d.xml" % (folder, i), "wb") as f:
        f.write(report(4 * count + i, 3).replace(b"<count>%d<" % (4 * count + i), b"<count>none<"))
    with open("%s/b/again%05d.xml" % (folder, i), "wb") as f:
        f.write(report(i, 1 + i % 9))
    with open("%s/a/cut%05d.xml" % (folder, i), "wb") as f:
        f.write(report(i, 1)[:120])
with tarfile.open(folder + "/a/box.tar", "w") as tar, zipfile.ZipFile(folder + "/b/box.zip", "w") as box:
    for i in range(count, count + count // 2):
        info = tarfile.TarInfo("same.xml")  # one name for all members
        data = report(i, 2)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
        if i % 5 == 0:
            box.writestr("%d.xml" % i, report(count + i, 3))
shutil.copytree(ready + "/bounces", folder + "/bounces")
shutil.copytree(ready, folder + "/ready")
PY
}

each=(--fault 'save:DUE@*')
reports=("$mailmill" reports --threads 2)
verify=("$mailmill" verify --keys "$keys/zone" --now $now --threads 2)
make_reports spool "${REPORTS:-600}"
source=spool
each_killed "reports" out out.part/.mailmill "${reports[@]}" "${each[@]}" -o out spool
each_killed "reports, little memory, as CSV" out out.part/.mailmill "${reports[@]}" "${each[@]}" --format csv --memory 16M -o out spool
# A container that is an operand goes to many workers; members of one name are told apart.
mkdir boxes
tar -C spool -cf boxes/all.tar a b
tar -C spool -rf boxes/all.tar a
cp spool/a/box.tar boxes/
source=boxes
each_killed "reports from a tar, twice" out out.part/.mailmill "${reports[@]}" "${each[@]}" -o out boxes/box.tar boxes/all.tar boxes/all.tar
make_spool letters "${REPORTS:-600}"
for i in 1 2 3; do "$mailmill" sign $one --now $now --quiet -o - letters/000/00000$i.eml | sed 's/Dear/Dire/' >letters/000/bad$i.eml; done
printf 'no header at all\n' >letters/000/none.eml
tar -C letters -cf letters/box.tar 000
source=letters
each_killed "verdicts" out out.part/.mailmill "${verify[@]}" "${each[@]}" -o out letters

# killed OUT AT COMMAND...: what is left of it is in OUT.part
killed()
{
    fresh "$1"
    { "${@:3}" --fault any:KILL@$2; } >/dev/null 2>&1
    [ -e "$1.part/.mailmill/journal" ] || echo "# $1 was not cut short" >&2
}
# resumed COMMAND...: exit code, inputs, how many of them are an earlier run's
resumed()
{
    local code=0
    "$@" --resume --stats >/dev/null 2>said || code=$?
    echo "$code $(stat_of said inputs) $(($(stat_of said resumed) > 0))"
}

# ---- while the tables are written ----
run=("${reports[@]}" "${each[@]}" -o out spool)
fresh out
"${run[@]}" --fault log:log 2>/dev/null

rm -rf whole-out
mv out whole-out
first=$(grep -nE 'create	.*out.part/.mailmill/inputs.parquet' log | cut -d : -f 1)
last=$(wc -l <log)
inputs=$("${run[@]}" --resume -o counted --stats 2>&1 | tail -n 1 | sed 's/.*"inputs":\([0-9]*\).*/\1/')
wrong=
for at in $((first + 2)) $(((first + last) / 2)) $((last - 8)) $((last - 4)); do
    killed out "$at" "${run[@]}"
    [ "$(journalled out.part/.mailmill/journal)" = "$inputs" ] || [ "$at" -gt $((last - 9)) ] || wrong+="at $at not all was journalled; "
    wrong+=$(resumed "${run[@]}" | grep -v "^1 $inputs 1\$\|^0 $inputs 1\$")$(same whole-out out)
done
is "killed while its tables are written, all is taken from the rows" "$wrong" ""

# ---- stopped ----
fresh out
mkfifo slow
"${reports[@]}" -o out - <slow 2>stop &
pid=$!
exec 9>slow
cat boxes/all.tar >&9
for _ in $(seq 100); do
    [ ! -e out.part/.mailmill/journal ] || break
    sleep 0.1
done
sleep 0.3 # something is read, and no more comes
kill -TERM $pid
wait $pid
is "a signal stops it with 75" $? 75
exec 9>&-
is "and the line says how to go on" "$(grep -c 'go on with: mailmill reports .*-o out - --resume' stop)" 1
ok "what was done is saved" $(($(journalled out.part/.mailmill/journal) < 1))
"${reports[@]}" -o out - --resume --stats <boxes/all.tar >/dev/null 2>said
"${reports[@]}" --quiet -o unbroken - <boxes/all.tar >/dev/null 2>&1
is "it goes on to the same end" "$(($(stat_of said resumed) > 0)) $(diff -r out unbroken)" "1 "

# ---- what must not be gone on with ----
killed out $((first - 5)) "${run[@]}"
cp -r out.part kept.part
refuse "without --resume it is refused" 73 "${run[@]}"
says "and told how to begin anew" 73 "--resume goes on with it, to remove the folder begins anew" "${run[@]}"
says "other options are refused by name" 78 "--split-days" "${run[@]}" --split-days --resume
says "another form of tables" 78 "--format" "${reports[@]}" --format csv -o out --resume spool
says "other sources" 78 "SOURCE" "${reports[@]}" -o out --resume letters
find letters -type f >list
says "a list of sources" 78 "--files-from" "${reports[@]}" -o out --resume --files-from list
"$mailmill" keys new --redact -o redact.key
says "a key for redaction" 78 "--redact" "${run[@]}" --redact redact.key --resume
is "none of that has changed anything" "$(diff -r out.part kept.part)" ""
{ "${run[@]}" --resume --fault read:STOP@5 & } 2>/dev/null
pid=$!
for _ in $(seq 50); do
    sleep 0.1
    [ "$(cut -d ' ' -f 3 /proc/$pid/stat)" != T ] || break
done
says "two runs keep apart" 73 "another run" "${run[@]}" --resume
kill -CONT $pid
wait $pid
is "and the first comes to its end" "$(($? <= 1)) $(same whole-out out)" "1 "
is "once it is finished there is nothing to do" "$("${run[@]}" --resume --stats 2>&1 | tail -n 1 | grep -o '"inputs":[0-9]*\|"resumed":[0-9]*' | tr '\n' ' ')" \
    "\"inputs\":$inputs \"resumed\":$inputs "
says "other options are refused then too" 78 "--subjects" "${run[@]}" --subjects --resume
says "without --resume it exists" 73 "out exists" "${run[@]}"
fresh out
is "without a journal a new run begins" "$("${run[@]}" --resume --stats 2>&1 | tail -n 1 | grep -o '"resumed":[0-9]*')$(same whole-out out)" '"resumed":0'

# Who adds day by day need not know that the first day ended early.
killed first $((first - 5)) "${reports[@]}" "${each[@]}" --append -o first spool
code=0
"${reports[@]}" --append --stats -o first spool >/dev/null 2>said || code=$?
is "--append goes on by itself with a dataset that was not whole yet" "$((code <= 1)) $(($(stat_of said resumed) > 0)) $(diff -r -x journal whole-out first)" "1 1 "
says "--append and --resume exclude each other" 64 "--append goes on by itself" "${reports[@]}" --append --resume -o first spool

# Rows that are not those of the journal.
spoil()
{
    rm -rf out out.part
    cp -r kept.part out.part
    rows=$(find out.part/.mailmill -name 'rows-*' -size +1k | sort | head -n 1)
    "$@" "$rows"
}
spoil truncate -s -1
says "rows that are fewer than the journal says are refused" 74 "are fewer than the journal says" "${run[@]}" --resume
spoil rm
says "so are rows that are missing" 73 "cannot open the rows" "${run[@]}" --resume
spoil sh -c 'printf X | dd of="$1" bs=1 seek=40 conv=notrunc 2>/dev/null' sh
says "and others in their place" 74 "is not as it was written" "${run[@]}" --resume
spoil sh -c 'printf "more than is vouched for" >>"$1"' sh
is "what is behind them is cut off" "$(resumed "${run[@]}" | cut -d ' ' -f 2-)$(same whole-out out)" "$inputs 1"
plan
