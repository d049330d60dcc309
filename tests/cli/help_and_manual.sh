# help_and_manual.sh - --help, the manual page and the tables of slugs say the same, and help fits a screen.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1
cd "$MAILMILL_SOURCE_DIR" || exit 1
page=docs/mailmill.1.scd

# The part of the page between two headings of the first level.
section()
{
    awk -v name="# $1" '$0 == name { on = 1; next } /^# / { on = 0 } on' "$page"
}

# Options in help: lines of two blanks, then names and letters up to two blanks more.
help_options()
{
    "$MAILMILL_PROGRAM" "$@" --help | sed -nE '/^$/,/^Exit/s/^  (-.*)/\1/p' | sed 's/   *.*//' |
        grep -oE '(^|, )--?[a-z0-9][a-z0-9-]*' | tr -d ', ' | LC_ALL=C sort -u
}

# Options that the page explains: a paragraph that begins with *-x* or *--name*. Of the common ones, some are not of reports
# and say so in their next line.
page_options()
{
    { section "${1^^}"; section "COMMON OPTIONS" | awk -v verb="$1" '
        held != "" { if (!($0 ~ /^\tNot of _reports_/ && verb == "reports")) print held; held = "" }
        /^\*-/ { held = $0; next } { print } END { print held }'; } | grep -E '^\*-' | grep -oE '\*--?[a-z0-9][a-z0-9-]*' | tr -d '*' |
        LC_ALL=C sort -u
}

for verb in sign verify reports; do
    help_options $verb >"$tap_dir/in-help"
    page_options $verb >"$tap_dir/in-page"
    is "help and manual have the same options of $verb" "$(diff "$tap_dir/in-help" "$tap_dir/in-page")" ""
    ok "help of $verb names at least fifteen options" $(($(wc -l <"$tap_dir/in-help") < 15))
done

# summary has no part in the common options.
help_options summary >"$tap_dir/in-help"
section SUMMARY | grep -oE '^\*-.*' | grep -oE '\*--?[a-z0-9][a-z0-9-]*' | tr -d '*' | LC_ALL=C sort -u >"$tap_dir/in-page"
is "help and manual have the same options of summary" "$(diff <(grep -vxE -- '--help|-h' "$tap_dir/in-help") "$tap_dir/in-page")" ""
is "help and manual have the same views" "$(section SUMMARY | sed -nE 's/^\|  \*([a-z-]+)\*$/\1/p')" \
    "$("$MAILMILL_PROGRAM" summary --view list | grep -oE '^[a-z-]+')"

# The verbs behind "keys" share a section of the manual.
keys_words=$("$MAILMILL_PROGRAM" keys --help | sed -nE 's/^  ([a-z]+)  .*/\1/p')
for word in $keys_words; do
    help_options keys "$word"
done | LC_ALL=C sort -u >"$tap_dir/in-help"
page_options keys >"$tap_dir/in-page"
is "the manual has each option of keys" "$(LC_ALL=C comm -23 "$tap_dir/in-help" "$tap_dir/in-page")" ""
section KEYS | grep -oE '^\*-.*' | grep -oE '\*--?[a-z0-9][a-z0-9-]*' | tr -d '*' | LC_ALL=C sort -u >"$tap_dir/in-page"
is "and no other" "$(LC_ALL=C comm -13 "$tap_dir/in-help" "$tap_dir/in-page")" ""
for word in $keys_words; do
    section KEYS | grep -q "^\*mailmill keys $word\*"
    ok "the manual has keys $word" $?
    is "'mailmill help keys $word' is the same as --help" "$("$MAILMILL_PROGRAM" help keys $word)" \
        "$("$MAILMILL_PROGRAM" keys $word --help)"
done
is "keys alone tells its verbs, on stderr" \
    "$("$MAILMILL_PROGRAM" keys 2>&1 >"$tap_dir/out" || echo "$?"; cat "$tap_dir/out")" "$("$MAILMILL_PROGRAM" keys --help; echo 64)"

# Of the common options bench has two, and says so in its own section.
help_options bench >"$tap_dir/in-help"
{ section BENCH; echo '*-h*, *--help*'; } | grep -E '^\*-' | grep -oE '\*--?[a-z0-9][a-z0-9-]*' | tr -d '*' | LC_ALL=C sort -u >"$tap_dir/in-page"
is "help and manual have the same options of bench" "$(diff "$tap_dir/in-help" "$tap_dir/in-page")" ""
ok "help of bench names at least ten options" $(($(wc -l <"$tap_dir/in-help") < 10))

for verb in sign verify reports summary bench keys "keys new" "keys record" "keys check" "keys zone" version help ''; do
    "$MAILMILL_PROGRAM" $verb --help >"$tap_dir/help" 2>"$tap_dir/err"
    ok "'mailmill $verb --help' exits with 0" $?
    is "'mailmill $verb --help' is on stdout alone" "$(cat "$tap_dir/err")" ""
    is "'mailmill $verb --help' fits 40 lines and 80 columns" \
        "$(awk 'length($0) > 80 || NR > 40 { print NR ": " $0 }' "$tap_dir/help")" ""
    is "'mailmill help $verb' is the same" "$("$MAILMILL_PROGRAM" help $verb)" "$(cat "$tap_dir/help")"
done
is "-h is --help" "$("$MAILMILL_PROGRAM" verify -h)" "$("$MAILMILL_PROGRAM" verify --help)"
is "--help is heard behind other options" "$("$MAILMILL_PROGRAM" sign --domain example.com --help)" \
    "$("$MAILMILL_PROGRAM" sign --help)"
is "--version is one line" "$("$MAILMILL_PROGRAM" --version)" "$("$MAILMILL_PROGRAM" version | head -n 1)"
ok "version tells more than its own" $(($("$MAILMILL_PROGRAM" version | wc -l) < 4))
for name in openssl liburing xxhash libidn2 c-ares cpu canonicalization sha256 'public keys' io; do
    ok "version tells of $name" "$("$MAILMILL_PROGRAM" version | grep -qE "^$name  +[^ ]"; echo $?)"
done
is "MAILMILL_CPU takes kernels away" "$(MAILMILL_CPU=portable "$MAILMILL_PROGRAM" version | grep -oE '^canonicalization .*')" \
    "canonicalization  portable"

# What cannot be written is said; a reader that leaves is none of our business.
refuse "help into a full device is an I/O error" 74 sh -c '"$MAILMILL_PROGRAM" sign --help >/dev/full'
refuse "help into a closed stdout is an I/O error" 74 sh -c '"$MAILMILL_PROGRAM" --help >&-'
"$MAILMILL_PROGRAM" version 2>"$tap_dir/err" | :
is "a closed pipe ends quietly" "${PIPESTATUS[0]}|$(cat "$tap_dir/err")" "0|"

# Slugs: those of the tables in the sources, and those of the page's two tables.
slugs_of()
{
    sed -nE 's/^ *MM_[A-Z_]*\([A-Z0-9_]+, *"([a-z0-9-]+)".*/\1/p' "$@"
}
slugs_in_section()
{
    section "$1" | grep -oE '^[|] +\*[a-z0-9-]+\*' | tr -d '|* '
}
slugs_of include/mailmill/reasons.def | LC_ALL=C sort >"$tap_dir/in-code"
slugs_in_section "REASONS" | LC_ALL=C sort >"$tap_dir/in-page"
ok "the table of reasons is read" $(($(wc -l <"$tap_dir/in-code") < 20))
is "the manual has each reason of a verdict once" "$(diff "$tap_dir/in-code" "$tap_dir/in-page")" ""

# A reject is a row of sign_rejects.def (the skip of one that is signed already is none), or a slug in the
# engine: there every literal of words and dashes is one, but for the names of libraries in describe.c.
{
    slugs_of src/dkim/sign_rejects.def | grep -vx already-signed-skipped
    slugs_of src/report/unwrap_reasons.def src/report/report_faults.def src/report/dmarc_skips.def
    grep -rhoE '"[a-z]+(-[a-z]+)+"' src/pipeline --include='*.c' --exclude=describe.c | tr -d '"'
} | LC_ALL=C sort -u >"$tap_dir/in-code"
slugs_in_section "REJECTS" | LC_ALL=C sort >"$tap_dir/in-page"
is "the manual has no reject twice" "$(uniq -d "$tap_dir/in-page")" ""
is "the manual has each reject" "$(LC_ALL=C comm -23 "$tap_dir/in-code" "$tap_dir/in-page")" ""
for slug in $(cat "$tap_dir/in-page"); do
    grep -rqF "\"$slug\"" src/dkim/sign_rejects.def src/pipeline src/report
    ok "the reject $slug of the manual exists" $?
done

sed -nE 's/^MM_[A-Z]*_FLAG\([A-Z0-9_]+, *"([a-z0-9_]+)".*/\1/p' src/report/*_flags.def |
    LC_ALL=C sort >"$tap_dir/in-code"
section "FLAGS" | grep -oE '^[|] +\*[a-z0-9_]+\*' | tr -d '|* ' | LC_ALL=C sort >"$tap_dir/in-page"
ok "the table of flags is read" $(($(wc -l <"$tap_dir/in-code") < 30))
is "the manual has each flag" "$(diff "$tap_dir/in-code" "$tap_dir/in-page")" ""

for code in 0 1 64 66 69 70 73 74 75 77 78; do
    section "EXIT STATUS" | grep -qE "^[|] +\*$code\*"
    ok "the manual explains exit code $code" $?
done

if command -v scdoc >/dev/null; then
    scdoc <"$page" >"$tap_dir/mailmill.1" 2>"$tap_dir/err"
    ok "scdoc makes the manual page" $?
    is "scdoc has nothing to say" "$(cat "$tap_dir/err")" ""
else
    skip "scdoc makes the manual page" "no scdoc here"
    skip "scdoc has nothing to say" "no scdoc here"
fi
if command -v scdoc >/dev/null && command -v mandoc >/dev/null; then
    # scdoc writes paragraphs that mandoc finds empty; they are harmless.
    is "mandoc finds no fault in it" \
        "$(mandoc -Tlint -W warning "$tap_dir/mailmill.1" | sed 's,^[^ ]* ,,' | grep -v 'skipping paragraph macro')" ""
else
    skip "mandoc finds no fault in it" "no mandoc here"
fi
plan
