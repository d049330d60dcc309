# spool.sh - what tests of the program start from: keys, messages, counters.
# SPDX-License-Identifier: Apache-2.0
#
#   $keys            KeyTable, SigningTable, zone and keys of the datasets, keys with mode 0600
#   $one             options that sign with one RSA key: d=example.com s=m1
#   message DOMAIN N         prints message N of an author in DOMAIN, CRLF line ends
#   make_spool DIR COUNT     COUNT small messages in folders of 1,000
#   needs_faults             ends the test of a build without fault points: that is all there is to see
#   stat_of FILE NAME        a counter of the --stats line at the end of FILE
#   says NAME CODE WORDS COMMAND...    it exits with this code and says these words on stderr
#   tag FILE N NAME          a tag of the DKIM-Signature number N (0: topmost), without blanks
#   peers FILE...            what python3-dkim and our reference say of each signature, each word once

. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh" || exit 1

mailmill=$MAILMILL_PROGRAM
keys=$tap_dir/keys
cp -r "$MAILMILL_SOURCE_DIR/datasets/keys" "$keys"
chmod 600 "$keys"/*.pem
one="--domain example.com --selector m1 --key $keys/mail.pem"
now=1700000000
# The ring where the system gives one; else what --io auto takes instead.
ring=$("$mailmill" version | grep -q '^io  *uring$' && echo uring || echo auto)

message()
{
    printf 'From: Author <author@%s>\r\nTo: reader@example.org\r\nSubject: message %s\r\n' "$1" "$2"
    printf 'Date: Tue, 14 Nov 2023 22:13:20 +0000\r\nMessage-ID: <%s@%s>\r\n\r\n' "$2" "$1"
    printf 'Dear reader,\r\nthis is  message %s.\r\n' "$2"
}

make_spool()
{
    awk -v dir="$1" -v count="$2" 'BEGIN {
        for (i = 0; i < count; i++) {
            folder = sprintf("%s/%03d", dir, i / 1000)
            if (i % 1000 == 0) system("mkdir -p \"" folder "\"")
            file = sprintf("%s/%06d.eml", folder, i)
            printf "From: Author <author@example.com>\r\nTo: reader%d@example.org\r\n" \
                "Subject: message %d\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\n" \
                "Message-ID: <%d@example.com>\r\n\r\nDear reader,\r\nthis is  message %d. \r\n", i, i, i, i > file
            close(file)
        }
    }'
}

needs_faults()
{
    "$mailmill" sign $one --fault any:SLOW@1000000 --dry-run "$keys" >/dev/null 2>"$tap_dir/.faults"
    grep -q "unknown option" "$tap_dir/.faults" || return 0
    says "a build for use knows no --fault" 64 "unknown option" "$mailmill" sign $one --fault any:KILL@1 -o out "$keys"
    plan
}

stat_of()
{
    tail -n 1 "$1" | sed -n "s/.*\"$2\":\"\{0,1\}\([^,\"}]*\).*/\1/p"
}

says()
{
    local name=$1 want=$2 words=$3 code=0 err
    shift 3
    "$@" >"$tap_dir/.says-out" 2>"$tap_dir/.says-err" </dev/null || code=$?
    err=$(cat "$tap_dir/.says-err")
    case $code:$err in
    "$want:"*"$words"*) ok "$name" 0 ;;
    *)
        ok "$name" 1
        printf 'exit code %s, wanted %s and "%s":\n%s\n' "$code" "$want" "$words" "$err" | tap_say
        ;;
    esac
}

tag()
{
    perl -0777 -ne 'BEGIN { ($n, $name) = splice @ARGV, 1, 2 } s/\r?\n\r?\n.*//s; $_ .= "\n";
        my @fields = /^DKIM-Signature:(.*\n(?:[ \t].*\n)*)/mg;
        my $field = $fields[$n] // ""; $field =~ s/\s+//g;
        for (split /;/, $field) { my ($k, $v) = split /=/, $_, 2; print $v if $k eq $name }' "$1" "$2" "$3"
}

# The zone of the datasets as the peers want it: a name, a tab, the text, for every name.
peer_keys()
{
    perl -0777 -ne 'for (split /^(?=\$ORIGIN )/m) {
        my ($origin) = /^\$ORIGIN (\S+)\.$/m or next;
        while (/^(\w+) IN TXT (\([^)]*\)|"[^"]*")/mg) {
            my ($name, $data) = ($1, $2);
            print "$name.$origin\t", join("", $data =~ /"([^"]*)"/g), "\n" } }' "$keys/zone"
}

peers()
{
    local peer
    [ -s "$tap_dir/.peer-keys" ] || peer_keys >"$tap_dir/.peer-keys"
    for peer in verify_dkimpy verify_reference; do
        printf '%s\n' "$@" | PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 \
            "$MAILMILL_SOURCE_DIR/tests/peers/$peer.py" "$tap_dir/.peer-keys"
    done | cut -f 3 | sed 's/^fail:.*/fail/' | sort -u | tr '\n' ' ' | sed 's/ $//'
}
