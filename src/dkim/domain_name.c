/*
 * domain_name.c - what d=, s= and the domain of i= must look like, and which lies in which.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/domain_name.h"

#include <assert.h>

static bool is_label_byte(unsigned char c)
{
    return (unsigned char)(mm_ascii_lower(c) - 'a') < 26 || (unsigned char)(c - '0') < 10 ||
           c == '-' || c == '_';
}

static bool is_label(struct mm_view v)
{
    if (v.len == 0 || v.len > MM_LABEL_MAX_BYTES || v.data[0] == '-' || v.data[v.len - 1] == '-')
        return false;
    for (size_t i = 0; i < v.len; i++)
        if (!is_label_byte((unsigned char)v.data[i]))
            return false;
    return true;
}

static bool has_labels(struct mm_view v, size_t at_least)
{
    size_t count = 0;
    if (v.len > MM_DOMAIN_MAX_BYTES)
        return false;
    for (bool more = true; more; count++) {
        struct mm_view label;
        more = mm_view_cut(v, '.', &label, &v);
        if (!is_label(label))
            return false;
    }
    return count >= at_least;
}

bool mm_is_selector(struct mm_view v)
{
    return has_labels(v, 1);
}

bool mm_is_domain_name(struct mm_view v)
{
    return has_labels(v, 2);
}

bool mm_key_name_fits(struct mm_view selector, struct mm_view domain)
{
    return selector.len + sizeof("._domainkey.") - 1 + domain.len <= MM_DOMAIN_MAX_BYTES;
}

struct mm_view mm_key_name(struct mm_view selector, struct mm_view domain, char *out)
{
    const struct mm_view middle = MM_VIEW("._domainkey.");
    assert(mm_key_name_fits(selector, domain));
    memcpy(out, selector.data, selector.len);
    memcpy(out + selector.len, middle.data, middle.len);
    memcpy(out + selector.len + middle.len, domain.data, domain.len);
    return (struct mm_view){out, selector.len + middle.len + domain.len};
}

const char *mm_key_name_check(struct mm_view domain, struct mm_view selector)
{
    if (!mm_is_domain_name(domain))
        return "the domain is none: want two labels or more, such as example.com, of letters, "
               "digits, '-' and '_' (xn-- forms for others)";
    if (!mm_is_selector(selector))
        return "the selector is none: want letters, digits, '-' and '_', in labels parted by '.'";
    return mm_key_name_fits(selector, domain)
               ? NULL
               : "selector and domain together are too long for a name";
}

bool mm_domain_is_within(struct mm_view domain, struct mm_view parent)
{
    if (parent.len == 0 || domain.len < parent.len)
        return false;
    size_t below = domain.len - parent.len;
    return mm_view_eq_nocase(mm_view_sub(domain, below, parent.len), parent) &&
           (below == 0 || domain.data[below - 1] == '.');
}

bool mm_has_u_label(struct mm_view v)
{
    for (size_t i = 0; i < v.len; i++)
        if ((unsigned char)v.data[i] >= 0x80)
            return true;
    return false;
}
