/*
 * view.c - small operations on borrowed bytes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/view.h"

#include "base/word.h"

bool mm_view_eq_nocase(struct mm_view a, struct mm_view b)
{
    size_t len = a.len;
    if (len != b.len)
        return false;
    if (len < MM_WORD_BYTES)
        return mm_word_lower(mm_word_load_part(a.data, len)) ==
               mm_word_lower(mm_word_load_part(b.data, len));
    size_t last = len - MM_WORD_BYTES; /* a whole word that may overlap the one before */
    uint64_t differ = 0;
    for (size_t i = 0; i < last && !differ; i += MM_WORD_BYTES)
        differ = mm_word_lower(mm_word_load(a.data + i)) ^ mm_word_lower(mm_word_load(b.data + i));
    return !differ &&
           mm_word_lower(mm_word_load(a.data + last)) == mm_word_lower(mm_word_load(b.data + last));
}

void mm_view_lower_to(char *out, struct mm_view v)
{
    if (v.len < MM_WORD_BYTES) {
        mm_word_store_part(out, mm_word_lower(mm_word_load_part(v.data, v.len)), v.len);
        return;
    }
    size_t last = v.len - MM_WORD_BYTES; /* a whole word that may overlap the one before */
    for (size_t i = 0; i < last; i += MM_WORD_BYTES)
        mm_word_store(out + i, mm_word_lower(mm_word_load(v.data + i)));
    mm_word_store(out + last, mm_word_lower(mm_word_load(v.data + last)));
}

int mm_view_cmp(struct mm_view a, struct mm_view b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.data, b.data, common) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

struct mm_view mm_view_trim_fws_slowly(struct mm_view v)
{
    while (v.len && mm_is_fws((unsigned char)v.data[v.len - 1]))
        v.len--;
    while (v.len && mm_is_fws((unsigned char)v.data[0]))
        v = mm_view_sub(v, 1, v.len - 1);
    return v;
}

struct mm_view mm_view_trim_wsp(struct mm_view v)
{
    while (v.len && mm_is_wsp((unsigned char)v.data[v.len - 1]))
        v.len--;
    while (v.len && mm_is_wsp((unsigned char)v.data[0]))
        v = mm_view_sub(v, 1, v.len - 1);
    return v;
}

bool mm_view_cut(struct mm_view v, char sep, struct mm_view *head, struct mm_view *rest)
{
    const char *at = v.len ? memchr(v.data, sep, v.len) : NULL;
    if (!at) {
        *head = v;
        *rest = (struct mm_view){NULL, 0};
        return false;
    }
    size_t before = (size_t)(at - v.data);
    *head = mm_view_sub(v, 0, before);
    *rest = mm_view_sub(v, before + 1, v.len - before - 1);
    return true;
}

bool mm_view_to_u64(struct mm_view v, uint64_t *value)
{
    uint64_t sum = 0;
    if (v.len == 0)
        return false;
    for (size_t i = 0; i < v.len; i++) {
        unsigned digit = (unsigned)((unsigned char)v.data[i] - '0');
        if (digit > 9 || sum > (UINT64_MAX - digit) / 10)
            return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return true;
}
