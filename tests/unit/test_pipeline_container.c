/*
 * test_pipeline_container.c - a stream of messages is cut into the same members whatever the
 * memory.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "mail/mbox.h"
#include "pipeline/container.h"
#include "support/mm_test.h"

struct seen {
    struct mm_budget budget;
    struct mm_buf text; /* of all members, one after the other */
    uint64_t offsets[100000];
    size_t count, rejects, open; /* open: members taken since the last block */
    size_t at[4096], len[4096];
    size_t stop_after;
};

static bool take_member(void *context, const struct mm_container_member *m)
{
    struct seen *s = context;
    if (m->slug) {
        s->rejects++;
        return true;
    }
    s->offsets[s->count++] = m->offset;
    s->at[s->open] = m->at;
    s->len[s->open++] = m->len;
    return s->count != s->stop_after;
}

static bool take_block(void *context, char *block, size_t taken_bytes)
{
    struct seen *s = context;
    for (size_t i = 0; i < s->open; i++)
        mm_buf_append(&s->text, (struct mm_view){block + s->at[i], s->len[i]});
    s->open = 0;
    free(block);
    mm_budget_give(&s->budget, taken_bytes);
    return s->count != s->stop_after;
}

static bool never(void *context)
{
    (void)context;
    return false;
}

static int file_of(struct mm_view bytes)
{
    int fd = memfd_create("container", 0);
    assert_true(fd >= 0 && write(fd, bytes.data, bytes.len) == (ssize_t)bytes.len &&
                lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

static struct seen *read_all(struct mm_view bytes, enum mm_source_format format,
                             uint64_t member_max, const char *wanted, bool *lone)
{
    static struct seen s;
    struct mm_error err;
    enum mm_member_form form;
    s = (struct seen){.stop_after = SIZE_MAX};
    mm_buf_init(&s.text, 1 << 30);
    assert_int_equal(mm_budget_init(&s.budget, member_max * 4 + 65536), MM_OK);
    const struct mm_container_options o = {.fd = file_of(bytes),
                                           .format = format,
                                           .form = &form,
                                           .wanted = mm_view_of(wanted),
                                           .lone = lone,
                                           .budget = &s.budget,
                                           .member_max_bytes = member_max,
                                           .take_member = take_member,
                                           .take_block = take_block,
                                           .stopping = never,
                                           .context = &s};
    MM_CHECK_INT("read", mm_container_read(&o, &err), MM_OK);
    close(o.fd);
    MM_CHECK_INT("every byte of the budget came back", s.budget.used_bytes, 0);
    mm_budget_deinit(&s.budget);
    return &s;
}

static struct mm_buf random_mbox(uint64_t seed, size_t messages, size_t large_every)
{
    struct mm_buf b;
    mm_buf_init(&b, 1 << 30);
    for (size_t i = 0; i < messages; i++) {
        size_t lines =
            1 + mm_random(&seed) % 40; /* an empty body would make a separator of what follows */
        if (large_every && i % large_every == large_every - 1)
            lines = 40000;
        mm_buf_printf(&b, "From someone@example.com Tue Nov 14 22:13:20 2023\nSubject: %zu\n\n", i);
        for (size_t k = 0; k < lines; k++)
            mm_buf_printf(&b, "line %zu of it, %llu\n", k, (unsigned long long)mm_random(&seed));
        if (mm_random(&seed) % 5 == 0)
            mm_buf_append_str(&b, "From in the text, no empty line before it\n");
        mm_buf_append_char(&b, '\n');
    }
    assert_false(b.failed);
    return b;
}

static void members_are_the_same_whatever_the_block(void **state)
{
    (void)state;
    struct mm_buf mbox = random_mbox(1, 5000, 700);
    bool lone;
    struct seen *s = read_all(mm_buf_view(&mbox), MM_SOURCE_AUTO, 64 << 20, "", &lone);
    MM_CHECK_INT("members", s->count, 5000);
    MM_CHECK_TRUE("not lone", !lone);
    MM_CHECK_VIEW("their bytes are the file's", mm_buf_view(&s->text), mm_buf_view(&mbox));
    for (size_t i = 0; i < s->count; i++)
        MM_CHECK_TRUE("each offset is a separator",
                      memcmp(mbox.data + s->offsets[i], "From someone", 12) == 0);
    uint64_t third = s->offsets[2], end = s->offsets[3];
    mm_buf_deinit(&s->text);
    char name[32];
    snprintf(name, sizeof name, "%llu", (unsigned long long)third);
    s = read_all(mm_buf_view(&mbox), MM_SOURCE_MBOX, 64 << 20, name, &lone);
    MM_CHECK_INT("one, by its offset", s->count, 1);
    MM_CHECK_VIEW("its bytes", mm_buf_view(&s->text),
                  mm_view_sub(mm_buf_view(&mbox), third, end - third));
    mm_buf_deinit(&s->text);
    mm_buf_deinit(&mbox);
}

static void member_over_the_limit_is_named_and_stepped_over(void **state)
{
    (void)state;
    struct mm_buf mbox = random_mbox(2, 1000, 100);
    bool lone;
    struct seen *s = read_all(mm_buf_view(&mbox), MM_SOURCE_AUTO, 300000, "", &lone);
    MM_CHECK_INT("too large", s->rejects, 10);
    MM_CHECK_INT("all others", s->count, 990);
    mm_buf_deinit(&s->text);
    mm_buf_deinit(&mbox);
}

/* A message of `len` bytes with its separator and the empty line behind it. */
static void append_sized(struct mm_buf *b, size_t len)
{
    static const char HEAD[] = "From a\n\n";
    mm_buf_append_str(b, HEAD);
    for (size_t i = sizeof HEAD - 1; i < len - 2; i++)
        mm_buf_append_char(b, 'x');
    mm_buf_append_str(b, "\n\n");
}

static void limit_is_the_same_to_the_byte_wherever_a_message_stands(void **state)
{
    enum { MEMBER_MAX = 300000 };
    (void)state;
    static const struct {
        const char *label;
        size_t lens[3], taken;
    } mboxes[] = {{"at the limit, alone", {MEMBER_MAX}, 1},
                  {"over it, alone", {MEMBER_MAX + 1}, 0},
                  {"at the limit, last", {1000, 1000, MEMBER_MAX}, 3},
                  {"over it, last", {1000, 1000, MEMBER_MAX + 1}, 2},
                  {"at the limit, first", {MEMBER_MAX, 1000, 1000}, 3},
                  {"over it, first", {MEMBER_MAX + 1, 1000, 1000}, 2},
                  {"two over it", {MEMBER_MAX * 3, MEMBER_MAX + 1, 1000}, 1},
                  {"one that a block ends in", {1000, 262144 - 1000 - 3, 1000}, 3}};
    for (size_t i = 0; i < MM_COUNT(mboxes); i++) {
        struct mm_buf b;
        size_t count = 0;
        bool lone;
        mm_buf_init(&b, 1 << 30);
        for (size_t k = 0; k < MM_COUNT(mboxes[i].lens) && mboxes[i].lens[k]; k++, count++)
            append_sized(&b, mboxes[i].lens[k]);
        struct seen *s = read_all(mm_buf_view(&b), MM_SOURCE_AUTO, MEMBER_MAX, "", &lone);
        MM_CHECK_INT(mboxes[i].label, s->count, mboxes[i].taken);
        MM_CHECK_INT(mboxes[i].label, s->rejects, count - mboxes[i].taken);
        mm_buf_deinit(&s->text);
        mm_buf_deinit(&b);
    }
}

static void stream_without_separator_is_one_message(void **state)
{
    (void)state;
    bool lone;
    struct mm_view text = MM_VIEW("Subject: x\n\nFrom here on\n\nFrom there\n");
    struct seen *s = read_all(text, MM_SOURCE_AUTO, 1 << 20, "", &lone);
    MM_CHECK_INT("one", s->count, 1);
    MM_CHECK_TRUE("lone", lone);
    MM_CHECK_VIEW("whole", mm_buf_view(&s->text), text);
    mm_buf_deinit(&s->text);
    s = read_all(text, MM_SOURCE_MBOX, 1 << 20, "", &lone);
    MM_CHECK_INT("no mbox: named", s->rejects, 1);
    MM_CHECK_INT("and nothing else", s->count, 0);
    mm_buf_deinit(&s->text);
    s = read_all((struct mm_view){"", 0}, MM_SOURCE_AUTO, 1 << 20, "", &lone);
    MM_CHECK_INT("nothing at all is an empty message", s->count, 1);
    mm_buf_deinit(&s->text);
}

MM_TEST_MAIN(MM_TEST(members_are_the_same_whatever_the_block),
             MM_TEST(member_over_the_limit_is_named_and_stepped_over),
             MM_TEST(limit_is_the_same_to_the_byte_wherever_a_message_stands),
             MM_TEST(stream_without_separator_is_one_message))
