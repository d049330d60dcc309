#!/usr/bin/env bash
# sync_order.sh - what a run says to be done is on disk before it says so, for every sink and durability.
# SPDX-License-Identifier: Apache-2.0
#
# The order of operations is logged by our own table of them and judged by tests/support/io_order.py, which must also
# see what is planted: syncs that are left out, and logs of runs that do things in the wrong order.
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1

# A mount namespace of our own, where an overlay may be mounted and goes away with us.
if [ -z "$MAILMILL_TEST_MOUNTS" ]; then
    export MAILMILL_TEST_MOUNTS=1
    for how in "unshare -m" "unshare -rm"; do
        $how sh -c "mkdir $tap_dir/probe && mount -t tmpfs none $tap_dir/probe" 2>/dev/null &&
            exec $how bash "$MAILMILL_SOURCE_DIR/tests/cli/sync_order.sh"
    done
fi
cd "$tap_dir" || exit 1
needs_faults
sign="$mailmill sign $one --now $now --threads 2 --quiet"
verify="$mailmill verify --keys $keys/zone --now $now --threads 2 --quiet"
order="python3 $MAILMILL_SOURCE_DIR/tests/support/io_order.py"
make_spool spool 150
mkdir -p spool/deep/er
cp spool/000/000001.eml spool/deep/er/
printf 'Subject: no author\n\nx\n' >spool/000/bad.eml

# logged RULES COMMAND...: what the judge says of a run
logged()
{
    local rules=$1
    shift
    rm -rf log out out.* place
    case "$*" in *--in-place*) cp -r spool place ;; esac
    "$@" --fault log:log >/dev/null 2>&1
    [ $? -le 1 ] || echo "the run failed"
    $order log $rules
}
# sound NAME RENAMES RULES COMMAND...: all in order, and so many names were given
sound()
{
    local name=$1 renames=$2 said
    shift 2
    said=$(logged "$@")
    is "$name" "$(echo "$said" | sed 's/ syncs.*//')" "in order renames $renames"
}

for durability in batch each; do
    rules=$([ $durability = batch ] || echo --each)
    sync="--durability $durability"
    sound "$durability: a tree" 152 "$rules" $sign $sync -o out spool
    sound "$durability: a tree, read by threads" 152 "$rules" $sign $sync --io threads -o out spool
    sound "$durability: a Maildir" 152 "$rules" $sign $sync --sink maildir -o out spool
    sound "$durability: a pickup folder" 152 "$rules" $sign $sync --sink pickup -o out spool
    sound "$durability: in place" 152 "$rules --in-place" $sign $sync --in-place place
    sound "$durability: two operands in place" 152 "$rules --in-place" $sign $sync --in-place place/000 place/deep
    for file in mbox tar tar.zst bsmtp; do
        sound "$durability: $file" 2 "" $sign $sync -o out.$file spool
    done
    sound "$durability: rows of signatures" 2 "" $sign $sync --sink signatures -o out.ndjson spool
done
sound "rows of verify" 2 "" $verify -o out.ndjson spool
sound "a dataset" 2 "" $verify --fault 'save:DUE@*' -o out spool
is "which saves now and then" "$(($(grep -c 'write	.*/out.part/.mailmill/journal	$' log) > 2))" 1
logged "" $sign --durability each -o out.mbox spool >/dev/null
is "each: an mbox has a record for each message" "$(grep -c 'write.*out.mbox.mailmill/journal	$' log)" 154
$sign -o source.tar spool 2>/dev/null
logged "" $sign --durability each -o out.mbox source.tar >/dev/null
is "each: so has what comes from a container" "$(grep -c 'write.*out.mbox.mailmill/journal	$' log)" 153
is "none: no sync at all" "$(logged "" $sign --durability none -o out spool >/dev/null; grep -c '	sync	' log)" 0
$sign -o batch spool 2>/dev/null
$sign --durability each -o each spool 2>/dev/null
is "each makes the same files as batch" "$(diff -r batch each 2>&1)" ""

# ---- what is planted is seen ----

unsynced()
{
    local name=$1
    shift
    is "$name without its syncs is seen" "$(logged "$@" --fault 'sync:SKIP@*' | grep -cE '^[1-9][0-9]* offences')" 1
}
unsynced "a tree" "" $sign -o out spool
unsynced "a Maildir" "" $sign --sink maildir -o out spool
unsynced "what is replaced in place" --in-place $sign --in-place place
for file in mbox tar tar.zst bsmtp; do unsynced "$file" "" $sign -o out.$file spool; done
unsynced "a file of rows" "" $verify -o out.ndjson spool
unsynced "a dataset" "" $verify --fault 'save:DUE@*' -o out spool

# The end of a pipe counts its results in this shell.
shopt -s lastpipe
# judged NAME RULES WORDS: the judge names this in the log of stdin
judged()
{
    sed 's/ /\t/g; s/$/\t/' | awk -F '\t' '{ print $1 "\t" $2 "\t" $3 "\t" $4 }' >made
    is "$1 is seen" "$($order made $2 | grep -c "$3")" 1
}
head='1 write /o/.mailmill/journal
1 sync /o/.mailmill/journal'
tail='1 write /o/.mailmill/journal'
is "a log that is in order" "$(printf '%s\n' "$head" '1 create /o/.mailmill/1.tmp' '1 write /o/.mailmill/1.tmp' '1 sync /o/.mailmill *' \
    '1 rename /o/.mailmill/1.tmp /o/a' '1 sync /o/.mailmill *' '1 write /o/.mailmill/journal' "$tail" |
    sed 's/ /\t/g; s/$/\t\t/' | cut -f 1-4 >made; $order made)" "in order renames 1 syncs 3 records 3"
printf '%s\n' "$head" '1 write /o/.mailmill/1.tmp' '1 rename /o/.mailmill/1.tmp /o/a' '1 sync /o/.mailmill *' "$tail" |
    judged "a name before its data" "" "before its data is synced"
printf '%s\n' "$head" '1 write /o/.mailmill/1.tmp' '2 sync /o/.mailmill *' '1 rename /o/.mailmill/1.tmp /o/a' '1 sync /o *' "$tail" |
    judged "a sync by a thread that knows nothing of it" "" "before its data is synced"
printf '%s\n' "$head" '1 write /o/.mailmill/1.tmp' '1 sync /o/.mailmill *' '1 rename /o/.mailmill/1.tmp /o/a' "$tail" '1 sync /o *' "$tail" |
    judged "a record before the name is synced" "" "a record before the name /o/a"
printf '%s\n' "$head" '1 write /o/.mailmill/1.tmp' '1 sync /o/.mailmill *' '1 rename /o/.mailmill/1.tmp /o/a' |
    judged "a name that is never synced" "" "at the end: the name /o/a"
printf '%s\n' "$head" '1 create /o/d' '1 write /o/.mailmill/1.tmp' '1 sync /o/.mailmill/1.tmp' '1 rename /o/.mailmill/1.tmp /o/d/a' \
    '1 sync /o/d' "$tail" '1 sync /o' "$tail" | judged "a folder that is not synced" "" "before the folder /o/d"
printf '%s\n' "$head" '1 write /o/.mailmill/1.tmp' '1 sync /o/.mailmill *' '1 rename /o/.mailmill/1.tmp /o/a' '1 sync /o *' \
    '1 write /o/.mailmill/journal' '1 sync /o/.mailmill/journal' "$tail" | judged "a file that is replaced unannounced" --in-place "is replaced before"
printf '%s\n' "$head" '1 write /o/.mailmill/1.tmp' '1 write /o/.mailmill/journal' '1 sync /o *' '1 rename /o/.mailmill/1.tmp /o/a' '1 sync /o *' \
    "$tail" | judged "an announcement whose record is not synced" --in-place "is replaced before"
printf '%s\n' "$head" '1 write /o.mbox.part' '1 write /o/.mailmill/journal' '1 sync /o.mbox.part' '1 rename /o.mbox.part /o.mbox' '1 sync /' \
    "$tail" | judged "a record of text that is not synced" "" "before /o.mbox.part is synced"
printf '%s\n' "$head" '1 write /o.part/.mailmill/rows-1' '1 write /o.part/.mailmill/journal' |
    judged "a record of rows that are not synced" "" "before /o.part/.mailmill/rows-1 is synced"
printf '%s\n' "$head" '1 write /o.part/.mailmill/rows-1' '1 sync /o.part/.mailmill/rows-1' '1 write /o.part/.mailmill/journal' \
    '1 write /o.part/t/part.parquet' '1 rename /o.part /o' '1 sync /' |
    judged "a dataset that is not synced" "" "/o.part gets its name /o before /o.part/t/part.parquet"
printf '%s\n' "$head" '1 write /o/.mailmill/1.tmp' '1 sync /o/.mailmill/1.tmp' '1 rename /o/.mailmill/1.tmp /o/a' '1 sync /o' \
    '1 write /o/.mailmill/2.tmp' "$tail" | judged "a message that is begun too early" --each "is begun before the journal"

# ---- file systems where a sync of all is not enough ----

mkdir lower upper work over 2>/dev/null
if [ "$MAILMILL_TEST_MOUNTS" ] && { mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay over ||
    { mount -t tmpfs none upper && mkdir upper/u upper/w &&
        mount -t overlay -o lowerdir=lower,upperdir=upper/u,workdir=upper/w overlay over; }; } 2>/dev/null; then
    for sink in "-o over/out" "--sink maildir -o over/out" "--in-place over/place"; do
        rm -rf over/out over/place log
        cp -r spool over/place
        "$mailmill" sign $one --now $now --threads 2 --stats --fault log:log $sink $([[ $sink = *place ]] || echo spool) 2>said
        is "overlayfs, $sink: it is said once" "$(grep -c 'overlayfs: its files are synced one by one' said)" 1
        is "and stands in --stats" "$(stat_of said synced_apart)" overlayfs
        is "no sync of all is called" "$(grep -c '	sync	.*	\*$' log)" 0
        is "and the order is kept" "$($order log $([[ $sink != *place ]] || echo --in-place) | sed 's/ syncs.*//')" "in order renames 152"
    done
    rm -rf over/out
    $sign --stats -o over/out spool 2>said
    is "--quiet says nothing of it but in --stats" "$(grep -c 'one by one' said) $(stat_of said synced_apart)" "0 overlayfs"
    rm -rf over/out
    is "each and none say nothing of it" "$(for how in each none; do
        "$mailmill" sign $one --durability $how -o over/out-$how spool 2>&1; done | grep -c 'one by one')" 0
    umount over
else
    ok "no overlay can be mounted here: that files are synced one by one there is shown by test_io_sync_way alone" 0
fi
if [ "$(stat -f -c %T .)" = ext2/ext3 ] || [ "$(stat -f -c %T .)" = tmpfs ]; then
    rm -rf out
    "$mailmill" sign $one --stats -o out spool 2>said
    is "here one sync of all is enough" "$(grep -c 'one by one' said) $(stat_of said synced_apart)" "0 "
fi
plan
