/*
 * options.h - verbs and their options as tables: the parser and --help both read them.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CLI_OPTIONS_H
#define MM_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mailmill/base.h"

/* The type of the field that an option fills. */
enum option_kind {
    OPTION_HELP,     /* none: prints help and ends */
    OPTION_FLAG,     /* bool */
    OPTION_TEXT,     /* const char *, not empty */
    OPTION_LIST,     /* const char *, may be empty */
    OPTION_TEXTS,    /* struct text_list: the option may be repeated */
    OPTION_OPTIONAL, /* struct optional_text: a value only behind '=' */
    OPTION_WORD,     /* int: place of the word in `words` */
    OPTION_COUNT,    /* uint64_t, min..max */
    OPTION_SIZE,     /* uint64_t bytes, min..max */
    OPTION_DURATION, /* uint64_t seconds, min..max */
    OPTION_TIME      /* int64_t seconds since 1970, 0..max */
};

/* A repeated option says 32 things at most: what verify looks at in one message by default. */
enum { TEXT_LIST_MAX = 32 };
struct text_list {
    const char *items[TEXT_LIST_MAX];
    size_t count;
};

struct optional_text {
    bool given;
    const char *value; /* NULL: without one */
};

struct option {
    const char *name; /* without dashes; NULL where there is only the letter */
    char letter;      /* '\0' where there is only the name */
    enum option_kind kind;
    size_t field;      /* offset in the verb's struct */
    const char *value; /* what help calls the value; NULL for none, or for the words */
    const char *words; /* OPTION_WORD: "auto|uring|threads" */
    const char *help;  /* NULL: shown on the line of the next option */
    uint64_t min, max;
};

/* Tables of options end in an entry of zeros. An empty title goes on with the one before. */
struct option_group {
    const char *title;
    const struct option *options;
};

enum verb_counts { COUNTS_SIGNED, COUNTS_VERIFIED, COUNTS_EXTRACTED, COUNTS_REPORTS };

struct verb {
    const char *name, *purpose, *usage, *example, *exits;
    enum verb_counts counts;           /* what becomes of its inputs */
    const struct option_group *groups; /* end in a title of NULL */
    int (*run)(const struct verb *verb, int argc, char **argv);
    const struct verb *parts; /* verbs that follow it, "keys new"; NULL: none */
};

/* Every verb there is; ends in a name of NULL. */
extern const struct verb verbs[];

/* Arguments that are no options, in order. Borrowed from argv. */
struct operands {
    const char **items; /* room for argc of them, given by the caller */
    size_t count;
};

enum { OPTIONS_READY = -1 };

/*
 * Read argv[2..] into the fields of `args`, which hold the defaults. Options may come after
 * operands; `--` ends them; of an option given twice the last counts.
 * Returns OPTIONS_READY, or the exit code when all is said: 0 after --help, 64 after a slip.
 */
int options_read(const struct verb *verb, int argc, char **argv, void *args,
                 struct operands *operands);

/* Say one line that names a slip and where to read on. Returns exit code 64. */
int usage_slip(const char *verb, const char *fmt, ...) MM_PRINTF(2, 3);

/* The last word of a verb's name: "new" of "keys new". */
const char *verb_word(const struct verb *verb);
/* Of a list of verbs the one of that word, or the one whose word is near to a slip; NULL. */
const struct verb *verb_named(const struct verb *list, const char *word);
const struct verb *nearest_verb(const struct verb *list, const char *slip);

#endif /* MM_CLI_OPTIONS_H */
