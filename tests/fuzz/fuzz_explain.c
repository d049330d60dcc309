/*
 * fuzz_explain.c - messages explained: it fits the verdict, and no byte of it acts on a terminal.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "pipeline/explain_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The published keys of RFC 8463 appendix A.2. */
static const char zone[] =
    "$ORIGIN football.example.com.\n"
    "brisbane._domainkey IN TXT \"v=DKIM1; k=ed25519; "
    "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n"
    "test._domainkey IN TXT (\"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzW"
    "RiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/b\" "
    "\"yYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2"
    "kryOTIKT+l/K4w3QIDAQAB\")\n"
    "test._domainkey IN TXT \"v=DKIM1; p=\"\n";

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

static void check_diagnosis(const struct mm_diagnosis *d, enum mm_check check)
{
    if (d->made && check != MM_CHECK_BAD)
        abort();
    if ((d->found && !d->made) || (size_t)d->damage >= MM_DAMAGE_COUNT)
        abort();
    if (d->lines > MM_DAMAGE_LINES_MAX || (d->lines && !d->found))
        abort();
}

static void check_text(struct mm_buf *text, const struct mm_explanation *e)
{
    mm_buf_clear(text);
    mm_explain_text(text, (struct mm_view){"\033", 1}, e, MM_POLICY_STRICT, false);
    if (text->failed)
        abort();
    for (size_t i = 0; i < text->len; i++)
        if (((unsigned char)text->data[i] < 0x20 && text->data[i] != '\n') || text->data[i] == 0x7f)
            abort();
    mm_buf_clear(text);
    mm_explain_json(text, (struct mm_view){"\033", 1}, e, MM_POLICY_STRICT);
    if (text->failed || memchr(text->data, '\n', text->len) != text->data + text->len - 1)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct mm_verify_worker w;
    static struct mm_arena arena;
    static struct mm_buf text;
    struct mm_explanation e;
    if (!w.digest) {
        struct mm_verify_options options = {.now = 1700000000, .max_signatures = 4};
        mm_arena_init(&arena, 256 * 1024 * 1024);
        mm_buf_init(&text, 64 * 1024 * 1024);
        if (mm_verify_worker_init(&w, open_keys(), &options) != MM_OK)
            abort();
    }
    enum mm_status st =
        mm_explain(&w, &arena, (struct mm_view){(const char *)data, size}, false, &e, NULL);
    if (st != MM_OK && st != MM_E_LIMIT)
        abort();
    for (uint32_t i = 0; st == MM_OK && i < e.count; i++) {
        const struct mm_explained_signature *s = &e.signatures[i];
        check_diagnosis(&s->body_diagnosis, s->verdict->body_hash);
        check_diagnosis(&s->header_diagnosis, s->verdict->signature);
    }
    if (st == MM_OK)
        check_text(&text, &e);
    mm_explanation_deinit(&e);
    mm_arena_reset(&arena);
    return 0;
}
