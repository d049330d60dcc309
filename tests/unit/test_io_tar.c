/*
 * test_io_tar.c - the sum of a tar header, beside a plain one; names of members.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/tar.h"

#include "io/tar_write.h"
#include "support/mm_test.h"

enum { SUM_AT = 148, SUM_BYTES = 8, ROUNDS = 20000 };

/* POSIX.1-2017 pax, "ustar Interchange Format": the sum of all bytes, its own field as blanks. */
static int plain_sum(const char *header, bool as_signed)
{
    int sum = 0;
    for (int i = 0; i < MM_TAR_BLOCK_BYTES; i++) {
        bool own = i >= SUM_AT && i < SUM_AT + SUM_BYTES;
        sum += own ? ' ' : as_signed ? (signed char)header[i] : (unsigned char)header[i];
    }
    return sum;
}

static bool holds(char *header, int sum)
{
    char digits[16];
    snprintf(digits, sizeof digits, "%06o", (unsigned)sum & 0777777);
    memcpy(header + SUM_AT, digits, 7);
    return mm_tar_sniff((struct mm_view){header, MM_TAR_BLOCK_BYTES});
}

static void tar_header_counts_only_with_its_sum(void **state)
{
    char header[MM_TAR_BLOCK_BYTES];
    uint64_t seed = 1;
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < MM_TAR_BLOCK_BYTES; i++)
            header[i] = (char)(round == 0 ? 0xff : round == 1 ? 0x80 : mm_random(&seed));
        header[0] = 'n';
        header[SUM_AT + 7] = (char)(round & 1 ? ' ' : '\0');
        int sum = plain_sum(header, false), signed_sum = plain_sum(header, true);
        MM_CHECK_TRUE("the sum", holds(header, sum));
        MM_CHECK_TRUE("of signed bytes", signed_sum < 0 || holds(header, signed_sum));
        int other = (int)(mm_random(&seed) % 0400000);
        MM_CHECK_INT("another", holds(header, other), other == sum || other == signed_sum);
    }
}

static void member_names_stay_inside(void **state)
{
    static const struct {
        const char *name, *inside;
    } cases[] = {
        {"a/b.eml", "a/b.eml"},  {"./a", "./a"},         {"/a/b", "a/b"},
        {"///a", "a"},           {"../a", "a"},          {"a/../b", "b"},
        {"/a/../../b/c", "b/c"}, {"..a/b..", "..a/b.."}, {"a/...", "a/..."},
        {"..", "unnamed.eml"},   {"/", "unnamed.eml"},   {"a/..", "unnamed.eml"},
        {"a/..//b", "b"},        {"", "unnamed.eml"},
    };
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++)
        MM_CHECK_VIEW(cases[i].name, mm_tar_name_inside(mm_view_of(cases[i].name)),
                      mm_view_of(cases[i].inside));
}

MM_TEST_MAIN(MM_TEST(tar_header_counts_only_with_its_sum), MM_TEST(member_names_stay_inside))
