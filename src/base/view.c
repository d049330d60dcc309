/*
 * view.c - small operations on borrowed bytes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/view.h"

bool mm_view_eq_nocase(struct mm_view a, struct mm_view b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (mm_ascii_lower((unsigned char)a.data[i]) != mm_ascii_lower((unsigned char)b.data[i]))
            return false;
    return true;
}

int mm_view_cmp(struct mm_view a, struct mm_view b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.data, b.data, common) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

struct mm_view mm_view_trim_fws(struct mm_view v)
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
