/*
 * key_source.c - public keys, from files and from live DNS, as the public API gives them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/key_source.h"

#include <stdlib.h>

#include "base/error.h"
#include "dns/dns_message.h"
#include "dns/live_dns.h"

struct mm_key_source {
    struct mm_txt_store *store;
    struct mm_live_dns *dns; /* NULL: files only */
};

struct mm_key_source *mm_key_source_new(void)
{
    struct mm_key_source *source = calloc(1, sizeof *source);
    if (!source)
        return NULL;
    source->store = mm_txt_store_new();
    if (!source->store)
        mm_key_source_free(&source);
    return source;
}

void mm_key_source_free(struct mm_key_source **source)
{
    if (!*source)
        return;
    mm_live_dns_free(&(*source)->dns);
    mm_txt_store_free(&(*source)->store);
    free(*source);
    *source = NULL;
}

enum mm_status mm_key_source_add(struct mm_key_source *source, const char *path,
                                 struct mm_error *err)
{
    return mm_txt_store_add(source->store, path, err);
}

enum mm_status mm_key_source_use_dns(struct mm_key_source *source,
                                     const struct mm_dns_options *options, struct mm_error *err)
{
    if (source->dns)
        return mm_fail(err, MM_E_ARG, "the source of keys asks a DNS server already");
    return mm_live_dns_new(options, &source->dns, err);
}

enum mm_status mm_key_source_finish(struct mm_key_source *source, struct mm_error *err)
{
    return source->dns ? mm_live_dns_finish(source->dns, err) : MM_OK;
}

void mm_key_source_dns_counts(const struct mm_key_source *source, struct mm_dns_counts *out)
{
    *out = (struct mm_dns_counts){0};
    if (source->dns)
        mm_live_dns_count(source->dns, out);
}

bool mm_key_source_is_live(const struct mm_key_source *source)
{
    return source && source->dns;
}

const struct mm_txt_store *mm_key_source_store(const struct mm_key_source *source)
{
    return source ? source->store : NULL;
}

/* ---- look-ups ---- */

/* The name as the cache has it; false where no server needs to be asked. */
static bool dns_name(struct mm_view name, char out[MM_TXT_NAME_MAX_BYTES], size_t *len)
{
    struct mm_dns_name wire;
    if (!mm_dns_name_of(name, &wire))
        return false;
    if (name.data[name.len - 1] == '.')
        name.len--;
    mm_view_lower_to(out, name);
    *len = name.len;
    return true;
}

enum mm_status mm_txt_lookup_begin(const struct mm_key_source *source, struct mm_view name,
                                   int64_t at, struct mm_txt_lookup *lookup)
{
    char lower[MM_TXT_NAME_MAX_BYTES];
    size_t len;
    *lookup = (struct mm_txt_lookup){.answer = mm_txt_store_find(source->store, name, at)};
    if (lookup->answer->status != MM_TXT_NOT_RECORDED || !source->dns ||
        !dns_name(name, lower, &len))
        return MM_OK;
    lookup->answer = NULL;
    MM_TRY(mm_live_dns_ask(source->dns, (struct mm_view){lower, len}, &lookup->entry));
    return mm_txt_lookup_poll(lookup);
}

enum mm_status mm_txt_lookup_poll(struct mm_txt_lookup *lookup)
{
    if (lookup->answer)
        return MM_OK;
    if (!lookup->entry)
        return MM_E_NOMEM;
    if (!mm_dns_entry_is_answered(lookup->entry))
        return MM_AGAIN;
    lookup->answer = &lookup->entry->answer;
    return MM_OK;
}

void mm_txt_lookup_end(struct mm_txt_lookup *lookup)
{
    if (lookup->entry)
        mm_dns_entry_release(lookup->entry);
    *lookup = (struct mm_txt_lookup){.answer = NULL};
}

enum mm_status mm_txt_lookup_wait(const struct mm_key_source *source, struct mm_txt_lookup *lookup)
{
    enum { PATIENCE_MS = 1000 };
    for (;;) {
        uint64_t turn = mm_key_source_turn(source);
        enum mm_status st = mm_txt_lookup_poll(lookup);
        if (st != MM_AGAIN)
            return st;
        mm_key_source_wait(source, turn, PATIENCE_MS);
    }
}

uint64_t mm_key_source_turn(const struct mm_key_source *source)
{
    return source && source->dns ? mm_live_dns_turn(source->dns) : 0;
}

void mm_key_source_wait(const struct mm_key_source *source, uint64_t turn, uint32_t timeout_ms)
{
    if (source && source->dns)
        mm_live_dns_wait(source->dns, turn, timeout_ms);
}
