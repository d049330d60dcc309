# checklist.sh - what a verifier of DKIM must get right, line by line (tests/vectors/lines.tsv).
# SPDX-License-Identifier: Apache-2.0
#
# MAILMILL_VECTORS may name a folder with all files of the vectors; they are not made again then.
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
vectors=$MAILMILL_SOURCE_DIR/tests/vectors
cd "$tap_dir" || exit 1
python=/usr/bin/python3
export PYTHONDONTWRITEBYTECODE=1

files=${MAILMILL_VECTORS-}
if [ -z "$files" ]; then
    files=$tap_dir/vectors
    is "the vectors are those that tests/vectors/make makes" "$("$python" "$vectors/make" --check "$files" 2>&1)" ""
fi
judge() { "$python" "$vectors/judge_checklist.py" "${1:-$vectors}" "$mailmill" "$files/checklist" "$MAILMILL_SOURCE_DIR" "${@:2}"; }
judge >judged 2>judge.errors
is "the judge has no trouble" "$(cat judge.errors)" ""
while IFS=$'\t' read -r number sentence faults; do
    is "line $number: $sentence" "${faults//; /$'\n'}" ""
done <judged
is "the checklist has its 112 lines" "$(cut -f 1 judged | tr '\n' ' ')" "$(seq 0 112 | tr '\n' ' ')"

# ---- the judge notices ----

mkdir tables
cp "$vectors"/lines.tsv "$vectors"/checklist.tsv tables
# plant LINE SED: what the judge says of a line after a change of the table
plant()
{
    sed -i "$2" tables/checklist.tsv
    judge tables "$1" | cut -f 3
    cp "$vectors/checklist.tsv" tables
}
is "a line without a vector is named" "$(plant 44 '/^44	/d')" "no vector stands for this line"
is "so is another reason" "$(plant 9 '/	v-2	/s,unsupported-version,unsupported-algorithm,')" \
    "v-2: neutral/unsupported-version; must be neutral/unsupported-algorithm"
is "so is an answer that ignores the line" \
    "$(plant 9 '/	v-0.5	/s,neutral/unsupported-version	pass	plain,pass	neutral	v-2,')" \
    "v-0.5: neutral/unsupported-version; must be pass; v-0.5: answered like one that ignores the line"
is "so is a control with another answer" "$(plant 9 '/	v-0.5	/s,plain$,forged,')" \
    "v-0.5: its control forged is fail/signature-mismatch, not pass"
is "so is a test that is not there" "$(plant 108 's,:mboxes_are_cut_and_unquoted,:mboxes_are_cut,')" \
    "unit/test_mail_mbox.c runs no test 'mboxes_are_cut'"

# ---- lines of the signer ----

sign() { "$mailmill" sign $one --now $now --quiet "$@"; }
message example.com 1 >plain.eml
ed="--domain example.com --selector e1 --key $keys/ed25519.pem"
sign $ed -o both.eml plain.eml
is "the signer keeps its own lines at 78 columns" "$(tr -d '\r' <both.eml | awk 'length > 78')" ""
is "an Ed25519 signature beside an RSA one passes" "$(peers both.eml)" "pass"
grep -v '^From:' plain.eml >no-from.eml
{ echo "From: other@example.com"; cat plain.eml; } >two-from.eml
says "a message with no From is refused" 1 no-from sign -o one.eml no-from.eml
says "a message with two From is refused" 1 several-from sign -o two.eml two-from.eml
tr -d '\r' <plain.eml >lf.eml
says "a bare LF is refused where that is asked for" 1 bare-lf sign --eol strict -o lf-signed.eml lf.eml
says "--headers without From is refused" 64 From sign --headers to:subject -o headers.eml plain.eml
sign -o again.eml plain.eml
sign -o again2.eml plain.eml
check "two runs at one time give the same bytes" cmp again.eml again2.eml
{ cat plain.eml; printf 'a CR\ralone\r\n'; } >cr.eml
sign -o cr-signed.eml cr.eml
is "a CR alone is kept and signed" "$(peers cr-signed.eml) $(grep -c $'CR\ralone' cr-signed.eml)" "pass 1"
plan
