/*
 * fuzz_verify.c - whole messages against a small store: every verdict holds together, and the same
 * message twice in a batch is judged the same.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "dkim/verify_batch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The published keys of RFC 8463 appendix A.2, and records with something wrong. */
static const char zone[] =
    "$ORIGIN football.example.com.\n"
    "brisbane._domainkey IN TXT \"v=DKIM1; k=ed25519; "
    "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n"
    "test._domainkey IN TXT (\"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzW"
    "RiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/b\" "
    "\"yYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2"
    "kryOTIKT+l/K4w3QIDAQAB\")\n"
    "bad._domainkey IN TXT \"v=spf1 -all\"\n"
    "bad._domainkey IN TXT \"v=DKIM1; p=\"\n";

static struct mm_key_cache *open_keys(void)
{
    struct mm_txt_store *store = mm_txt_store_new();
    struct mm_view text = {zone, sizeof zone - 1};
    if (!store || mm_txt_store_add_text(store, text, "zone", NULL) != MM_OK)
        abort();
    struct mm_key_cache *cache = mm_key_cache_new(store);
    if (!cache)
        abort();
    return cache;
}

static void check_signature(const struct mm_dkim_signature *s, const struct mm_dkim_signature *twin)
{
    if ((size_t)s->reason >= MM_REASON_COUNT || s->result != mm_reason_result(s->reason))
        abort();
    if (s->result == MM_DKIM_PASS && (s->signature != MM_CHECK_OK || s->body_hash != MM_CHECK_OK))
        abort();
    if (s->reason != twin->reason || s->signature != twin->signature ||
        s->body_hash != twin->body_hash || s->uncovered_bytes != twin->uncovered_bytes)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct mm_verify_worker w;
    static struct mm_arena arena;
    if (!w.digest) {
        struct mm_verify_options options = {.now = 1700000000, .max_signatures = 8};
        mm_arena_init(&arena, 256 * 1024 * 1024);
        if (mm_verify_worker_init(&w, open_keys(), &options) != MM_OK)
            abort();
    }
    struct mm_view bytes = {(const char *)data, size};
    struct mm_verify_item items[] = {{.bytes = bytes}, {.bytes = bytes}};
    w.options.policy = size % 2 ? MM_POLICY_LEGACY : MM_POLICY_STRICT;
    if (mm_verify_batch(&w, &arena, items, 2) != MM_OK)
        abort();
    const struct mm_dkim_verdict *v = &items[0].verdict, *twin = &items[1].verdict;
    if (items[0].status != items[1].status || v->count != twin->count || v->result != twin->result)
        abort();
    if ((v->count > 0) == (v->result == MM_DKIM_NONE))
        abort();
    for (uint32_t i = 0; i < v->count; i++)
        check_signature(&v->signatures[i], &twin->signatures[i]);
    mm_arena_reset(&arena);
    return 0;
}
