#!/usr/bin/env bash
# full_disk.sh - an output that cannot take more ends the run with 74: named, nothing half done, counts are what is there.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1

# A mount namespace of our own, where tmpfs may be mounted and goes away with us.
if [ -z "$MAILMILL_TEST_MOUNTS" ]; then
    export MAILMILL_TEST_MOUNTS=1
    for how in "unshare -m" "unshare -rm"; do
        $how sh -c "mkdir probe && mount -t tmpfs none probe" 2>/dev/null &&
            exec $how bash "$MAILMILL_SOURCE_DIR/tests/cli/full_disk.sh"
        rmdir probe 2>/dev/null
    done
    skip "full disks" "no tmpfs may be mounted here"
    plan
fi

make_spool spool 3000
sign="$mailmill sign $one --now $now --stats"
mkdir small

clear_mounts()
{
    while umount small 2>/dev/null; do :; done
}

# fresh OPTIONS: an empty tmpfs at small/.
fresh()
{
    clear_mounts
    mount -t tmpfs -o "$1" none small
}

# ended CODE WORDS...: the last run's exit code is 74, and stderr says these words; a list of rejects that it names is there.
# Prints what is wrong.
go_on="once that is put right, go on with: mailmill .* --resume$"
ended()
{
    local code=$1 word list
    shift
    [ "$code" -eq 74 ] || echo "exit code $code"
    for word in "$@"; do grep -q -- "$word" said || echo "stderr lacks: $word"; done
    list=$(sed -n 's/.*; rejects in \([^;]*\).*/\1/p' said)
    [ -z "$list" ] || [ -e "$list" ] || echo "no list of rejects in $list"
    [ -z "$(find small -name '*.tmp')" ] || echo "temporary names stayed"
    [ "$(stat_of said inputs)" = "$(($(stat_of said signed) + $(stat_of said verified) + $(stat_of said rejected)))" ] ||
        echo "inputs are not outcomes"
}

# goes_on WHAT FILE COMMAND...: with room on the disk, --resume ends with what a run without a break makes
goes_on()
{
    local what=$1 file=$2
    shift 2
    mount -o remount,size=100m small
    check "with room there, the run goes on ($what)" "$@" --resume
    cp "$file" broken
    "$@" --overwrite >/dev/null 2>&1
    is "and ends as one without a break ($what)" "$(cmp "$file" broken 2>&1)" ""
}

for way in "size=1m" "size=100m,nr_inodes=300"; do
    for run in "1 $ring" "2 $ring" "4 threads"; do
        fresh "$way"
        $sign --threads ${run% *} --io ${run#* } -o small/out spool 2>said
        is "a full disk below a tree ($way, $run)" "$(ended $? "No space left on device" "spool/000" "$go_on")" ""
        is "what is there was counted ($way, $run)" "$(find small -name '*.eml' | wc -l)" "$(stat_of said signed)"
        check "and is whole ($way, $run)" "$mailmill" verify --keys "$keys/zone" --now $now --require pass --quiet \
            -o - small/out
    done
done

for sink in maildir pickup; do
    fresh size=1m
    $sign --sink $sink -o small/out spool 2>said
    is "a full disk below a $sink" "$(ended $? "No space left on device" "spool/000")" ""
    is "what is there was counted ($sink)" "$(find small/out -type f ! -path '*/.mailmill/*' | wc -l)" "$(stat_of said signed)"
    check "and is whole ($sink)" "$mailmill" verify --keys "$keys/zone" --now $now --require pass --quiet -o - small/out
done

fresh size=1m
$sign -o small/out.mbox spool 2>said
is "a full disk below an mbox" "$(ended $? "No space left on device" "small/out.mbox.part" "$go_on")" ""
is "no mbox has its name" "$(ls small/out.mbox 2>/dev/null)" ""
goes_on "an mbox" small/out.mbox $sign -o small/out.mbox spool
fresh size=64k
"$mailmill" verify --keys none --stats -o small/rows.ndjson spool 2>said
is "a full disk below rows" "$(ended $? "No space left on device" "small/rows.ndjson.part" "$go_on")" ""
is "no rows have their name" "$(ls small/rows.ndjson 2>/dev/null)" ""
goes_on "rows" small/rows.ndjson "$mailmill" verify --keys none --stats -o small/rows.ndjson spool
"$mailmill" verify --keys none --stats -o - spool >/dev/full 2>said
is "a full disk below stdout" "$(ended $? "No space left on device" "stdout")" ""
is "which cannot be gone on with" "$(grep -c 'go on with' said)" 0

# A dataset, and the list of rejects with it, has its name only when it is whole.
mkdir reports
for i in $(seq 300); do printf '<feedback><report_metadata>%s' "$i" >"reports/cut$i.xml"; done
for i in $(seq 1500); do
    printf '<feedback><report_metadata><org_name>%s</org_name><report_id>%s</report_id><date_range><begin>1737504000</begin><end>1737590399</end></date_range></report_metadata><policy_published><domain>d%s.example</domain></policy_published><record><row><source_ip>192.0.2.1</source_ip><count>%s</count></row></record></feedback>' \
        "$(sha256sum <<<"$i")" "$(sha512sum <<<"$i")" "$i" "$i" >"reports/$i.xml"
done
fresh size=300k
"$mailmill" reports --stats -o small/data reports 2>said
is "a full disk below a dataset" "$([ $? -eq 74 ]; echo $?) $(grep -c 'No space left on device' said) $(grep -c "; $go_on" said)" "0 1 1"
is "the list of rejects is where it says" "$(wc -l <"$(sed -n 's/.*; rejects in \([^;]*\).*/\1/p' said)")" 300
mount -o remount,size=100m small
refuse "with room there, the run goes on (a dataset)" 1 "$mailmill" reports --stats -o small/data reports --resume
"$mailmill" reports -o data reports >/dev/null 2>&1
is "and ends as one without a break (a dataset)" "$(diff -r small/data data)" ""
fresh size=16k
"$mailmill" verify --keys none --stats -o small/data spool 2>said
is "a full disk below a dataset of verdicts" "$([ $? -eq 74 ]; echo $?) $(grep -c 'No space left on device' said) $(grep -c "; $go_on" said)" "0 1 1"

fresh size=64k
$sign --rejects small/rejects -o again spool 2>/dev/null
rm -rf again small/rejects
mkdir bad
for i in $(seq 1 2000); do printf 'Subject: no author\n\nof %s\n' "$i" >"bad/$i.eml"; done
$sign --rejects small/rejects -o out spool bad 2>said
is "a full disk below the rejects" "$(ended $? "No space left on device" "small/rejects")" ""
is "what is there was counted" "$(find out -name '*.eml' | wc -l)" "$(stat_of said signed)"

# In place every message is there, signed or as it came.
fresh size=1200k
mkdir small/mail
cp spool/000/0000* spool/000/0001* small/mail/
before=$(ls small/mail | wc -l)
head -c 400000 /dev/zero >small/ballast
head -c 800000 /dev/zero >>small/ballast 2>/dev/null
$sign --in-place small/mail 2>said
is "a full disk in place" "$(ended $? "No space left on device")" ""
is "no message is lost" "$(ls small/mail | wc -l)" "$before"
is "those signed were counted" "$(grep -l '^DKIM-Signature' small/mail/* | wc -l)" "$(stat_of said signed)"
is "no temporary name stays" "$(find small -name "*.tmp")" ""

# A file may not become larger than this.
(ulimit -f 64 && $sign -o large.mbox spool) 2>said
is "a limit of the file size" "$(ended $? "File too large" "large.mbox.part")" ""
is "nothing has its name" "$(ls large.mbox 2>/dev/null)" ""

# Who reads our output may go away at any time.
"$mailmill" verify --keys none --quiet -o - spool 2>said | head -n 1 >/dev/null
is "a closed pipe ends quietly" "${PIPESTATUS[0]} $(cat said)" "0 "
# But mail that nobody took must not pass for mail that was signed, or handed on.
$sign -o - spool 2>said | head -c 1000 >/dev/null
is "signed mail that is not taken is lost" "$(ended ${PIPESTATUS[0]} "cannot write stdout: Broken pipe")" ""
$sign --quiet --sink signatures -o - spool 2>said | head -n 1 >/dev/null
is "so are signatures" "$(ended ${PIPESTATUS[0]} "cannot write stdout: Broken pipe")" ""
"$mailmill" verify --keys none --stats --authentication-results mx --sink tree -o taken spool 2>said | head -n 1 >/dev/null
is "and mail that is handed on beside its rows" "$(ended ${PIPESTATUS[0]} "cannot write stdout: Broken pipe")" ""
clear_mounts
plan
