/*
 * test_report_unwrap_steady.c - once warm, reports are got at without a heap allocation.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/counted_malloc.h"
#include "support/mm_test.h"
#include "support/packing.h"
#include "support/unwrap_list.h"

#define XML "<?xml version=\"1.0\"?>\n<feedback><report_metadata/></feedback>\n"
#define HEAD                                                                                       \
    "From: a@example.com\nDate: Thu, 1 Jan 1970 01:00:00 +0000\nSubject: =?utf-8?q?Report?=\n"     \
    "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b\n"

static enum mm_status take_document(void *context, const struct mm_document *document)
{
    (void)document;
    ++*(unsigned *)context;
    return MM_OK;
}

static enum mm_status take_reject(void *context, const struct mm_unwrap_reject *reject)
{
    (void)context;
    (void)reject;
    return MM_E_BUG;
}

static void unwrapping_again_allocates_nothing(void **state)
{
    enum { KINDS = 5, ROUNDS = 50 };
    struct mm_unwrapper *u = mm_unwrapper_new();
    struct mm_buf kinds[KINDS];
    unsigned documents = 0;
    struct mm_unwrap_sink sink = {
        .context = &documents, .document = take_document, .reject = take_reject};
    (void)state;
    for (size_t i = 0; i < KINDS; i++)
        mm_buf_init(&kinds[i], 1 << 20);
    mm_buf_append_str(&kinds[0], XML);
    mm_pack_gzip(&kinds[1], MM_VIEW(XML));
    mm_pack_zstd(&kinds[2], MM_VIEW(XML));
    mm_buf_append_str(&kinds[3], HEAD "Content-Type: application/gzip; name=\"a.gz\"\n"
                                      "Content-Transfer-Encoding: base64\n\n");
    mm_pack_base64(&kinds[3], mm_buf_view(&kinds[1]));
    mm_buf_append_str(&kinds[4], HEAD "Content-Type: message/delivery-status\n\nAction: failed\n");
    size_t before = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        if (round == 1)
            before = allocations;
        for (size_t i = 0; i < KINDS; i++)
            assert_int_equal(mm_unwrap_input(u, mm_buf_view(&kinds[i]), MM_VIEW("x"), &sink, NULL),
                             MM_OK);
    }
    size_t after = allocations;
    MM_CHECK_INT("all were found", documents, KINDS * ROUNDS);
    MM_CHECK_INT("allocations after the first round", after - before, 0);
    MM_CHECK_TRUE("the first round is counted", !COUNTS_ALLOCATIONS || before > 0);
    for (size_t i = 0; i < KINDS; i++)
        mm_buf_deinit(&kinds[i]);
    mm_unwrapper_free(&u);
}

MM_TEST_MAIN(MM_TEST(unwrapping_again_allocates_nothing))
