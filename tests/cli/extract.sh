# extract.sh - verify --extract writes one message as verify reads it, or says where messages are.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/spool.sh" || exit 1
cd "$tap_dir" || exit 1
extract() { "$mailmill" verify --quiet --extract "$@"; }
hash_of() { sha256sum | cut -c 1-64; }

message example.com 1 >one.eml
printf 'From: a@example.com\nSubject: two\n\nA line\n\nFrom the middle\n>From here\n' >two.eml
{
    printf 'From MAILER-DAEMON Tue Nov 14 22:13:20 2023\n'
    cat one.eml
    printf '\nFrom MAILER-DAEMON Tue Nov 14 22:13:20 2023\r\n'
    sed 's/^\(>*From \)/>\1/' two.eml
    printf '\nFrom x\nSubject: last\n\nno line end'
} >mail.mbox
mapfile -t at < <("$mailmill" verify --quiet --keys none mail.mbox | sed 's/.*"message":"mail.mbox!\([0-9]*\)".*/\1/')
is "verify names three messages" "${#at[@]}" 3

is "the first, line ends as they are" "$(extract "mail.mbox!${at[0]}" | hash_of)" "$(hash_of <one.eml)"
is "the second, its quotes undone" "$(extract "mail.mbox!${at[1]}" | hash_of)" "$(hash_of <two.eml)"
is "the last, without a line end" "$(extract "mail.mbox!${at[2]}" | hash_of)" \
    "$(printf 'Subject: last\n\nno line end' | hash_of)"
is "a plain file" "$(extract one.eml | hash_of)" "$(hash_of <one.eml)"
is "standard input" "$(extract - <two.eml | hash_of)" "$(hash_of <two.eml)"
is "an mbox on standard input" "$({ printf 'From x\n'; cat one.eml; } | extract - | hash_of)" "$(hash_of <one.eml)"
is "an mbox of one message" "$({ printf 'From x\n'; cat one.eml; } >single.mbox; extract single.mbox | hash_of)" \
    "$(hash_of <one.eml)"
is "a whole mbox as one message" "$(extract mail.mbox --source-format message | hash_of)" "$(hash_of <mail.mbox)"
is "an empty message" "$(extract - </dev/null | wc -c)" 0
cp one.eml 'odd!17'
is "a file of that name comes first" "$(extract 'odd!17' | hash_of)" "$(hash_of <one.eml)"


# ---- messages of standard input, by the names that its rows have ----

says "several on standard input" 64 "- holds several messages; name one as -!${at[0]} or -!${at[1]}" \
    bash -c '"$0" verify --extract - <mail.mbox' "$mailmill"
is "one of them" "$(extract "-!${at[1]}" <mail.mbox | hash_of)" "$(hash_of <two.eml)"
is "through a pipe" "$(cat mail.mbox | extract "-!${at[1]}" | hash_of)" "$(hash_of <two.eml)"
is "packed" "$(gzip -c mail.mbox | extract "-!${at[1]}" | hash_of)" "$(hash_of <two.eml)"
is "explained under its name" "$("$mailmill" verify --keys none --json --explain "-!${at[1]}" <mail.mbox 2>/dev/null |
    grep -o '"message":"[^"]*"')" "\"message\":\"-!${at[1]}\""
{ echo read before && cat mail.mbox; } >later.mbox
is "from where it is read" "$({ read -r _ && extract "-!${at[1]}"; } <later.mbox | hash_of)" "$(hash_of <two.eml)"
near="no message begins at byte $((at[1] + 7)); the nearest before it at ${at[1]}, the next at ${at[2]}"
says "where none begins those near it are named" 66 "-: $near" bash -c '"$0" verify --extract "-!$1" <mail.mbox' "$mailmill" $((at[1] + 7))
says "counted from where it is read" 66 "-: $near" \
    bash -c '{ read -r _ && "$0" verify --extract "-!$1"; } <later.mbox' "$mailmill" $((at[1] + 7))
says "a pipe is not read again for that" 66 "-: no message begins at byte $((at[1] + 7)) (" \
    bash -c 'cat mail.mbox | "$0" verify --extract "-!$1"' "$mailmill" $((at[1] + 7))

# ---- where it goes ----

extract "mail.mbox!${at[1]}" -o out.eml
check "-o FILE.eml" cmp out.eml two.eml
says "a file that exists is kept" 73 "out.eml exists" "$mailmill" verify --extract one.eml -o out.eml
extract one.eml -o out.eml --overwrite
check "--overwrite replaces it" cmp out.eml one.eml
cp mail.mbox keep.eml
says "the source is never the output" 64 "is the source" \
    "$mailmill" verify --extract "keep.eml!${at[0]}" -o keep.eml --overwrite
check "and is left alone" cmp keep.eml mail.mbox
says "no other suffix" 64 "--extract writes FILE.eml" "$mailmill" verify --extract one.eml -o out.mbox
says "a folder that is not there" 73 "none/out.eml" "$mailmill" verify --extract one.eml -o none/out.eml
ok "nothing is left of it" "$([ -e none ]; echo $((! $?)))"
says "a full device is said" 74 "No space left" sh -c '"$0" verify --extract one.eml >/dev/full' "$mailmill"

# ---- how it counts ----

"$mailmill" verify --stats --extract "mail.mbox!${at[1]}" >/dev/null 2>err
is "it counts as extracted" "$(stat_of err inputs) $(stat_of err extracted) $(stat_of err verified) $(stat_of err bytes)" \
    "1 1 0 $(wc -c <two.eml)"
says "and is said so" 0 "1 input: 1 extracted" "$mailmill" verify --extract one.eml
"$mailmill" verify --stats --extract "mail.mbox!1" >/dev/null 2>err
is "a failure counts nothing" "$(stat_of err inputs) $(stat_of err extracted)" "0 0"

# ---- what is wrong ----

says "between two messages" 66 "no message begins at byte $((at[1] + 7)); the nearest before it at ${at[1]}, the next at ${at[2]}" \
    "$mailmill" verify --extract "mail.mbox!$((at[1] + 7))"
inside=$(grep -abo '>From here' mail.mbox | cut -d : -f 1)
says "a From line in a body" 66 "no message begins at byte $((inside + 1))" \
    "$mailmill" verify --extract "mail.mbox!$((inside + 1))"
says "behind the end" 66 "the nearest before it at ${at[2]}" "$mailmill" verify --extract "mail.mbox!999999"
says "no mbox at all" 66 "is one message, no mbox" "$mailmill" verify --extract "one.eml!0"
says "no such file" 66 "gone.mbox!0: No such file" "$mailmill" verify --extract "gone.mbox!0"
says "several messages" 64 "mail.mbox holds several messages; name one as mail.mbox!${at[0]} or mail.mbox!${at[1]}" \
    "$mailmill" verify --extract mail.mbox
says "a folder" 64 "is no file" "$mailmill" verify --extract .
mkfifo fifo
says "a FIFO, without waiting" 64 "is no file" timeout 10 "$mailmill" verify --extract fifo
says "a file that is no mbox, taken for one" 64 "no mbox" "$mailmill" verify --extract one.eml --source-format mbox
says "a source beside it" 64 "there is no SOURCE" "$mailmill" verify --extract one.eml two.eml
says "a message beyond --memory" 1 "larger than" sh -c 'head -c 30000000 /dev/zero | "$0" verify --memory 16M --extract -' "$mailmill"
plan
