/*
 * cmd_keys.c - mailmill keys: the verbs that follow it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "verbs.h"

const struct verb keys_verbs[] = {
    {
        .name = "keys new",
        .purpose = "make a key; its DNS record goes to standard output",
        .usage = "Usage: mailmill keys new --domain D --selector S [options] -o FILE.pem",
        .example = "mailmill keys new --domain a.example --selector s1 -o s1.pem",
        .exits = "Exit: 0 done, 64 usage, 73 FILE.pem exists or cannot be made, 74 I/O error",
        .groups = keys_new_groups,
        .run = cmd_keys_new,
    },
    {
        .name = "keys record",
        .purpose = "print the DNS record of a key that there is",
        .usage = "Usage: mailmill keys record --key FILE [--domain D --selector S] [options]",
        .example = "mailmill keys record --key s1.pem --domain a.example --selector s1",
        .exits = "Exit: 0 done, 64 usage, 74 I/O error, 77 unsafe key file, 78 no key in FILE",
        .groups = keys_record_groups,
        .run = cmd_keys_record,
    },
    {
        .name = "keys check",
        .purpose = "compare keys with the records that receivers find",
        .usage = "Usage: mailmill keys check --key-table FILE [--signing-table FILE] RECORDS\n"
                 "       mailmill keys check --domain D --selector S [--key FILE] RECORDS\n"
                 "       RECORDS: --keys FILE, --dns[=HOST[:PORT]], or both",
        .example = "mailmill keys check --key-table KeyTable --dns",
        .exits = "Exit: 0 every key is published as it must be, 1 a fault was found, 64 usage,\n"
                 "      74 I/O error, 77 unsafe key file, 78 keys or tables",
        .groups = keys_check_groups,
        .run = cmd_keys_check,
    },
    {
        .name = "keys zone",
        .purpose = "collect the keys that a pile of mail needs, for use offline",
        .usage = "Usage: mailmill keys zone --dns | --keys FILE [-o FILE] [options] SOURCE...",
        .example = "mailmill keys zone --dns -o archive.ndjson archive/",
        .exits = "Exit: 0 done, 1 a name got no answer or a message was rejected, 64 usage,\n"
                 "      66 no input, 73 output exists, 74 I/O error, 75 stopped early, 78 keys",
        .counts = COUNTS_EXTRACTED,
        .groups = keys_zone_groups,
        .run = cmd_keys_zone,
    },
    {0},
};
