/*
 * test_report_unwrap_room.c - what unpacks to very much is held by one thread at a time.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "report/unwrap_internal.h"
#include "support/mm_test.h"
#include "support/packing.h"

enum { THREADS = 3, LARGE_BYTES = MM_UNWRAP_ALONE_BYTES + 1024, SMALL_BYTES = 1024 * 1024 };

/* What the threads work on, and how many of them hold it unpacked. */
struct crew {
    struct mm_view input;
    atomic_uint inside, most, documents;
    pthread_barrier_t *meeting; /* NULL: they need not meet */
};

static enum mm_status take_document(void *context, const struct mm_document *document)
{
    struct crew *crew = context;
    unsigned inside = atomic_fetch_add(&crew->inside, 1) + 1, most = atomic_load(&crew->most);
    while (inside > most && !atomic_compare_exchange_weak(&crew->most, &most, inside))
        ;
    atomic_fetch_add(&crew->documents, document->kind == MM_DOCUMENT_XML);
    if (crew->meeting)
        pthread_barrier_wait(crew->meeting);
    else
        nanosleep(&(struct timespec){.tv_nsec = 30 * 1000 * 1000}, NULL);
    atomic_fetch_sub(&crew->inside, 1);
    return MM_OK;
}

static enum mm_status take_reject(void *context, const struct mm_unwrap_reject *reject)
{
    (void)context;
    (void)reject;
    return MM_E_BUG;
}

static void *unwrap_twice(void *context)
{
    struct crew *crew = context;
    const struct mm_unwrap_sink sink = {
        .context = crew, .document = take_document, .reject = take_reject};
    struct mm_unwrapper *u = mm_unwrapper_new();
    for (int i = 0; u && i < 2; i++)
        if (mm_unwrap_input(u, crew->input, MM_VIEW("x"), &sink, NULL) != MM_OK)
            break;
    mm_unwrapper_free(&u);
    return NULL;
}

static unsigned most_at_once(struct mm_view input, pthread_barrier_t *meeting)
{
    struct crew crew = {.input = input, .meeting = meeting};
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, unwrap_twice, &crew), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    MM_CHECK_INT("all are found", atomic_load(&crew.documents), 2 * THREADS);
    return atomic_load(&crew.most);
}

/* A report behind so many blanks, of four kinds so that they are not too dense. */
static struct mm_buf report_behind(size_t blanks)
{
    struct mm_buf text;
    uint64_t seed = 3;
    mm_buf_init(&text, (size_t)1 << 28);
    assert_true(mm_buf_reserve(&text, blanks + 64));
    memset(text.data, ' ', blanks);
    for (size_t i = 0; i < blanks; i += 200)
        text.data[i] = "\n\r\t "[mm_random(&seed) % 4];
    text.len = blanks;
    mm_buf_append_str(&text, "<feedback/>");
    return text;
}

static void large_ones_are_taken_in_turn(void **state)
{
    (void)state;
    struct mm_buf text = report_behind(LARGE_BYTES), packed;
    struct mm_zip_maker zip;
    mm_buf_init(&packed, (size_t)1 << 28);
    mm_pack_gzip(&packed, mm_buf_view(&text));
    MM_CHECK_INT("gzip", most_at_once(mm_buf_view(&packed), NULL), 1);
    mm_buf_clear(&packed);
    mm_pack_zstd(&packed, mm_buf_view(&text));
    MM_CHECK_INT("zstd", most_at_once(mm_buf_view(&packed), NULL), 1);
    mm_zip_make_begin(&zip);
    mm_zip_make_add(&zip, "a.xml", mm_buf_view(&text));
    MM_CHECK_INT("zip", most_at_once(mm_zip_make_end(&zip), NULL), 1);
    mm_zip_make_free(&zip);
    mm_buf_deinit(&packed);
    mm_buf_deinit(&text);
}

/* It would not end if one waited for another. */
static void others_are_taken_by_all_threads_at_once(void **state)
{
    (void)state;
    struct mm_buf text = report_behind(SMALL_BYTES), packed;
    pthread_barrier_t meeting;
    mm_buf_init(&packed, (size_t)1 << 28);
    mm_pack_gzip(&packed, mm_buf_view(&text));
    assert_int_equal(pthread_barrier_init(&meeting, NULL, THREADS), 0);
    MM_CHECK_INT("gzip", most_at_once(mm_buf_view(&packed), &meeting), THREADS);
    pthread_barrier_destroy(&meeting);
    mm_buf_deinit(&packed);
    mm_buf_deinit(&text);
}

/* Zips within zips, each with much before the next one: what levels keep is not what they hold. */
static void what_is_kept_of_one_takes_no_room_from_the_next(void **state)
{
    (void)state;
    struct mm_buf text = report_behind(3 * SMALL_BYTES), inner;
    struct mm_unwrapper *u = mm_unwrapper_new();
    struct crew crew = {.meeting = NULL};
    const struct mm_unwrap_sink sink = {
        .context = &crew, .document = take_document, .reject = take_reject};
    mm_buf_init(&inner, (size_t)1 << 28);
    mm_buf_append(&inner, mm_buf_view(&text));
    for (int depth = 0; depth < 3; depth++) {
        struct mm_zip_maker zip;
        mm_zip_make_begin(&zip);
        mm_zip_make_add(&zip, depth ? "a.zip" : "a.xml", mm_buf_view(&inner));
        struct mm_view whole = mm_zip_make_end(&zip);
        mm_buf_clear(&inner);
        mm_buf_append(&inner, whole);
        mm_zip_make_free(&zip);
    }
    MM_CHECK_INT("zips", mm_unwrap_input(u, mm_buf_view(&inner), MM_VIEW("x"), &sink, NULL), MM_OK);
    MM_CHECK_INT("the report is found", atomic_load(&crew.documents), 1);
    MM_CHECK_TRUE("half of the room is left",
                  mm_unwrap_room(u, MM_UNWRAP_LEVELS - 1) >= MM_UNWRAP_ALONE_BYTES / 2);
    mm_unwrapper_free(&u);
    mm_buf_deinit(&inner);
    mm_buf_deinit(&text);
}

struct refused {
    size_t damaged, too_large;
};

static enum mm_status count_reject(void *context, const struct mm_unwrap_reject *reject)
{
    struct refused *refused = context;
    refused->damaged += strcmp(reject->reason, "zip-damaged") == 0;
    refused->too_large += strcmp(reject->reason, "too-large") == 0;
    return MM_OK;
}

static enum mm_status no_document(void *context, const struct mm_document *document)
{
    (void)context;
    (void)document;
    return MM_E_BUG;
}

/* Whether a member is damaged is known when it is unpacked: it has cost as much as a good one. */
static void damaged_members_count_against_the_limit(void **state)
{
    enum { MEMBERS = 6, MEMBER_BYTES = MM_UNWRAP_INPUT_BYTES / (MEMBERS - 2), AT_CRC = 14 };
    (void)state;
    struct mm_buf text = report_behind(MEMBER_BYTES - sizeof "<feedback/>" + 1);
    struct mm_zip_maker zip;
    struct refused refused = {0};
    const struct mm_unwrap_sink sink = {
        .context = &refused, .document = no_document, .reject = count_reject};
    struct mm_unwrapper *u = mm_unwrapper_new();
    mm_zip_make_begin(&zip);
    for (int i = 0; i < MEMBERS; i++) {
        size_t at = zip.out.len, record = zip.directory.len;
        mm_zip_make_add(&zip, "a.xml", mm_buf_view(&text));
        zip.out.data[at + AT_CRC] ^= 1;
        zip.directory.data[record + AT_CRC + 2] ^= 1;
    }
    struct mm_view whole = mm_zip_make_end(&zip);
    MM_CHECK_INT("zip", mm_unwrap_input(u, whole, MM_VIEW("x"), &sink, NULL), MM_OK);
    MM_CHECK_INT("as many as may be unpacked", refused.damaged, MEMBERS - 2);
    MM_CHECK_INT("the others are not", refused.too_large, 2);
    mm_unwrapper_free(&u);
    mm_zip_make_free(&zip);
    mm_buf_deinit(&text);
}

MM_TEST_MAIN(MM_TEST(large_ones_are_taken_in_turn),
             MM_TEST(what_is_kept_of_one_takes_no_room_from_the_next),
             MM_TEST(damaged_members_count_against_the_limit),
             MM_TEST(others_are_taken_by_all_threads_at_once))
