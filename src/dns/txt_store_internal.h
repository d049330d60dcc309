/*
 * txt_store_internal.h - what the parsers of both forms put into a store.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Parsers work on the store's own copy of a file and decode in place, so that a record is a view
 * into it and a zone of a million keys costs little more than its text.
 */
#ifndef MM_DNS_TXT_STORE_INTERNAL_H
#define MM_DNS_TXT_STORE_INTERNAL_H

#include "dns/txt_store.h"

/* A file's text, writable, as long-lived as the store, and what to call it. */
struct mm_txt_file {
    char *text;
    size_t len;
    struct mm_view name;
};

/* A new call begins: what it says of a name replaces what earlier ones said. */
void mm_txt_store_next_call(struct mm_txt_store *store);
/* It is over: where there are wildcards, its names take their places among those that exist. MM_OK
 * or MM_E_NOMEM. */
enum mm_status mm_txt_store_end_call(struct mm_txt_store *store) MM_MUST_CHECK;
/* A text comes in: mm_txt_store_hash() covers it. */
void mm_txt_store_note_text(struct mm_txt_store *store, struct mm_view text);
/* Take malloc()ed text; it is freed with the store, at once on failure. */
enum mm_status mm_txt_store_own(struct mm_txt_store *store, char *text) MM_MUST_CHECK;
/* A copy that lives as long as the store; data is NULL without memory. */
struct mm_view mm_txt_store_copy(struct mm_txt_store *store, struct mm_view v);

/* Names here are lower-case, without the final dot, at most MM_TXT_NAME_MAX_BYTES; they are copied.
 * Records are kept as views. Each returns MM_OK, MM_E_NOMEM, or a status with words in *fault. */

/* A master file has the name, with records that are not kept: it exists, and no wildcard answers
 * for it (RFC 4592 section 2.2). Its answers stay. */
enum mm_status mm_txt_note_name(struct mm_txt_store *store, struct mm_view name) MM_MUST_CHECK;
/* One more record of the name's answer in this call. Equal records count once (RFC 2181
 * section 5). */
enum mm_status mm_txt_put_record(struct mm_txt_store *store, struct mm_view name,
                                 struct mm_view record, const struct mm_txt_file *file,
                                 uint32_t line, const char **fault) MM_MUST_CHECK;
/* A record that was just put for the name has a string of more than MM_TXT_STRING_MAX_BYTES. */
void mm_txt_note_long_string(struct mm_txt_store *store, struct mm_view name);
/* The name is another one for `target`, which is copied too. */
enum mm_status mm_txt_put_alias(struct mm_txt_store *store, struct mm_view name,
                                struct mm_view target, const struct mm_txt_file *file,
                                uint32_t line, const char **fault) MM_MUST_CHECK;

/* A recorded answer: status, records, from, until, ad and line are read from `answer`, the views of
 * its records copied. seen: its "time"; INT64_MIN where it has none. */
enum mm_status mm_txt_put_answer(struct mm_txt_store *store, struct mm_view name,
                                 const struct mm_txt_answer *answer, int64_t seen,
                                 const struct mm_txt_file *file, const char **fault) MM_MUST_CHECK;

/* "FILE:LINE: words" at a byte of the file. */
enum mm_status mm_txt_fault(const struct mm_txt_file *file, uint32_t line, size_t offset,
                            enum mm_status status, const char *words, struct mm_error *err);

/* The two forms. */
enum mm_status mm_zone_file_parse(struct mm_txt_store *store, const struct mm_txt_file *file,
                                  struct mm_error *err) MM_MUST_CHECK;
enum mm_status mm_recorded_answers_parse(struct mm_txt_store *store, const struct mm_txt_file *file,
                                         struct mm_error *err) MM_MUST_CHECK;

#endif /* MM_DNS_TXT_STORE_INTERNAL_H */
