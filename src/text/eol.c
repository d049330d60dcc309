/*
 * eol.c - which line ends a text has: the reference, the portable form, and the choice of kernel.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/eol.h"

struct mm_eol_count mm_eol_count_reference(struct mm_view v)
{
    struct mm_eol_count count = {0};
    for (size_t i = 0; i < v.len; i++) {
        if (v.data[i] != '\n')
            continue;
        if (i > 0 && v.data[i - 1] == '\r')
            count.crlf++;
        else
            count.bare_lf++;
    }
    return count;
}

/* Offset of the next LF at or after `from`; v.len where there is none. */
static size_t next_lf(struct mm_view v, size_t from)
{
    const char *lf = from < v.len ? memchr(v.data + from, '\n', v.len - from) : NULL;
    return lf ? (size_t)(lf - v.data) : v.len;
}

static struct mm_eol_count eol_count_portable(struct mm_view v)
{
    struct mm_eol_count count = {0};
    for (size_t at = next_lf(v, 0); at < v.len; at = next_lf(v, at + 1)) {
        bool pair = at > 0 && v.data[at - 1] == '\r';
        count.crlf += pair;
        count.bare_lf += !pair;
    }
    return count;
}

static size_t eol_first_bare_lf_portable(struct mm_view v)
{
    size_t at = next_lf(v, 0);
    while (at < v.len && at > 0 && v.data[at - 1] == '\r')
        at = next_lf(v, at + 1);
    return at;
}

#define MM_KERNEL "text/x86/eol_kernel.inc"
#include "text/x86/each_width.inc"

typedef struct mm_eol_count count_fn(struct mm_view v);
typedef size_t first_fn(struct mm_view v);

/* Two pairs, one of them across the edge of a block, and bare LFs: the first byte, and next to a
 * pair. */
#define FILL_20 "twenty bytes of fill"
static const char known_text[] =
    "\n" FILL_20 FILL_20 FILL_20 "\r\r\r\n\r" FILL_20 "\r\n\n" FILL_20 FILL_20;
enum { KNOWN_CRLF = 2, KNOWN_BARE_LF = 2 };

static bool counts(mm_kernel_fn *run)
{
    struct mm_eol_count count = ((count_fn *)run)(MM_VIEW(known_text));
    return count.crlf == KNOWN_CRLF && count.bare_lf == KNOWN_BARE_LF;
}

static bool finds_first(mm_kernel_fn *run)
{
    struct mm_view text = MM_VIEW(known_text), rest = mm_view_sub(text, 1, text.len - 1);
    size_t last = sizeof FILL_20 FILL_20 FILL_20 + sizeof("\r\r\r\n\r" FILL_20 "\r\n") - 2;
    return ((first_fn *)run)(text) == 0 && ((first_fn *)run)(rest) == last;
}

struct mm_kernel mm_eol_count_kernel = {
    .forms = MM_KERNEL_FORMS(eol_count, eol_count_portable),
    .works = counts,
};
struct mm_kernel mm_eol_first_kernel = {
    .forms = MM_KERNEL_FORMS(eol_first_bare_lf, eol_first_bare_lf_portable),
    .works = finds_first,
};

struct mm_eol_count mm_eol_count(struct mm_view v)
{
    return ((count_fn *)mm_kernel_pick(&mm_eol_count_kernel))(v);
}

size_t mm_eol_first_bare_lf(struct mm_view v)
{
    return ((first_fn *)mm_kernel_pick(&mm_eol_first_kernel))(v);
}
