/*
 * key_options.h - the options that say where public keys come from: files, live DNS, or both.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_CLI_KEY_OPTIONS_H
#define MM_CLI_KEY_OPTIONS_H

#include "common.h"
#include "mailmill/keys.h"

struct key_args {
    struct text_list files;   /* --keys, the word "none" alone among them */
    struct optional_text dns; /* --dns[=SERVER] */
    uint64_t dns_timeout_s;   /* --dns-timeout; 0: not given */
    const char *dns_record;   /* --dns-record */
    /* Whose other files the recording must not be; set by the verb that has --dns-record. */
    const struct common_args *run;
};

enum { DNS_TIMEOUT_DEFAULT_S = 5, DNS_TIMEOUT_MAX_S = 86400 };

/* --keys none */
bool key_args_are_none(const struct key_args *args);

/* Refuse what does not go together: 64, or OPTIONS_READY. That some source is named at all is for
 * the verb to ask. */
int key_args_check(const struct verb *verb, const struct key_args *args);

/*
 * Read the files and begin to ask. *out stays NULL where no source is named; the caller frees it,
 * after a failure too. Returns OPTIONS_READY, or the exit code when what went wrong is said.
 */
int key_args_open(const struct verb *verb, const struct key_args *args, struct mm_key_source **out);

/* At the end, before the source is freed: make sure of the recording. Returns `code`, or 74 where
 * it could not be written and nothing worse has happened. */
int key_args_close(const struct verb *verb, struct mm_key_source *keys, int code);

#endif /* MM_CLI_KEY_OPTIONS_H */
