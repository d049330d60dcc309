# mutations.sh - every patch that takes a rule out of the program still applies and says which check it is for.
# SPDX-License-Identifier: Apache-2.0
#
# That the tests notice them is for scripts/test-the-tests; it builds each.
. "$MAILMILL_SOURCE_DIR/tests/support/tree.sh" || exit 1

stale()
{
    scripts/test-the-tests --list | grep ' does not apply: '
}

# A patch is named by the line of the checklist that it takes out, or by the test that notices it, and begins with words on it.
nameless()
{
    local file line
    for file in tests/mutations/*; do
        case ${file##*/} in
        [0-9]*) ;;
        *)
            line=$(basename "${file%%-*}")
            [ -e "tests/cli/$line.sh" ] && head -n 1 "$file" | grep -qE '^Check "[^"]+": .+\.$' || echo "$file"
            continue
            ;;
        esac
        line=$(basename "$file" | sed -nE 's/^0*([0-9]+)-[a-z0-9-]+\.patch$/\1/p')
        grep -q "^${line:-none}	" tests/vectors/lines.tsv && head -n 1 "$file" | grep -qE "^Line $line: .+\.$" ||
            echo "$file"
    done
}

holds "every mutation applies" stale
holds "every mutation has its line and its words" nameless
ok "there are at least forty" $(($(ls "$MAILMILL_SOURCE_DIR"/tests/mutations/*.patch | wc -l) < 40))
draw() { "$MAILMILL_SOURCE_DIR/scripts/test-the-tests" --draw "$1"; }
is "a seed draws ten" "$(draw 7 | sort -u | wc -l)" 10
is "and the same ten again" "$(draw 7)" "$(draw 7)"
ok "another seed draws others" "$([ "$(draw 7)" != "$(draw 8)" ]; echo $?)"
refuse "what is no seed is refused" 64 "$MAILMILL_SOURCE_DIR/scripts/test-the-tests" seven

fresh_tree
sed -i 's/signs_from/covers_from/g' "$tree/src/dkim/sig_field.c"
catches "a rule that has moved" stale 044-
fresh_tree
cp "$tree/tests/mutations/044-from-need-not-be-signed.patch" "$tree/tests/mutations/113-from.patch"
sed -i '1d' "$tree/tests/mutations/009-other-versions.patch"
catches "a mutation of no line" nameless 113-from.patch
catches "a mutation without words" nameless 009-other-versions.patch
cp "$tree/tests/mutations/sync_order-names-before-data.patch" "$tree/tests/mutations/no_such_test-names.patch"
catches "a mutation that no test is to notice" nameless no_such_test-names.patch
plan
