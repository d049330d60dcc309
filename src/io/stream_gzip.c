/*
 * stream_gzip.c - unpack gzip (RFC 1952), member after member.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#include "io/stream_internal.h"

enum { GZIP_WINDOW_BITS = MAX_WBITS + 16 }; /* zlib: 16 more means a gzip header and nothing else */

static bool gzip_init(struct mm_stream *s)
{
    z_stream *z = calloc(1, sizeof *z);
    if (z && inflateInit2(z, GZIP_WINDOW_BITS) != Z_OK) {
        free(z);
        z = NULL;
    }
    s->state = z;
    return z != NULL;
}

static void gzip_free(struct mm_stream *s)
{
    if (s->state)
        inflateEnd(s->state);
    free(s->state);
}

static bool gzip_starts(struct mm_view head)
{
    return mm_packing_sniff(head) == MM_PACKING_GZIP;
}

static enum mm_status gzip_unpack(struct mm_stream *s, char *to, size_t cap, size_t *count)
{
    z_stream *z = s->state;
    uInt room = cap > UINT_MAX ? UINT_MAX : (uInt)cap;
    z->next_in = (Bytef *)s->in + s->in_at;
    z->avail_in = (uInt)(s->in_len - s->in_at);
    z->next_out = (Bytef *)to;
    z->avail_out = room;
    int result = inflate(z, Z_NO_FLUSH);
    s->in_at = s->in_len - z->avail_in;
    *count = room - z->avail_out;
    s->unpacker_full = z->avail_out == 0;
    if (result == Z_STREAM_END) {
        s->between = true;
        s->unpacker_full = false;
        return inflateReset(z) == Z_OK ? MM_OK : MM_E_NOMEM;
    }
    if (result == Z_MEM_ERROR)
        return MM_E_NOMEM;
    return result == Z_OK || result == Z_BUF_ERROR ? MM_OK : MM_E_SYNTAX;
}

const struct mm_unpacker mm_unpacker_gzip = {.name = "gzip",
                                             .init = gzip_init,
                                             .free = gzip_free,
                                             .starts = gzip_starts,
                                             .unpack = gzip_unpack};
