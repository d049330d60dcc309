#!/usr/bin/env bash
# mime_parts.sh - the parts of real mail, beside those that Python's email package finds.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1
cd "$tap_dir" || exit 1
peers=$MAILMILL_SOURCE_DIR/tests/peers
walk=$MAILMILL_BINARY_DIR/tests/mime_parts

# parts LIST: both readers, and the names of the files on which they differ.
parts()
{
    "$walk" <"$1" | cut -f1,3- >ours && python3 "$peers/mime_by_email.py" <"$1" >theirs || return 1
    diff ours theirs | sed -n 's/^[<>] //p' | cut -f1 | LC_ALL=C sort -u
}

# The two seeds left out are of kinds that the table below explains.
find "$MAILMILL_SOURCE_DIR/datasets/mail" "$MAILMILL_SOURCE_DIR/tests/fuzz/seeds/mime" -type f \
    ! -name encoded.eml ! -name stray.eml | LC_ALL=C sort >list
is "our own messages have the parts that Python's email finds" "$(parts list)" ""
is "and there are some" "$(($(wc -l <ours) > 100))" 1

# A planted difference is found: one octet of one part.
sed '1s/.$/x/' ours >changed
is "a digest that differs is seen" "$(diff changed theirs | grep -c '^<')" 1

if [ -d "${MAILMILL_CORPUS-}" ]; then
    cd "$MAILMILL_CORPUS" || exit 1
    find reports dkim/plain -type f ! -path '*/LICENSES/*' \
        ! -name '*.xml' ! -name '*.json' ! -name '*.gz' ! -name '*.zip' ! -name '*.zlib' \
        ! -name SOURCES.md ! -name expected.tsv | LC_ALL=C sort >"$tap_dir/list"
    "$walk" <"$tap_dir/list" | cut -f1,3- >"$tap_dir/ours"
    python3 "$peers/mime_by_email.py" <"$tap_dir/list" >"$tap_dir/theirs"
    cd "$tap_dir" || exit 1
    diff ours theirs | sed -n 's/^[<>] //p' | cut -f1 | LC_ALL=C sort -u >differ
    sed '/^#/d' "$peers/mime_differences.tsv" | cut -f1 | LC_ALL=C sort >known
    is "the corpus differs where the table says so, and nowhere else" "$(diff known differ)" ""
    is "more than a thousand files were compared" "$(($(cut -f1 ours | uniq | wc -l) > 1000))" 1
    echo "# $(cut -f1 ours | uniq | wc -l) files, $(wc -l <ours) parts, $(wc -l <known) files differ for a reason"
fi
plan
