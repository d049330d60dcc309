# usage.sh - every slip on the command line: exit 64, one line that names it and the remedy, no work done.
# SPDX-License-Identifier: Apache-2.0
. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1

# slip MESSAGE ARGUMENT...: the arguments are refused with this line alone, and nothing is made.
slip()
{
    local want=$1 code=0 verb
    shift
    verb=${1-}
    (cd "$tap_dir/work" && "$MAILMILL_PROGRAM" "$@") >"$tap_dir/out" 2>"$tap_dir/err" </dev/null || code=$?
    case $verb in
    keys)
        case ${2-} in
        new | record | check | zone) verb="keys $2" ;;
        esac
        want="mailmill $verb: $want (try 'mailmill $verb --help')"
        ;;
    sign | verify | reports | bench | version | help) want="mailmill $verb: $want (try 'mailmill $verb --help')" ;;
    *) want="mailmill: $want (try 'mailmill --help')" ;;
    esac
    is "refused: ${*@Q}" "$code|$(cat "$tap_dir/out")|$(cat "$tap_dir/err")|$(ls -A "$tap_dir/work")" \
        "64||$want|"
}

# Neither keys nor sources exist: a slip must be found before they are looked for.
mkdir "$tap_dir/work"
sign=(sign --domain example.com --selector s --key no.pem)
verify=(verify --keys no.zone)

slip "unknown verb sing; nearest is sign" sing
slip "unknown verb zzzzz" zzzzz
slip "unknown verb merge" merge
bench=(bench --json out kernel-base64)
slip "'sing' is no workload: see mailmill bench --list" bench sing
slip "'sign-' is no workload: see mailmill bench --list" bench sign-
slip "--against and --baseline: one of them" "${bench[@]}" --against x --baseline y
slip "--json -: a file is wanted; standard output has the table" bench --json -
slip "--serve is told by its input what to run, and compares and writes nothing" bench --serve x sign
slip "--quick and --budget: one of them" "${bench[@]}" --quick --budget 5
slip "--force has no meaning without --baseline" "${bench[@]}" --force
slip "--count-instructions and --cold: one of them" "${bench[@]}" --count-instructions --cold
slip "--format 'xml': want table, github-benchmark or junit" "${bench[@]}" --format xml
for tolerance in x 5x 0 0.01 101 -5 5%% % 5%5 1e1 nan inf 0x5; do
    slip "--tolerance $tolerance: want a percentage from 0.1 to 100, as in 5%" "${bench[@]}" --tolerance=$tolerance
done
slip "unknown option --tolerence; nearest is --tolerance" "${bench[@]}" --tolerence 5
slip "unknown verb \\x1b[2J" $'\e[2J'
slip "a verb comes first, not --stats" --stats sign

slip "unknown option --threds; nearest is --threads" "${sign[@]}" --threds 2 -o out in
slip "unknown option --selectr; nearest is --selector" sign --selectr=s
slip "unknown option --memroy; nearest is --memory" verify --memroy 1G
slip "unknown option --sign; nearest is --signing-table" sign --sign
slip "unknown option --polcy; nearest is --policy" verify --polcy=strict
slip "unknown option --zzzzzzzz" verify --zzzzzzzz
slip "unknown option --\\x1b[31m" verify $'--\e[31m'
slip "unknown option -x" verify -x
slip "unknown option -\\xff" verify $'-\xff'
slip "no dataset: name -o DATASET, a folder" reports in
slip "--append: tables of --format ndjson or csv are not added to" reports --append --format csv -o out in
slip "--format 'xml': want parquet, ndjson or csv" reports --format xml -o out in

# Of the design, and not of this version: refused, never accepted and ignored.
for option in --shard --dns --dns-record --time-from --dmarc --arc \
    --spf; do
    for verb in sign verify; do
        case $verb:$option in sign:--dns | verify:--dns | verify:--dns-record | verify:--time-from) continue ;; esac
        code=0
        "$MAILMILL_PROGRAM" $verb $option x >"$tap_dir/out" 2>"$tap_dir/err" || code=$?
        is "$verb does not know $option" "$code|$(cat "$tap_dir/out")|$(grep -c "^mailmill $verb: unknown option $option\b" "$tap_dir/err")" "64||1"
    done
done
slip "--sink 'mh': want tree, maildir, pickup or signatures" "${sign[@]}" --sink mh -o out in
slip "--durability 'all': want batch, none or each" "${sign[@]}" --durability all -o out in

slip "--threads wants a value" verify --threads
slip "--threads '0': want a number from 1 to 256" verify --threads 0
slip "--threads '257': want a number from 1 to 256" verify --threads 257
slip "--threads '-1': want a number from 1 to 256" verify --threads -1
slip "--threads '2x': want a number from 1 to 256" verify --threads=2x
slip "--threads '18446744073709551617': want a number from 1 to 256" verify --threads 18446744073709551617
slip "--memory '12X': want a size of at least 16M, such as 512M or 2G" verify --memory 12X
slip "--memory '1G ': want a size of at least 16M, such as 512M or 2G" verify --memory '1G '
slip "--memory '1M': want a size of at least 16M, such as 512M or 2G" verify --memory 1M
slip "--memory '17179869184G': want a size of at least 16M, such as 512M or 2G" verify --memory 17179869184G
slip "--io 'fast': want auto, uring or threads" verify --io fast
slip "--crypto 'none': want auto or openssl" verify --crypto none
slip "--progress 'on': want auto, always or never" verify --progress on
slip "--source-format 'eml': want auto, message, mbox, tree, mboxcl2, tar, bsmtp, maildir, emlx, pickup, postfix or zip" verify --source-format eml
slip "--policy 'lax': want strict or legacy" verify --policy lax
slip "--require 'fail': want pass" verify --require fail
slip "--max-signatures '0': want a number from 1 to 65536" verify --max-signatures 0
slip "--now 'today': want seconds since 1970, such as 1700000000" verify --now today
slip "--now '1000000000000': want seconds since 1970, such as 1700000000" sign --now 1000000000000
slip "--expire '7w': want a time such as 7d, 12h, 30m, 45s or 1d12h, up to 36500d" sign --expire 7w
slip "--expire '1h1d': want a time such as 7d, 12h, 30m, 45s or 1d12h, up to 36500d" sign --expire 1h1d
slip "--expire '0s': want a time such as 7d, 12h, 30m, 45s or 1d12h, up to 36500d" sign --expire 0s
slip "--expire '36501d': want a time such as 7d, 12h, 30m, 45s or 1d12h, up to 36500d" sign --expire 36501d
slip "--canon 'relaxed/': want simple/simple, simple/relaxed, relaxed/simple, relaxed/relaxed, simple or relaxed" \
    sign --canon relaxed/
slip "--eol 'lf': want auto or strict" sign --eol lf
slip "--unmatched 'drop': want reject or copy" sign --unmatched drop
slip "--signed-already 'replace': want reject, sign or skip" sign --signed-already replace
slip "--quiet takes no value" verify --quiet=yes
slip "--output has an empty value" verify -o ''
slip "--keys has an empty value" verify --keys=
slip "an argument is empty" "${verify[@]}" ''

keys="no keys: name --domain, --selector and --key, or --key-table and --signing-table"
slip "$keys" sign -o out in
slip "$keys" sign
slip "--domain, --selector and --key come in threes, not 2, 1 and 1" "${sign[@]}" --domain example.net -o out in
slip "--domain, --selector and --key come in threes, not 1, 0 and 0" sign --domain example.net -o out in
slip "--key-table and --signing-table go together" sign --key-table k -o out in
slip "--key-table and --signing-table go together" sign --signing-table k -o out in
slip "--domain, --selector and --key do not go with --key-table and --signing-table" "${sign[@]}" --key-table k -o out in
slip "--multiple is of use only with --signing-table" "${sign[@]}" --multiple -o out in
slip "--unmatched is of use only with --signing-table" "${sign[@]}" --unmatched copy -o out in
slip "--keys is of use only with --dry-run" "${sign[@]}" --keys zone -o out in
slip "no output: name -o OUT, or --in-place" "${sign[@]}" in
slip "-o and --in-place exclude each other" "${sign[@]}" --in-place -o out in
slip "-o 'out.ndjson': rows are what --sink signatures writes" "${sign[@]}" -o out.ndjson in
slip "--domain comes more than 32 times" sign $(printf -- '--domain example.com %.0s' {1..33})

slip "no keys: name --keys FILE, --dns or --keys none to check all but signatures" verify in
slip "--keys none goes with no other --keys" "${verify[@]}" --keys none in
slip "-o 'rows.eml': only --extract writes a message" "${verify[@]}" -o rows.eml in
slip "--format says how tables are written: name -o DATASET/, a folder" "${verify[@]}" --format csv in
slip "--format says how tables are written: name -o DATASET/, a folder" "${verify[@]}" --format csv -o rows.ndjson in
slip "--format is of no use with --explain" "${verify[@]}" --format csv --explain in/1.eml
slip "--overwrite: no dataset is replaced; remove it, or choose another name" "${verify[@]}" --overwrite -o rows in

for verb in sign verify; do
    command=("${sign[@]}" -o out)
    [ $verb = sign ] || command=("${verify[@]}")
    slip "no SOURCE: name a folder, a file or - for standard input" "${command[@]}"
    slip "standard input can be read only once" "${command[@]}" - -
    slip "standard input can be read only once" "${command[@]}" --files-from - -
    slip "-0 is of use only with --files-from" "${command[@]}" -0 in
done

new=(keys new --domain example.com --selector s1 -o s1.pem)
record=(keys record --key no.pem)
slip "unknown verb keys make" keys make
slip "unknown verb keys recrod; nearest is keys record" keys recrod
slip "unknown option --bit; nearest is --bits" "${new[@]}" --bit 2048
slip "--bits '1024': want a number from 2048 to 8192" "${new[@]}" --bits 1024
slip "--bits '16384': want a number from 2048 to 8192" "${new[@]}" --bits 16384
slip "--bits '2049': want a multiple of 8" "${new[@]}" --bits 2049
slip "--bits is of use only with --type rsa" "${new[@]}" --type ed25519 --bits 2048
slip "--type 'ec': want rsa or ed25519" "${new[@]}" --type ec
slip "--format 'text': want zone or json" "${new[@]}" --format text
slip "'s1.pem' is no option, and there is nothing to read but those" keys new --domain example.com --selector s1 s1.pem
for name in "" "--domain example.com" "--selector s1"; do
    slip "the key has no name: want --domain and --selector" keys new $name -o s1.pem
done
slip "no output: name -o FILE.pem for the private key" keys new --domain example.com --selector s1
slip "-o wants a file: the record goes to standard output" keys new --domain example.com --selector s1 -o -
slip "no key: name --key FILE" keys record
slip "--domain and --selector go together" "${record[@]}" --domain example.com
slip "--domain and --selector go together" "${record[@]}" --selector s1
slip "--format wants --domain and --selector" "${record[@]}" --format zone
for domain in com example..com -example.com 'example.com ' 'example.com.' 'a"b.com' 'a;b.com' '%' '*.example.com'; do
    slip "--domain '$domain', --selector 's1': the domain is none: want two labels or more, such as example.com, of \
letters, digits, '-' and '_' (xn-- forms for others)" keys new --domain "$domain" --selector s1 -o s1.pem
done
slip "--domain 'a\x0ab.com', --selector 's1': the domain is none: want two labels or more, such as example.com, of \
letters, digits, '-' and '_' (xn-- forms for others)" keys new --domain $'a\nb.com' --selector s1 -o s1.pem
slip "--domain 'example.com', --selector 's 1': the selector is none: want letters, digits, '-' and '_', in labels \
parted by '.'" "${record[@]}" --domain example.com --selector 's 1'
slip "--domain '$(printf 'a%.0s' {1..60}).$(printf 'b%.0s' {1..60}).$(printf 'c%.0s' {1..60}).example', --selector \
'$(printf 's%.0s' {1..60})': selector and domain together are too long for a name" keys new -o s1.pem \
    --domain "$(printf 'a%.0s' {1..60}).$(printf 'b%.0s' {1..60}).$(printf 'c%.0s' {1..60}).example" --selector "$(printf 's%.0s' {1..60})"

keys_check=(keys check --keys no.zone)
slip "no keys: name --key-table FILE, or --domain, --selector and --key" "${keys_check[@]}"
slip "--domain, --selector and --key do not go with --key-table" "${keys_check[@]}" --key-table k --domain example.com
slip "--domain, --selector and --key do not go with --key-table" "${keys_check[@]}" --signing-table r --key no.pem
slip "the key has no name: want --domain and --selector" "${keys_check[@]}" --key no.pem --selector s1
slip "no keys: name --key-table FILE, or --domain, --selector and --key" "${keys_check[@]}" --signing-table r
slip "no records: name --keys FILE or --dns" keys check --key-table k
slip "--keys none leaves nothing to look up" keys check --key-table k --keys none
slip "--dns-timeout is of use only with --dns" "${keys_check[@]}" --key-table k --dns-timeout 1s
slip "'no.zone' is no option, and there is nothing to read but those" "${keys_check[@]}" --key-table k no.zone

keys_zone=(keys zone --keys no.zone)
slip "no records: name --keys FILE or --dns" keys zone in
slip "--keys none leaves nothing to look up" keys zone --keys none in
slip "no SOURCE: name a folder, a file or - for standard input" "${keys_zone[@]}"
slip "standard input can be read only once" "${keys_zone[@]}" - -
slip "--format 'csv': want json or zone" "${keys_zone[@]}" --format csv in
slip "--max-signatures '0': want a number from 1 to 65536" "${keys_zone[@]}" --max-signatures 0 in

slip "no arguments are wanted" version all
slip "one VERB at most" help sign verify
slip "unknown option --all" help --all
code=0
"$MAILMILL_PROGRAM" help sing 2>"$tap_dir/err" || code=$?
is "help on an unknown verb is a slip" "$code|$(cat "$tap_dir/err")" \
    "64|mailmill: unknown verb sing; nearest is sign (try 'mailmill --help')"

code=0
"$MAILMILL_PROGRAM" >"$tap_dir/out" 2>"$tap_dir/err" || code=$?
is "without arguments the overview goes to stderr" "$code|$(cat "$tap_dir/out")|$(cat "$tap_dir/err")" \
    "64||$("$MAILMILL_PROGRAM" --help)"

# Keys come after usage and before sources.
refuse "a key file that is missing is a fault of configuration" 78 "$MAILMILL_PROGRAM" "${sign[@]}" -o "$tap_dir/out" in
refuse "a table that is missing is a fault of configuration" 78 "$MAILMILL_PROGRAM" sign --key-table no --signing-table no \
    -o "$tap_dir/out" in
refuse "a zone file that is missing is a fault of configuration" 78 "$MAILMILL_PROGRAM" "${verify[@]}" in
refuse "a source that is missing has a code of its own" 66 "$MAILMILL_PROGRAM" verify --keys none "$tap_dir/no-source"
plan
