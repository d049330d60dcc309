/*
 * test_report_unwrap_room.c - what unpacks to very much is held by one thread at a time.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "report/unwrap.h"
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

MM_TEST_MAIN(MM_TEST(large_ones_are_taken_in_turn),
             MM_TEST(others_are_taken_by_all_threads_at_once))
