/*
 * mbox_lines.c - the lines of a message that an mbox holds as they are, copied in wide steps.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mail/mbox_lines.h"

/* A message may lie in a far cache by now: of what comes next the processor guesses nothing across
 * a page. */
enum { AHEAD_BYTES = 512 };

#define MM_KERNEL "mail/x86/mbox_lines_kernel.inc"
#include "text/x86/each_width.inc"

typedef size_t copy_fn(struct mm_view *in, char *out, bool at_line_start);

/* What ends a step: a line that begins with 'F', with '>' behind a pair across the edge of a block,
 * with '>' at that edge; a CR that is content. None of them does where a step begins. */
#define FILL_59 "fifty-nine bytes of text, and all of them are content only."
static bool copies_known_text(mm_kernel_fn *run)
{
    static const char text[] =
        FILL_59 "a\nF>\r\n" FILL_59 "\r\n>" FILL_59 "abc\n>" FILL_59 "\r\r\n" FILL_59 FILL_59,
                      wanted[] = FILL_59 "a\nF>\n" FILL_59 "\n>" FILL_59 "abc\n>" FILL_59;
    static const size_t stops[] = {61, 126, 190, 250};
    char out[sizeof text + MM_MBOX_LINES_ROOM];
    struct mm_view rest = MM_VIEW(text);
    size_t len = 0;
    for (size_t i = 0; i < MM_COUNT(stops); i++) {
        len += ((copy_fn *)run)(&rest, out + len, false);
        if (rest.data != text + stops[i])
            return false;
    }
    return mm_view_eq((struct mm_view){out, len}, MM_VIEW(wanted));
}

struct mm_kernel mm_mbox_lines_kernel = {
    .forms = MM_KERNEL_FORMS(mbox_lines, NULL),
    .works = copies_known_text,
};

size_t mm_mbox_lines_copy(struct mm_view *in, char *out, bool at_line_start)
{
    copy_fn *run = (copy_fn *)mm_kernel_pick(&mm_mbox_lines_kernel);
    return run ? run(in, out, at_line_start) : 0;
}
