/*
 * fuzz_sign_tables.c - any bytes as KeyTable and SigningTable: choices keep to their limits.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A byte 0xff parts the input into KeyTable, SigningTable and the author's address. The tables lie
 * in memory files.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dkim/domain_name.h"
#include "dkim/sign_rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int table_of(struct mm_view text, const char *prefix, char *spec, size_t cap)
{
    int fd = memfd_create("table", MFD_CLOEXEC);
    if (fd < 0 || write(fd, text.data, text.len) != (ssize_t)text.len)
        abort();
    snprintf(spec, cap, "%s/proc/self/fd/%d", prefix, fd);
    return fd;
}

static void check(const struct mm_sign_rules *rules, struct mm_view author)
{
    struct mm_sign_choice choices[MM_SIGN_CHOICES_MAX];
    struct mm_arena arena;
    struct mm_address address;
    size_t count;
    bool unfit_domain;
    mm_arena_init(&arena, 1 << 20);
    mm_view_cut(author, '@', &address.local, &address.domain);
    if (mm_sign_rules_find(rules, address, &arena, choices, &count, &unfit_domain) != MM_OK ||
        count > MM_SIGN_CHOICES_MAX || (count && unfit_domain))
        abort();
    for (size_t i = 0; i < count; i++) {
        struct mm_view local, domain;
        if (!choices[i].key || choices[i].key_index >= mm_sign_rules_key_count(rules) ||
            !mm_is_domain_name(choices[i].domain) || !mm_is_selector(choices[i].selector))
            abort();
        if (choices[i].auid.len && (!mm_view_cut(choices[i].auid, '@', &local, &domain) ||
                                    !mm_domain_is_within(domain, choices[i].domain)))
            abort();
    }
    (void)mm_sign_rules_may_be_ed25519_only(rules);
    (void)mm_sign_rules_hash(rules);
    mm_arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_view keys, rows, author, all = {(const char *)data, size};
    char key_spec[64], row_spec[64];
    mm_view_cut(all, '\xff', &keys, &rows);
    mm_view_cut(rows, '\xff', &rows, &author);
    int key_fd = table_of(keys, "", key_spec, sizeof key_spec);
    int row_fd = table_of(rows, size % 2 ? "refile:" : "", row_spec, sizeof row_spec);
    struct mm_sign_rules_options options = {.allow_insecure_key = true, .multiple = size % 4 < 2};
    struct mm_sign_rules *rules;
    struct mm_error err;
    enum mm_status st = mm_sign_rules_from_tables(key_spec, row_spec, &options, &rules, &err);
    if ((st == MM_OK) != (rules != NULL) || st > 0)
        abort();
    if (rules)
        check(rules, author);
    mm_sign_rules_free(&rules);
    close(key_fd);
    close(row_fd);
    return 0;
}
