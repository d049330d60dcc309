/*
 * fuzz_container.c - any bytes as a container: every member lies in its block, all memory comes
 * back.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pipeline/container.h"

enum { MEMBER_MAX_BYTES = 100000 };

struct seen {
    struct mm_budget budget;
    struct {
        size_t at, len;
    } members[MM_BATCH_ITEMS];
    size_t open;
    uint64_t sum;    /* of all bytes: each must be readable */
    uint64_t places; /* of all members, whether they are whole or not */
};

static bool take_member(void *context, const struct mm_container_member *m)
{
    struct seen *s = context;
    for (size_t i = 0; i < m->name.len; i++)
        s->sum += (unsigned char)m->name.data[i];
    s->places = s->places * 31 + m->offset * 3 + (m->slug ? 1 : m->len * 2);
    if (m->slug || m->is_link)
        return true;
    assert(s->open < MM_BATCH_ITEMS && m->len <= MEMBER_MAX_BYTES);
    s->members[s->open].at = m->at;
    s->members[s->open++].len = m->len;
    return true;
}

static bool take_block(void *context, char *block, size_t taken_bytes)
{
    struct seen *s = context;
    for (size_t i = 0; i < s->open; i++) {
        assert(!taken_bytes || s->members[i].at + s->members[i].len <= taken_bytes);
        for (size_t k = 0; k < s->members[i].len; k++)
            s->sum += (unsigned char)block[s->members[i].at + k];
    }
    s->open = 0;
    if (!taken_bytes)
        return true;
    free(block);
    mm_budget_give(&s->budget, taken_bytes);
    return true;
}

static bool never(void *context)
{
    (void)context;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum mm_source_format formats[] = {MM_SOURCE_AUTO,    MM_SOURCE_MBOX,
                                                    MM_SOURCE_MBOXCL2, MM_SOURCE_TAR,
                                                    MM_SOURCE_BSMTP,   MM_SOURCE_ZIP};
    struct seen s = {.open = 0};
    struct mm_error err;
    bool lone;
    enum mm_member_form form;
    if (size == 0)
        return 0;
    int fd = memfd_create("container", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data + 1, size - 1) != (ssize_t)size - 1 ||
        lseek(fd, 0, SEEK_SET) != 0 || mm_budget_init(&s.budget, MEMBER_MAX_BYTES * 4) != MM_OK)
        abort();
    const struct mm_container_options o = {.fd = fd,
                                           .format = formats[data[0] % MM_COUNT(formats)],
                                           .lone = &lone,
                                           .form = &form,
                                           .budget = &s.budget,
                                           .member_max_bytes = MEMBER_MAX_BYTES,
                                           .take_member = take_member,
                                           .take_block = take_block,
                                           .stopping = never,
                                           .context = &s};
    enum mm_status st = mm_container_read(&o, &err);
    assert(st == MM_OK && s.budget.used_bytes == 0);
    /* Cut where it lies it holds the same. */
    struct mm_view bytes = {(const char *)data + 1, size - 1};
    uint64_t places = s.places;
    s.places = 0;
    if (mm_container_lies_open(bytes, o.format)) {
        mm_container_cut(bytes, &o);
        assert(s.places == places);
    }
    mm_budget_deinit(&s.budget);
    close(fd);
    return (int)(s.sum & 0); /* read, and not thrown away by the compiler */
}
