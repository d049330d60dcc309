/*
 * line_marks.c - where the lines of a text end, and where its colons are, as bits.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/line_marks.h"

#include "base/word.h"

void mm_line_marks_reference(struct mm_view v, uint64_t *lf, uint64_t *colon)
{
    for (size_t i = 0; i < v.len; i++) {
        if (i % 64 == 0)
            lf[i / 64] = colon[i / 64] = 0;
        lf[i / 64] |= (uint64_t)(v.data[i] == '\n') << i % 64;
        colon[i / 64] |= (uint64_t)(v.data[i] == ':') << i % 64;
    }
}

static void line_marks_portable(struct mm_view v, uint64_t *lf, uint64_t *colon)
{
    for (size_t at = 0; at < v.len; at += MM_WORD_BYTES) {
        size_t left = v.len - at;
        uint64_t word = left >= MM_WORD_BYTES ? mm_word_load(v.data + at)
                                              : mm_word_load_part(v.data + at, left);
        if (at % 64 == 0)
            lf[at / 64] = colon[at / 64] = 0;
        lf[at / 64] |= mm_word_bits(mm_word_equal(word, '\n')) << at % 64;
        colon[at / 64] |= mm_word_bits(mm_word_equal(word, ':')) << at % 64;
    }
}

#define MM_KERNEL "text/x86/line_marks_kernel.inc"
#include "text/x86/each_width.inc"

typedef void marks_fn(struct mm_view v, uint64_t *lf, uint64_t *colon);

/* A block and a bit: marks at its first and last bytes, in the rest, and next to each other. */
static bool marks_known_text(mm_kernel_fn *run)
{
    enum { LENGTH = 70 };
    static const unsigned char lfs[] = {0, 31, 32, 63, 64, 69}, colons[] = {1, 30, 33, 62, 65, 68};
    char text[LENGTH];
    uint64_t want[2][2] = {{0}}, lf[2], colon[2];
    memset(text, '\v', sizeof text);
    for (size_t i = 0; i < sizeof lfs; i++) {
        text[lfs[i]] = '\n';
        text[colons[i]] = ':';
        want[0][lfs[i] / 64] |= (uint64_t)1 << lfs[i] % 64;
        want[1][colons[i] / 64] |= (uint64_t)1 << colons[i] % 64;
    }
    ((marks_fn *)run)((struct mm_view){text, sizeof text}, lf, colon);
    return memcmp(lf, want[0], sizeof lf) == 0 && memcmp(colon, want[1], sizeof colon) == 0;
}

struct mm_kernel mm_line_marks_kernel = {
    .forms = MM_KERNEL_FORMS(line_marks, line_marks_portable),
    .works = marks_known_text,
};

void mm_line_marks(struct mm_view v, uint64_t *lf, uint64_t *colon)
{
    ((marks_fn *)mm_kernel_pick(&mm_line_marks_kernel))(v, lf, colon);
}
