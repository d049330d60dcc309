/*
 * stream.c - bytes of a file or pipe, pulled; what is packed with gzip or zstd comes unpacked.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/stream.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/fault.h"
#include "io/stream_internal.h"

enum { SNIFF_BYTES = 4, FIRST_BYTES = 4096 };

enum mm_packing mm_packing_sniff(struct mm_view head)
{
    if (mm_view_starts(head, MM_VIEW("\x1f\x8b\x08"))) /* RFC 1952 section 2.3: deflate */
        return MM_PACKING_GZIP;
    if (mm_view_starts(head, MM_VIEW("\x28\xb5\x2f\xfd"))) /* RFC 8878 section 3.1.1 */
        return MM_PACKING_ZSTD;
    return MM_PACKING_NONE;
}

/* "BZh", the size of blocks, and what begins a block or ends an empty stream: text does not. */
static bool is_bzip2(struct mm_view head)
{
    enum { PREFIX_BYTES = 4, MARK_BYTES = 6 };
    struct mm_view mark = mm_view_sub(head, PREFIX_BYTES, MARK_BYTES);
    return mm_view_starts(head, MM_VIEW("BZh")) && mark.len == MARK_BYTES && head.data[3] >= '1' &&
           head.data[3] <= '9' &&
           (mm_view_eq(mark, MM_VIEW("\x31\x41\x59\x26\x53\x59")) ||
            mm_view_eq(mark, MM_VIEW("\x17\x72\x45\x38\x50\x90")));
}

/* compress(1): two bytes, then a bit for "blocks" and the width of codes. */
static bool is_compress(struct mm_view head)
{
    enum { WIDTH = 0x1f, UNUSED = 0x60, WIDTH_MIN = 9, WIDTH_MAX = 16 };
    if (head.len < 3 || !mm_view_starts(head, MM_VIEW("\x1f\x9d")))
        return false;
    unsigned flags = (unsigned char)head.data[2], width = flags & WIDTH;
    return !(flags & UNUSED) && width >= WIDTH_MIN && width <= WIDTH_MAX;
}

bool mm_packing_is_unknown(struct mm_view head)
{
    static const struct mm_view begins[] = {
        {"\xfd"
         "7zXZ\0",
         6},                       /* xz */
        {"7z\xbc\xaf\x27\x1c", 6}, /* 7-Zip */
        {"\x04\x22\x4d\x18", 4},   /* LZ4, a frame */
        {"Rar!\x1a\x07", 6},
    };
    for (size_t i = 0; i < MM_COUNT(begins); i++)
        if (mm_view_starts(head, begins[i]))
            return true;
    return is_bzip2(head) || is_compress(head);
}

struct mm_stream *mm_stream_new(int fd)
{
    struct mm_stream *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->fd = fd;
    s->patience_ms = MM_STREAM_PAUSE_MS;
    s->in = malloc(MM_STREAM_IN_BYTES);
    if (!s->in)
        mm_stream_free(&s);
    return s;
}

void mm_stream_free(struct mm_stream **stream)
{
    struct mm_stream *s = *stream;
    if (!s)
        return;
    if (s->unpacker)
        s->unpacker->free(s);
    mm_stream_ahead_free(&s->ahead);
    free(s->in);
    free(s);
    *stream = NULL;
}

void mm_stream_set_helpers(struct mm_stream *stream, unsigned helpers)
{
    stream->helpers = helpers;
}

enum mm_packing mm_stream_packing(const struct mm_stream *stream)
{
    return stream->packing;
}

/* read(2) with a bound on the wait. */
static enum mm_status read_some(struct mm_stream *s, char *to, size_t cap, size_t *count,
                                struct mm_error *err)
{
    struct pollfd p = {.fd = s->fd, .events = POLLIN};
    for (;;) {
        int ready = poll(&p, 1, s->patience_ms);
        if (ready == 0 || (ready < 0 && errno == EINTR))
            return MM_AGAIN; /* a signal may mean that the run ends */
        int failed = ready < 0 ? errno : mm_fault_before(MM_FAULT_READ, s->fd, NULL, &cap);
        ssize_t n = failed ? -1 : read(s->fd, to, cap);
        if (n < 0 && !failed)
            failed = errno;
        if (failed == EINTR || failed == EAGAIN)
            continue;
        if (failed)
            return mm_fail_os(err, failed, "cannot read the source at byte %llu",
                              (unsigned long long)s->in_offset);
        *count = (size_t)n;
        s->in_offset += (size_t)n;
        return n == 0 ? MM_END : MM_OK;
    }
}

static enum mm_status fill_up_to(struct mm_stream *s, size_t cap, struct mm_error *err)
{
    size_t n = 0;
    if (s->in_eof)
        return MM_END;
    if (s->in_at == s->in_len)
        s->in_at = s->in_len = 0;
    enum mm_status st = read_some(s, s->in + s->in_len, cap - s->in_len, &n, err);
    s->in_len += n;
    s->in_eof = st == MM_END;
    return st;
}

enum mm_status mm_stream_fill(struct mm_stream *s, struct mm_error *err)
{
    return fill_up_to(s, MM_STREAM_IN_BYTES, err);
}

enum mm_status mm_stream_no_memory(const struct mm_stream *s, struct mm_error *err)
{
    return mm_fail(err, MM_E_NOMEM, "no memory to unpack a source packed with %s",
                   s->unpacker->name);
}

/* A frame may have to go back behind what else was read. */
static bool begin_ahead(struct mm_stream *s)
{
    char *grown = realloc(s->in, MM_STREAM_IN_BYTES + MM_STREAM_FRAME_MAX_BYTES);
    s->in = grown ? grown : s->in;
    s->ahead = grown ? mm_stream_ahead_new(s->helpers) : NULL;
    return s->ahead != NULL;
}

/* Of a stream that is not packed, little goes through the buffer. */
static enum mm_status begin(struct mm_stream *s, struct mm_error *err)
{
    while (s->in_len < SNIFF_BYTES && !s->in_eof) {
        enum mm_status st = fill_up_to(s, FIRST_BYTES, err);
        if (st < 0 || st == MM_AGAIN)
            return st;
    }
    s->packing = mm_packing_sniff((struct mm_view){s->in, s->in_len});
    s->begun = true;
    if (s->packing == MM_PACKING_NONE)
        return MM_OK;
    s->unpacker = s->packing == MM_PACKING_GZIP ? &mm_unpacker_gzip : &mm_unpacker_zstd;
    s->between = s->packing == MM_PACKING_ZSTD; /* a frame begins here */
    bool ahead = s->packing == MM_PACKING_ZSTD && s->helpers;
    return s->unpacker->init(s) && (!ahead || begin_ahead(s)) ? MM_OK : mm_stream_no_memory(s, err);
}

static enum mm_status read_plain(struct mm_stream *s, char *to, size_t cap, size_t *count,
                                 struct mm_error *err)
{
    size_t held = s->in_len - s->in_at;
    if (!held)
        return s->in_eof ? MM_END : read_some(s, to, cap, count, err);
    *count = held < cap ? held : cap;
    memcpy(to, s->in + s->in_at, *count);
    s->in_at += *count;
    return MM_OK;
}

static enum mm_status damaged(const struct mm_stream *s, const char *how, struct mm_error *err)
{
    return mm_fail_at(err, MM_E_SYNTAX, mm_stream_place(s), "the %s data %s at byte %llu",
                      s->unpacker->name, how, (unsigned long long)mm_stream_place(s));
}

/* Between two members or frames: what follows must be another, or nothing but zeros, which tapes
 * and some tools leave. */
enum mm_status mm_stream_between(struct mm_stream *s, struct mm_error *err)
{
    for (;;) {
        while (s->in_at < s->in_len && s->zeros_only && s->in[s->in_at] == '\0')
            s->in_at++;
        if (s->in_len - s->in_at < SNIFF_BYTES && !s->in_eof) {
            memmove(s->in, s->in + s->in_at, s->in_len - s->in_at);
            s->in_len -= s->in_at;
            s->in_at = 0;
            enum mm_status st = mm_stream_fill(s, err);
            if (st < 0 || st == MM_AGAIN)
                return st;
            continue;
        }
        if (s->in_at == s->in_len)
            return MM_END;
        if (!s->zeros_only && s->in[s->in_at] == '\0') {
            s->zeros_only = true;
            continue;
        }
        if (s->zeros_only ||
            !s->unpacker->starts((struct mm_view){s->in + s->in_at, s->in_len - s->in_at}))
            return damaged(s, "is followed by something else", err);
        s->between = false;
        return MM_OK;
    }
}

enum mm_status mm_stream_unpack(struct mm_stream *s, char *to, size_t cap, size_t *count,
                                struct mm_error *err)
{
    if (s->in_at == s->in_len && !s->unpacker_full && !s->broken) {
        enum mm_status st = mm_stream_fill(s, err);
        if (st == MM_END)
            return damaged(s, "ends too early,", err);
        if (st != MM_OK)
            return st;
    }
    enum mm_status st = s->broken ? MM_E_SYNTAX : s->unpacker->unpack(s, to, cap, count);
    s->broken = st == MM_E_SYNTAX;
    if (s->broken && *count == 0)
        return damaged(s, "is damaged", err);
    return st < 0 && !s->broken ? mm_stream_no_memory(s, err) : MM_OK;
}

static enum mm_status read_packed(struct mm_stream *s, char *to, size_t cap, size_t *count,
                                  struct mm_error *err)
{
    enum mm_status st = MM_OK;
    while (st == MM_OK && *count == 0) {
        st = s->between ? mm_stream_between(s, err) : MM_OK;
        if (st == MM_OK)
            st = mm_stream_unpack(s, to, cap, count, err);
    }
    return st;
}

enum mm_status mm_stream_read(struct mm_stream *s, char *to, size_t cap, size_t *count,
                              struct mm_error *err)
{
    *count = 0;
    if (!s->begun) {
        enum mm_status st = begin(s, err);
        if (st != MM_OK)
            return st;
    }
    if (s->ahead)
        return mm_stream_read_ahead(s, to, cap, count, err);
    return s->unpacker ? read_packed(s, to, cap, count, err) : read_plain(s, to, cap, count, err);
}

size_t mm_packed_head(struct mm_view packed, char *out, size_t cap)
{
    /* As a stream that has been read to its end: `in` is looked at only. */
    struct mm_stream s = {.fd = -1,
                          .in = (char *)(uintptr_t)packed.data,
                          .in_len = packed.len,
                          .in_offset = packed.len,
                          .in_eof = true};
    size_t got = 0, n = 0;
    while (got < cap && mm_stream_read(&s, out + got, cap - got, &n, NULL) == MM_OK)
        got += n;
    if (s.unpacker)
        s.unpacker->free(&s);
    return got;
}
