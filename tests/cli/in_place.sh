#!/usr/bin/env bash
# in_place.sh - files are replaced one for one, whatever folders, names and links lead to them.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
sign="$mailmill sign $one --now $now --stats --in-place"

# signatures FOLDER: how many files have how many signatures, as "COUNT files with N".
signatures()
{
    find "$@" -type f -name '*.eml' -exec grep -c '^DKIM-Signature:' {} + | sed 's/.*://' | sort | uniq -c |
        awk '{ print $1 " files with " $2 }'
}

rejects_of()
{
    sed -n 's/^{"message":"\([^"]*\)","rejected":"\([^"]*\)".*/\1 \2/p' "$1"
}

# Many folders, by different spellings: workers come to each other's folders and leave them.
for i in $(seq 1 120); do
    mkdir -p "many/$i/sub"
    for k in 1 2 3; do message example.com $i.$k >"many/$i/$k.eml"; done
    message example.com $i.4 >"many/$i/sub/4.eml"
done
for k in 1 2 3; do
    for i in $(seq 1 120); do
        case $((i % 3)) in
        0) echo "many/$i/$k.eml" ;;
        1) echo "./many/$i/$k.eml" ;;
        2) echo "many/../many/$i/$k.eml" ;;
        esac
    done
done >list
trouble=$(
    for round in 1 2 3 4 5; do
        rm -rf copy
        cp -r many copy
        sed "s,many/,copy/,g" list >list.copy
        $sign --threads 8 --durability none --files-from list.copy --rejects rejects.$round 2>stats ||
            { echo "exit code $?" && tail -n 3 stats; }
        [ "$(stat_of stats signed)" = 360 ] || echo "signed $(stat_of stats signed)"
        [ "$(signatures copy | tr '\n' ' ')" = "120 files with 0 360 files with 1 " ] || signatures copy
        [ -z "$(find copy -name '*.tmp')" ] || echo "temporary names stayed"
    done
)
is "a list of files in 120 folders, eight workers" "$trouble" ""
cp -r many twins
$sign --threads 8 --durability none $(ls -d twins/*) 2>stats
is "120 folders as operands" "$? $(stat_of stats signed)" "0 480"
is "each file signed once" "$(signatures twins)" "480 files with 1"
is "of the working folders a journal stays" "$(find twins -path "*/.mailmill/*")" "$(ls -d twins/* | head -n 1)/.mailmill/journal"

# Modes, owners and links.
mkdir -p keep/sub
for i in 1 2 3 4 5; do message example.com $i >keep/$i.eml; done
message example.com 6 >keep/sub/6.eml
chmod 604 keep/1.eml
chmod 440 keep/2.eml
ln keep/3.eml keep/twin.eml
ln -s 4.eml keep/link.eml
[ "$(id -u)" -ne 0 ] || chown 1234:4321 keep/5.eml
owner=$(stat -c %u:%g keep/5.eml)
check "a folder with links" $sign keep
is "modes are kept" "$(stat -c %a keep/1.eml keep/2.eml | tr '\n' ' ')" "604 440 "
is "the owner is kept" "$(stat -c %u:%g keep/5.eml)" "$owner"
is "names of one file become two signed files" "$(signatures keep/3.eml keep/twin.eml)" "2 files with 1"
check "a link stays a link" test -L keep/link.eml
is "all are signed once" "$(signatures keep)" "7 files with 1"

message example.com 7 >lone.eml
ln -s lone.eml lone-link.eml
printf 'From sender@example.com Tue Nov 14 22:13:20 2023\n' | cat - lone.eml >box.mbox
cp box.mbox box.before
printf 'lone-link.eml\nbox.mbox!0\n' >list
refuse "what is no file of its own" 1 $sign --follow --files-from list --rejects odd.ndjson
is "is rejected by name" "$(rejects_of odd.ndjson)" "lone-link.eml write-failed
box.mbox!0 write-failed"
check "and stays as it is" cmp box.mbox box.before
is "so does what the link leads to" "$(signatures lone.eml)" "1 files with 0"
printf 'lone.eml\n./lone.eml\nlone.eml\n' >list
$sign --files-from list --rejects twice.ndjson 2>stats
is "a name that comes three times is three inputs" "$(stat_of stats inputs)" 3
is "and one signature" "$(signatures lone.eml)" "1 files with 1"
says "a list has no folder for a journal" 64 "--signed-already skip" $sign --files-from list --resume
check "with that the list goes on" $sign --files-from list --signed-already skip --overwrite --rejects twice.ndjson

# A folder that may not be written: its messages are rejected, the others are signed.
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
    chmod 755 "$tap_dir"
    mkdir -p mine/a mine/b
    message example.com 8 >mine/a/8.eml
    message example.com 9 >mine/b/9.eml
    chown -R 65534:65534 mine keys
    chown 0 mine/a
    chmod 755 mine/a
    setpriv --reuid 65534 --regid 65534 --clear-groups $sign mine/a mine/b --rejects keys/rejects 2>stats
    is "a folder without the right to write" "$? $(stat_of stats signed) $(stat_of stats rejected)" "1 1 1"
    is "is named with the reason" "$(sed -n 's/.*"message":"\([^"]*\)".*"detail":"\([^"]*\)".*/\1 \2/p' keys/rejects)" \
        "mine/a/8.eml Permission denied"
    cp mine/b/9.eml before
    says "without --rejects there is no place for their list, and no work begins" 73 "mine/a/.mailmill: Permission denied" \
        setpriv --reuid 65534 --regid 65534 --clear-groups $sign mine/a mine/b
    check "no message is touched" cmp before mine/b/9.eml
    mkdir -p mix/sub
    for i in 1 2 3; do message example.com $i >mix/$i.eml && message example.com $i >mix/sub/$i.eml; done
    chown -R 65534:65534 mix
    chmod 555 mix
    says "the same of a folder with one below that may be written" 73 "mix/.mailmill: Permission denied" \
        setpriv --reuid 65534 --regid 65534 --clear-groups $sign mix
    is "also there nothing is signed" "$(signatures mix)" "6 files with 0"
    says "with --rejects all have an outcome" 1 "6 inputs: 0 signed, 6 rejected" \
        setpriv --reuid 65534 --regid 65534 --clear-groups $sign mix --rejects keys/rejects.mix
else
    skip "a folder without the right to write" "only root may become somebody else"
fi

# A second run leaves the first one's temporary files alone.
mkfifo slow
for out in busy busy.mbox; do
    "$mailmill" sign $one --now $now -o $out - <slow 2>said.first &
    first=$!
    exec 9>slow
    message example.com 10 >&9
    for wait in $(seq 1 100); do
        [ -n "$(ls $out/.mailmill $out.part 2>/dev/null)" ] || [ -d $out/.mailmill ] && break
        sleep 0.05
    done
    refuse "a second run to $out is refused" 73 "$mailmill" sign $one --now $now --overwrite -o $out keep
    exec 9>&-
    code=0
    wait $first || code=$?
    is "and the first one ends well" "$code $(cat said.first | grep -c ' 1 signed')" "0 1"
    check "with its output" grep -rq '^DKIM-Signature' $out
done
plan
