/*
 * main.c - mailmill: choose the verb.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "help.h"
#include "mailmill/mailmill.h"
#include "signals.h"
#include "terminal.h"
#include "verbs.h"

static int cmd_help(const struct verb *verb, int argc, char **argv);
static int cmd_parts(const struct verb *verb, int argc, char **argv);

static const struct option help_options[] = {
    {.name = "help", .letter = 'h', .kind = OPTION_HELP, .help = "this text"},
    {0},
};
static const struct option_group help_groups[] = {{"Options:", help_options}, {0}};

const struct verb verbs[] = {
    {
        .name = "sign",
        .purpose = "add DKIM signatures to mail in folders, files and mboxes",
        .usage = "Usage: mailmill sign --domain D --selector S --key FILE -o OUT SOURCE...\n"
                 "       mailmill sign --key-table FILE --signing-table FILE -o OUT SOURCE...",
        .example = "mailmill sign --domain a.example --selector s1 --key s1.pem -o out/ in/",
        .exits = "Exit: 0 all signed, 1 some rejected, 64 usage, 66 no input, 73 output exists,\n"
                 "      74 I/O error, 75 stopped early, 77 unsafe key file, 78 keys or tables",
        .groups = sign_groups,
        .run = cmd_sign,
    },
    {
        .name = "verify",
        .purpose = "check the DKIM signatures of mail in folders, files and mboxes",
        .usage = "Usage: mailmill verify --keys FILE | --dns[=SERVER] [options] SOURCE...\n"
                 "       mailmill verify --keys FILE --explain MESSAGE\n"
                 "       mailmill verify --extract MESSAGE [-o FILE.eml]",
        .example = "mailmill verify --keys dns.zone --stats archive/ > verdicts.ndjson",
        .exits = "Exit: 0 done, 1 done but a message was fail, policy, permerror, temperror or\n"
                 "      rejected, 64 usage, 66 no input, 73 output exists, 74 I/O error,\n"
                 "      75 stopped early, 77 permission, 78 keys",
        .counts = COUNTS_VERIFIED,
        .groups = verify_groups,
        .run = cmd_verify,
    },
    {
        .name = "reports",
        .purpose = "turn archived DMARC, TLS and bounce reports into tables",
        .usage = "Usage: mailmill reports -o DATASET [options] SOURCE...",
        .example = "mailmill reports -o dataset/ Maildir/ reports.zip\n"
                   "Cron: 7 * * * * mbsync -q in; mailmill reports --append -o DATASET Maildir",
        .exits = "Exit: 0 done, 1 done but a report was damaged or there was none, 64 usage,\n"
                 "      66 no input, 73 output exists, 74 I/O error, 75 stopped early,\n"
                 "      77 unsafe key file or permission, 78 redaction key, other options than\n"
                 "      DATASET's",
        .counts = COUNTS_REPORTS,
        .groups = reports_groups,
        .run = cmd_reports,
    },
    {
        .name = "summary",
        .purpose = "tell what a dataset says: who fails and why, what to mend",
        .usage = "Usage: mailmill summary [options] DATASET...",
        .example = "mailmill summary --view sources --domain a.example dataset/",
        .exits = "Exit: 0 done, 64 usage, 66 no such dataset, 73 FILE exists or cannot be made,\n"
                 "      74 damage or I/O error, 77 permission, 78 dataset of a newer schema",
        .groups = summary_groups,
        .run = cmd_summary,
    },
    {
        .name = "keys",
        .purpose = "make keys, print their records, check them against DNS",
        .usage = "Usage: mailmill keys new | record | check | zone [options]",
        .exits = "Exit: 0 done, 1 check found a fault, 64 usage, 73 output exists, 74 I/O error,\n"
                 "      77 unsafe key file, 78 keys or tables",
        .run = cmd_parts,
        .parts = keys_verbs,
    },
    {
        .name = "bench",
        .purpose = "measure what runs cost, and whether that is more than it was",
        .usage = "Usage: mailmill bench [options] [WORKLOAD...]",
        .example = "mailmill bench --against ./mailmill.old sign verify-small",
        .exits = "Exit: 0 done, 1 something got slower, 64 usage, 66 no baseline, 69 no valgrind,\n"
                 "      73 no output, 74 I/O error, 75 stopped or too noisy, 78 not comparable",
        .groups = bench_groups,
        .run = cmd_bench,
    },
    {
        .name = "version",
        .purpose = "tell the version, the libraries and the kernels in use",
        .usage = "Usage: mailmill version",
        .exits = "Exit: 0 done, 64 usage",
        .groups = version_groups,
        .run = cmd_version,
    },
    {
        .name = "help",
        .purpose = "tell the options of a verb",
        .usage = "Usage: mailmill help [VERB]",
        .exits = "Exit: 0 done, 64 usage",
        .groups = help_groups,
        .run = cmd_help,
    },
    {0},
};

static int unknown_verb(const struct verb *above, const char *name)
{
    const char *before = above ? above->name : "", *blank = above ? " " : "";
    const struct verb *near = nearest_verb(above ? above->parts : verbs, name);
    if (near)
        return usage_slip(before, "unknown verb %s%s%s; nearest is %s", before, blank,
                          escaped_text(name), near->name);
    return usage_slip(before, "unknown verb %s%s%s", before, blank, escaped_text(name));
}

static int cmd_help(const struct verb *verb, int argc, char **argv)
{
    const char *names[3];
    struct operands operands = {.items = names};
    if (argc > 4)
        return usage_slip(verb->name, "one VERB at most");
    int code = options_read(verb, argc, argv, NULL, &operands);
    if (code != OPTIONS_READY)
        return code;
    if (operands.count == 0)
        return help_print_overview();
    const struct verb *above = NULL, *asked = verb_named(verbs, operands.items[0]);
    if (asked && operands.count > 1) {
        if (!asked->parts)
            return usage_slip(verb->name, "one VERB at most");
        above = asked;
        asked = verb_named(above->parts, operands.items[1]);
    }
    return asked ? help_print_verb(asked) : unknown_verb(above, operands.items[operands.count - 1]);
}

/* The verb behind a verb: `mailmill keys new` has "keys new" for a name and argv[1] is "new". */
static int cmd_parts(const struct verb *verb, int argc, char **argv)
{
    if (argc < 3) {
        help_write_parts(stderr, verb);
        return MM_EXIT_USAGE;
    }
    if (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0)
        return help_print_verb(verb);
    const struct verb *part = verb_named(verb->parts, argv[2]);
    return part ? part->run(part, argc - 1, argv + 1) : unknown_verb(verb, argv[2]);
}

/*
 * A descriptor 0, 1 or 2 that the caller closed would go to the next file opened, and messages
 * into it. Give each a descriptor that can only fail: 0 cannot be read, 1 and 2 cannot be written.
 */
static void occupy_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            abort();
}

int main(int argc, char **argv)
{
    occupy_standard_descriptors();
    signals_install();
    if (argc < 2) {
        help_write_overview(stderr);
        return MM_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return help_print_overview();
    if (strcmp(argv[1], "--version") == 0) {
        printf("mailmill %s\n", mm_version());
        return stdout_done("");
    }
    if (argv[1][0] == '-')
        return usage_slip("", "a verb comes first, not %s", escaped_text(argv[1]));
    const struct verb *verb = verb_named(verbs, argv[1]);
    return verb ? verb->run(verb, argc, argv) : unknown_verb(NULL, argv[1]);
}
