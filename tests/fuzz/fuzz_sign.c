/*
 * fuzz_sign.c - whole messages signed: what is signed must verify, with every byte kept.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dkim/sign_batch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The published key of RFC 8463 appendix A.2. */
static const char seed[] = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=\n";
static const char zone[] = "brisbane._domainkey.football.example.com. IN TXT \"k=ed25519; "
                           "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n";

static struct mm_sign_worker signers[4]; /* one a pair of canonical forms */
static struct mm_verify_worker verifier;
static struct mm_arena arena;

static struct mm_sign_rules *open_rules(void)
{
    char path[] = "/tmp/fuzz_sign.XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, seed, sizeof seed - 1) != (ssize_t)sizeof seed - 1)
        abort();
    close(fd);
    struct mm_sign_identity identity = {"football.example.com", "brisbane", path};
    struct mm_sign_rules_options options = {.allow_insecure_key = false};
    struct mm_sign_rules *rules;
    if (mm_sign_rules_of(&identity, 1, &options, &rules, NULL) != MM_OK)
        abort();
    unlink(path);
    return rules;
}

static void open_all(void)
{
    struct mm_sign_rules *rules = open_rules();
    struct mm_verify_options verify = {.now = 1700000000, .max_signatures = 1};
    struct mm_view text = {zone, sizeof zone - 1};
    struct mm_txt_store *store = mm_txt_store_new();
    if (!store || mm_txt_store_add_text(store, text, "zone", NULL) != MM_OK)
        abort();
    mm_arena_init(&arena, 256 * 1024 * 1024);
    if (mm_verify_worker_init(&verifier, mm_key_cache_new(store), &verify) != MM_OK)
        abort();
    for (unsigned i = 0; i < 4; i++) {
        struct mm_sign_options options = {
            .header_canon = (enum mm_canonicalization)(i & 1),
            .body_canon = (enum mm_canonicalization)(i >> 1),
            .now = 1700000000,
            .allow_ed25519_only = true,
        };
        if (mm_sign_worker_init(&signers[i], rules, &options, NULL) != MM_OK)
            abort();
        signers[i].already = MM_ALREADY_SIGN;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!signers[0].digest)
        open_all();
    struct mm_sign_item item = {.bytes = {(const char *)data, size}};
    if (mm_sign_batch(&signers[size % 4], &arena, &item, 1) != MM_OK)
        abort();
    if (item.outcome == MM_SIGN_OK) {
        size_t head = item.msg.from_line.len;
        char *text = mm_arena_alloc(&arena, size + item.fields.len + 1);
        if (!text)
            abort();
        memcpy(text, data, head);
        memcpy(text + head, item.fields.data, item.fields.len);
        memcpy(text + head + item.fields.len, data + head, size - head);
        struct mm_verify_item check = {.bytes = {text, size + item.fields.len}};
        if (mm_verify_batch(&verifier, &arena, &check, 1) != MM_OK ||
            (check.status == MM_OK && check.verdict.result != MM_DKIM_PASS))
            abort();
    }
    mm_arena_reset(&arena);
    return 0;
}
