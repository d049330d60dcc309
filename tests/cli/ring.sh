#!/usr/bin/env bash
# ring.sh - reading goes through the ring where the system gives one, says so where it does not, and never changes a result.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
fail=$MAILMILL_BINARY_DIR/tests/syscall_fail
chmod 755 "$tap_dir" # the run as nobody reads it
files=20000
make_spool spool $files
verify="$mailmill verify --keys none --stats --quiet"

drop_caches()
{
    sync
    echo 3 2>/dev/null >/proc/sys/vm/drop_caches
}

$verify --io threads -o threads.ndjson spool 2>stats
is "--io threads reads with threads" "$? $(stat_of stats io)" "0 threads"
if [ -n "$("$mailmill" version | sed -n 's/^io  *uring$/yes/p')" ]; then
    drop_caches
    $verify --io uring -o uring.ndjson spool 2>stats
    is "--io uring reads with the ring" "$? $(stat_of stats io)" "0 uring"
    is "it keeps 128 reads under way" "$(stat_of stats io_inflight_max)" 128
    check "32 or more in the mean" awk "BEGIN { exit !($(stat_of stats io_inflight_mean) >= 32) }"
    check "both ways give the same rows" cmp threads.ndjson uring.ndjson

    # What the kernel is asked for, file by file and in all.
    drop_caches
    strace -f -qq -e trace=io_uring_enter,read,pread64,openat,statx,newfstatat,close -o trace \
        $verify --io uring -o traced.ndjson spool 2>/dev/null
    is "at most 2,500 entries for 20,000 files" "$(awk '/io_uring_enter\(/ { n++ } END { print n <= 2500 ? "yes" : n }' trace)" yes
    is "no call of its own for any file" "$(grep -cE '(read|openat|statx)\(.*\.eml' trace)" 0
    is "but for the size of a batch's first" "$(grep -c 'newfstatat(.*\.eml' trace | awk '{ print $1 <= 20000 / 256 + 16 ? "yes" : $1 }')" yes
    is "few reads and closes in all" "$(grep -cE ' (read|pread64|openat|statx|close)\(' trace | awk '{ print $1 < 1000 ? "yes" : $1 }')" yes
    $verify --io threads -o traced2.ndjson spool 2>/dev/null &&
        strace -f -qq -e trace=openat -o trace2 $verify --io threads -o traced3.ndjson spool 2>/dev/null
    check "the trace would show them" test "$(grep -c 'openat(.*\.eml' trace2)" -eq $files

    # Buffers are cleared and pinned as slots are taken: 64 of them are a piece of 2 MiB, all slots are six.
    # registered SOURCE...: pieces
    registered()
    {
        strace -f -qq -e trace=io_uring_register -o registers $verify --threads 1 --io uring -o - "$@" >/dev/null 2>&1
        grep -cE 'BUFFERS_UPDATE|0x10,' registers
    }
    "$mailmill" sign $one --now $now --quiet -o spool.mbox spool/000
    is "an mbox needs no buffers to be registered" "$(registered spool.mbox)" 0
    is "nor does one file need all" "$(registered "$(find spool -name '*.eml' | head -n 1)")" 1
    is "many files do" "$(registered spool)" 6

    # refused NAME HOW...: with --io auto the run goes on with threads and says why; forced, it ends with 78.
    refused()
    {
        local name=$1
        shift
        rm -rf out.ndjson*
        "$fail" "$@" -- $verify -o out.ndjson spool 2>stats
        is "$name: auto goes on" "$? $(stat_of stats inputs)" "0 $files"
        is "$name: with threads" "$(stat_of stats io)" threads
        check "$name: and says why" test -n "$(stat_of stats io_why)"
        check "$name: same rows" cmp threads.ndjson out.ndjson
        rm -rf out.ndjson*
        "$fail" "$@" -- $verify --io uring -o out.ndjson spool >said 2>&1
        is "$name: forced ends with 78" $? 78
        check "$name: and names the ring" grep -qi 'io_uring' said
    }
    refused "EPERM from io_uring_setup" io_uring_setup EPERM
    refused "ENOSYS from io_uring_setup" io_uring_setup ENOSYS
    refused "a ring that fails in mid-run" io_uring_enter EIO 40

    # A lesser ring is still a ring.
    rm -rf out.ndjson*
    "$fail" io_uring_setup:DEFER_TASKRUN EINVAL -- $verify --io uring -o out.ndjson spool 2>stats
    is "a kernel without DEFER_TASKRUN has a ring" "$? $(stat_of stats io)" "0 uring"
    rm -rf out.ndjson*
    "$fail" io_uring_register:BUFFERS_UPDATE ENOMEM 2 -- $verify --io uring -o out.ndjson spool 2>stats
    is "buffers that cannot be registered are done without" "$? $(stat_of stats io)" "0 uring"
    check "same rows without them" cmp threads.ndjson out.ndjson
    rm -rf out.ndjson*
    (ulimit -l 64 && exec setpriv --reuid 65534 --regid 65534 --clear-groups \
        $verify -o - spool >nobody.ndjson 2>stats)
    is "nor by a user with 64 KiB of locked memory" "$?" 0
    check "same rows" cmp threads.ndjson nobody.ndjson
else
    skip "the ring" "$("$mailmill" version | sed -n 's/^io  *//p')"
fi

rm -rf out.ndjson*
(ulimit -n 64 && exec $verify -o out.ndjson spool 2>stats)
is "64 descriptors are enough" "$? $(stat_of stats verified)" "0 $files"
check "same rows with 64 descriptors" cmp threads.ndjson out.ndjson

# Trees that are written do not depend on the way of reading, nor on the number of threads.
mkdir small
cp -r spool/000 small/
for way in "uring 1" "uring 2" "threads 1" "threads 2"; do
    "$mailmill" sign $one --now $now --durability none --quiet --io ${way% *} --threads ${way#* } \
        -o "tree-${way/ /-}" small 2>/dev/null || [ "${way% *}" = uring ] || echo "# sign failed: $way"
done
check "trees of one and two threads" diff -r tree-threads-1 tree-threads-2
if [ -d tree-uring-2 ]; then
    check "trees of ring and threads" diff -r tree-uring-2 tree-threads-2
    check "trees of ring, one thread and two" diff -r tree-uring-1 tree-uring-2
fi
plan
