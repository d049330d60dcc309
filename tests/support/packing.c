/*
 * packing.c - gzip, zip and base64 of a few bytes, for tests of what takes them apart.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/packing.h"

#include <zlib.h>
#include <zstd.h>

#include "support/mm_test.h"
#include "text/base64.h"

enum { BUF_MAX = 3 << 28, LINE_OCTETS = 57 };

static void deflate_with(struct mm_buf *out, struct mm_view text, int bits)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)text.data, .avail_in = (uInt)text.len};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_true(mm_buf_reserve(out, deflateBound(&z, text.len)));
    z.next_out = (Bytef *)out->data + out->len;
    z.avail_out = (uInt)(out->cap - out->len);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->len += z.total_out;
    deflateEnd(&z);
}

void mm_pack_gzip(struct mm_buf *out, struct mm_view text)
{
    deflate_with(out, text, MAX_WBITS + 16);
}

void mm_pack_zlib(struct mm_buf *out, struct mm_view text)
{
    deflate_with(out, text, MAX_WBITS);
}

void mm_pack_zstd(struct mm_buf *out, struct mm_view text)
{
    size_t cap = ZSTD_compressBound(text.len);
    assert_true(mm_buf_reserve(out, cap));
    size_t len = ZSTD_compress(out->data + out->len, cap, text.data, text.len, 3);
    assert_false(ZSTD_isError(len));
    out->len += len;
}

void mm_pack_base64(struct mm_buf *out, struct mm_view bytes)
{
    while (bytes.len > 0) {
        size_t len = bytes.len < LINE_OCTETS ? bytes.len : LINE_OCTETS;
        assert_true(mm_buf_reserve(out, MM_BASE64_ENCODED_BYTES(len)));
        out->len += mm_base64_encode(out->data + out->len, (const uint8_t *)bytes.data, len);
        mm_buf_append_char(out, '\n');
        bytes = mm_view_sub(bytes, len, bytes.len - len);
    }
}

/* ---- zip: PKWARE APPNOTE.TXT sections 4.3.7, 4.3.12 and 4.3.16 ---- */

static void put(struct mm_buf *b, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        mm_buf_append_char(b, (char)(value >> 8 * i));
}

void mm_zip_make_begin(struct mm_zip_maker *maker)
{
    maker->count = 0;
    mm_buf_init(&maker->out, BUF_MAX);
    mm_buf_init(&maker->directory, BUF_MAX);
}

/* What a header before a member and its record in the directory share. */
static void put_facts(struct mm_buf *b, unsigned flags, const char *name, struct mm_view bytes)
{
    put(b, 20, 2); /* version that is needed */
    put(b, flags, 2);
    put(b, 0, 2 + 4); /* stored; time and date */
    put(b, crc32(0, (const Bytef *)bytes.data, (uInt)bytes.len), 4);
    put(b, bytes.len, 4);
    put(b, bytes.len, 4);
    put(b, strlen(name), 2);
    put(b, 0, 2); /* extra fields */
}

static void add(struct mm_zip_maker *maker, const char *name, struct mm_view bytes, unsigned flags)
{
    uint64_t at = maker->out.len;
    mm_buf_append_str(&maker->out, "PK\3\4");
    put_facts(&maker->out, flags, name, bytes);
    mm_buf_append_str(&maker->out, name);
    mm_buf_append(&maker->out, bytes);
    mm_buf_append_str(&maker->directory, "PK\1\2");
    put(&maker->directory, 20, 2); /* version that made it */
    put_facts(&maker->directory, flags, name, bytes);
    put(&maker->directory, 0, 2 + 2 + 2); /* comment, disk, kind of text */
    put(&maker->directory, 0, 4);         /* attributes */
    put(&maker->directory, at, 4);
    mm_buf_append_str(&maker->directory, name);
    maker->count++;
}

void mm_zip_make_add(struct mm_zip_maker *maker, const char *name, struct mm_view bytes)
{
    add(maker, name, bytes, 0);
}

void mm_zip_make_add_encrypted(struct mm_zip_maker *maker, const char *name)
{
    add(maker, name, MM_VIEW("????????????"), 1);
}

struct mm_view mm_zip_make_end(struct mm_zip_maker *maker)
{
    uint64_t at = maker->out.len;
    mm_buf_append(&maker->out, mm_buf_view(&maker->directory));
    mm_buf_append_str(&maker->out, "PK\5\6");
    put(&maker->out, 0, 4);
    put(&maker->out, maker->count, 2);
    put(&maker->out, maker->count, 2);
    put(&maker->out, maker->directory.len, 4);
    put(&maker->out, at, 4);
    put(&maker->out, 0, 2);
    assert_false(maker->out.failed || maker->directory.failed);
    return mm_buf_view(&maker->out);
}

void mm_zip_make_free(struct mm_zip_maker *maker)
{
    mm_buf_deinit(&maker->out);
    mm_buf_deinit(&maker->directory);
}
