/*
 * fuzz_redaction.c - whatever a text is, no character that a local part may have is left before an
 * '@' with a domain behind it, but for our own hash; and what is no address stays.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>

#include "dataset/redaction.h"

static void require(int holds)
{
    if (!holds)
        abort();
}

enum { HASH_BYTES = 28 };

static int is_hash(struct mm_view text, size_t end)
{
    if (end < HASH_BYTES || memcmp(text.data + end - HASH_BYTES, "r-", 2) != 0)
        return 0;
    for (size_t i = end - HASH_BYTES + 2; i < end; i++)
        if (!text.data[i] || !strchr("abcdefghijklmnopqrstuvwxyz234567", text.data[i]))
            return 0;
    return 1;
}

static int is_letter(char c)
{
    return (unsigned char)((c | 0x20) - 'a') < 26;
}

/* What the text begins with is a name: as a word it is not left in the rest of it. */
static void name_is_gone(const struct mm_redaction *redaction, struct mm_buf *out,
                         struct mm_view text)
{
    struct mm_redaction_names names = {.count = 0};
    struct mm_view name, rest;
    if (!mm_view_cut(text, '\n', &name, &rest))
        return;
    mm_redaction_names_add(&names, name);
    mm_buf_clear(out);
    bool address = mm_redaction_append_naming(redaction, out, rest, &names);
    require(!out->failed);
    if (names.count && !address && mm_view_eq(names.items[0], rest))
        require(is_hash(mm_buf_view(out), out->len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct mm_redaction *redaction;
    struct mm_view text = {(const char *)data, size};
    struct mm_buf out;
    if (!redaction)
        require(mm_redaction_new(&redaction,
                                 MM_VIEW("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
                                 NULL) == MM_OK);
    mm_buf_init(&out, 1 << 24);
    mm_redaction_append(redaction, &out, text);
    struct mm_view got = mm_buf_view(&out);
    require(!out.failed);
    size_t signs = 0;
    for (size_t i = 0; i < got.len; i++) {
        bool address = got.data[i] == '@' && i > 0 && i + 1 < got.len &&
                       is_letter(got.data[i - 1]) && is_letter(got.data[i + 1]);
        /* Before a quoted local part there is none: what stands there now is its hash. */
        bool before_quoted = i + 1 + HASH_BYTES <= got.len && is_hash(got, i + 1 + HASH_BYTES);
        require(!address || before_quoted || is_hash(got, i));
        signs += mm_is_one_of(got.data[i], "@%+=\xef");
    }
    require(signs > 0 || mm_view_eq(text, got));
    mm_buf_clear(&out);
    mm_redaction_append_path(redaction, &out, text);
    require(!out.failed);
    name_is_gone(redaction, &out, text);
    mm_buf_deinit(&out);
    return 0;
}
