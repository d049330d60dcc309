/*
 * plain_value.c - numbers and domains as reporters write them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/plain_value.h"

#include "base/error.h"
#include "base/word.h"
#include "dkim/idn.h"

enum { DIGITS_MAX = 18 }; /* any such number fits 63 bits */

bool mm_plain_integer(struct mm_view text, int64_t *value, bool *fraction)
{
    struct mm_view whole, zeros;
    uint64_t number;
    text = mm_view_trim_fws(text);
    bool dot = mm_view_cut(text, '.', &whole, &zeros);
    if (whole.len > DIGITS_MAX || !mm_view_to_u64(whole, &number) || (dot && zeros.len == 0))
        return false;
    for (size_t i = 0; i < zeros.len; i++)
        if (zeros.data[i] != '0')
            return false;
    *value = (int64_t)number;
    *fraction = dot;
    return true;
}

/* Small ASCII letters and no dot at the end. */
static bool is_plain(struct mm_view text)
{
    struct mm_view rest = text;
    for (; rest.len > MM_WORD_BYTES;
         rest = mm_view_sub(rest, MM_WORD_BYTES, rest.len - MM_WORD_BYTES)) {
        uint64_t word = mm_word_load(rest.data);
        if ((word & MM_WORD_TOPS) || mm_word_lower(word) != word)
            return false;
    }
    uint64_t word = mm_word_load_part(rest.data, rest.len);
    return !(word & MM_WORD_TOPS) && mm_word_lower(word) == word && text.data[text.len - 1] != '.';
}

/* Bytes up to and with the last '@'. */
static size_t local_part_bytes(struct mm_view text)
{
    const char *at = memrchr(text.data, '@', text.len);
    return at ? (size_t)(at - text.data) + 1 : 0;
}

enum mm_status mm_plain_domain(struct mm_view text, struct mm_arena *arena, struct mm_view *out,
                               bool *bad)
{
    *out = text;
    if (text.len == 0 || is_plain(text))
        return MM_OK;
    size_t local = local_part_bytes(text);
    struct mm_view domain = mm_view_sub(text, local, text.len - local);
    if (domain.len > 0 && domain.data[domain.len - 1] == '.')
        domain.len--;
    enum mm_reason fault;
    MM_TRY(mm_idn_to_ascii(domain, MM_IDN_MAPPED, arena, &domain, &fault));
    if (fault)
        *bad = true;
    char *data = mm_arena_alloc(arena, local + domain.len + 1);
    if (!data)
        return MM_E_NOMEM;
    memcpy(data, text.data, local);
    mm_view_lower_to(data + local, domain);
    *out = (struct mm_view){data, local + domain.len};
    return MM_OK;
}
