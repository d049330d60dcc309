# spool.sh - what tests of the program start from: keys, messages, counters.
# SPDX-License-Identifier: Apache-2.0
#
#   $keys            KeyTable, SigningTable, zone and keys of the datasets, keys with mode 0600
#   $one             options that sign with one RSA key: d=example.com s=m1
#   message DOMAIN N         prints message N of an author in DOMAIN, CRLF line ends
#   make_spool DIR COUNT     COUNT small messages in folders of 1,000
#   stat_of FILE NAME        a counter of the --stats line at the end of FILE

. "$MAILMILL_SOURCE_DIR/tests/support/tap.sh"

mailmill=$MAILMILL_PROGRAM
keys=$tap_dir/keys
cp -r "$MAILMILL_SOURCE_DIR/datasets/keys" "$keys"
chmod 600 "$keys"/*.pem
one="--domain example.com --selector m1 --key $keys/mail.pem"
now=1700000000

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

stat_of()
{
    tail -n 1 "$1" | sed -n "s/.*\"$2\":\"\{0,1\}\([^,\"}]*\).*/\1/p"
}
