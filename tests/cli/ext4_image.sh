#!/usr/bin/env bash
# ext4_image.sh - what a power cut would leave of a run is gone on with: nothing lost, nothing signed twice.
# SPDX-License-Identifier: Apache-2.0
#
# The output lies on an ext4 file system in an image. At INSTANTS (default 30) operations, spread over runs of each kind,
# the run is stopped and the image copied: what the file system has handed to its device by then, and no byte of what it
# only holds in memory. To have it hand over no more than it must, it is mounted so that it commits by the clock only every
# ten minutes and flushes no file of its own accord when it is renamed. But the journal of mailmill is synced by the test
# before each copy, since a system may write any page at any time: so the copy has the most that a journal can say, and the
# least that may be true. Each copy is repaired by e2fsck as after a crash, mounted and gone on with. The same without the
# syncs of mailmill must fail, else the test shows nothing.
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1

# A mount namespace of our own, whose mounts go away with us, and with them their loop devices.
if [ -z "$MAILMILL_TEST_MOUNTS" ]; then
    export MAILMILL_TEST_MOUNTS=1
    mkdir "$tap_dir/probe"
    truncate -s 8M "$tap_dir/probe.img"
    if mkfs.ext4 -q "$tap_dir/probe.img" && unshare -m mount -o loop "$tap_dir/probe.img" "$tap_dir/probe" 2>"$tap_dir/why"; then
        exec unshare -m bash "$MAILMILL_SOURCE_DIR/tests/cli/ext4_image.sh"
    fi
    ok "no image can be mounted here ($(id -un): $(head -n 1 "$tap_dir/why")): what a power cut leaves is shown by sync_order.sh alone" 0
    plan
fi
cd "$tap_dir" || exit 1
needs_faults

instants=${INSTANTS:-30}
make_spool spool 400
printf 'Subject: no author\n\nx\n' >spool/000/bad.eml
mkdir disk copied
# Names are relative: what was begun on the disk goes on on its copy.
sign="$mailmill sign $one --now $now --threads 2 --quiet"
# One worker: rows are made so fast that two would come to two instants at once.
verify="$mailmill verify --keys $keys/zone --now $now --threads 1 --quiet"

# The run as it ends when nothing happens: whole/OUT
mkdir whole
cp -r spool whole/place
(cd whole && for run in "$sign -o tree ../spool" "$sign --sink maildir -o box ../spool" "$sign --in-place place" \
    "$sign -o out.mbox ../spool" "$verify -o rows.ndjson ../spool"; do $run; done) >/dev/null 2>&1

# The files that a ring had open are closed some time after its process has ended.
unmount()
{
    for _ in $(seq 1 200); do
        mountpoint -q "$1" || return 0
        umount "$1" 2>/dev/null || sleep 0.05
    done
    echo "$1 cannot be unmounted"
}

make_disk()
{
    unmount disk
    rm -f image
    truncate -s 64M image
    mkfs.ext4 -q image && mount -o loop,commit=600,noauto_da_alloc image disk
    [ "$1" != place ] || cp -r spool disk/place
    sync -f disk
}

# Wait until every thread of a process stands still. False: it has ended.
stands_still()
{
    local states
    while :; do
        states=$(cat /proc/"$1"/task/*/stat 2>/dev/null | sed 's/.*) //' | cut -c 1 | sort -u | tr -d '\n')
        case $states in
        T) return 0 ;;
        "" | Z | X) return 1 ;;
        esac
        sleep 0.01
    done
}

# The state of the disk as it is, gone on with: what is wrong with the outcome.
go_on_from_copy()
{
    local out=$1 code=0
    shift
    cp --sparse=always image copy
    e2fsck -fp copy >fsck 2>&1 || [ $? -eq 1 ] || { echo "e2fsck: $(tail -n 1 fsck)"; return; }
    mount -o loop copy copied || return
    (cd copied && "$@" --resume --stats) >/dev/null 2>resumed || code=$?
    [ $code -le 1 ] || echo "--resume: exit code $code: $(head -n 1 resumed)"
    diff -r -x .mailmill "whole/$out" "copied/$out" 2>&1 | head -n 2
    find copied -name '*.tmp' -o -name '*.part'
    had=$((had + $(stat_of resumed resumed)))
    unmount copied
    rm copy
}

# each_instant COUNT OUT JOURNAL FAULTS COMMAND...: what is wrong at any of the instants of one run. $stops: how many there
# were; $had: messages that were not done again, over all of them.
each_instant()
{
    local count=$1 out=$2 journal=$3 faults=$4 stops_at=() i total pid
    shift 4
    make_disk "$out"
    (cd disk && "$@" --fault log:../log) >/dev/null 2>&1
    total=$(grep -c . log)
    rm log
    make_disk "$out"
    for i in $(seq 1 "$count"); do stops_at+=(--fault "any:STOP@$((total * i / (count + 1)))"); done
    (cd disk && exec "$@" $faults "${stops_at[@]}") >/dev/null 2>&1 &
    pid=$!
    stops=0 had=0
    while stands_still $pid; do
        stops=$((stops + 1))
        sync "disk/$journal" 2>/dev/null
        go_on_from_copy "$out" "$@" >>trouble
        kill -CONT $pid
        sleep 0.02
    done
    wait $pid
}

while read -r kind share out journal command; do
    count=$((instants * share / 10))
    rm -f trouble
    each_instant $count $out $journal "" $command
    is "$kind: at each of $count instants the disk holds what can be gone on with" "$stops $(sort trouble | uniq -c)" "$count "
    check "$kind: and some of it was done by then ($had messages in all)" test $had -gt 0
    [ $share -gt 1 ] || continue
    rm -f trouble
    each_instant $count $out $journal "--fault sync:SKIP@*" $command
    check "$kind: without its syncs it does not ($(grep -c . trouble) times)" test -s trouble
done <<END
tree     3 tree        tree/.mailmill/journal             $sign -o tree ../spool
in_place 3 place       place/.mailmill/journal            $sign --in-place place
mbox     2 out.mbox    out.mbox.mailmill/journal          $sign -o out.mbox ../spool
Maildir  1 box         box/.mailmill/journal              $sign --sink maildir -o box ../spool
rows     1 rows.ndjson rows.ndjson.mailmill/journal       $verify -o rows.ndjson ../spool
END
unmount disk
plan
