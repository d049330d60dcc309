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
        .usage = "Usage: mailmill keys check --key-table FILE [--signing-table FILE] --keys FILE\n"
                 "       mailmill keys check --domain D --selector S [--key FILE] --keys FILE",
        .example = "mailmill keys check --key-table KeyTable --keys dns.zone",
        .exits = "Exit: 0 every key is published as it must be, 1 a fault was found, 64 usage,\n"
                 "      74 I/O error, 77 unsafe key file, 78 keys or tables",
        .groups = keys_check_groups,
        .run = cmd_keys_check,
    },
    {0},
};
