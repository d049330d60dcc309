/*
 * tar_write.c - headers of a tar that every tar reads: ustar, and pax where a name or size needs
 * it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/tar_write.h"

#include <inttypes.h>
#include <stdio.h>

#include "io/tar.h"

/* As POSIX lays it out. */
struct header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100];
    char magic[6], version[2], user[32], group[32], device[16], prefix[155], pad[12];
};
_Static_assert(sizeof(struct header) == MM_TAR_BLOCK_BYTES, "a header is a block");

#define USTAR_SIZE_MAX ((uint64_t)077777777777) /* eleven octal digits */

static void put_octal(char *field, size_t bytes, uint64_t value)
{
    for (size_t i = bytes - 1; i-- > 0; value >>= 3)
        field[i] = (char)('0' + (value & 7));
}

/* Where a name can be cut so that both parts fit; 0 where it fits whole, SIZE_MAX where it does not
 * at all. */
static size_t find_cut(struct mm_view name)
{
    const struct header *h = NULL;
    if (name.len <= sizeof h->name)
        return 0;
    for (size_t i = name.len - 1; i > 0; i--)
        if (name.data[i] == '/' && i <= sizeof h->prefix && name.len - i - 1 <= sizeof h->name &&
            i + 1 < name.len)
            return i;
    return SIZE_MAX;
}

static void append_header(struct mm_buf *out, char type, struct mm_view prefix, struct mm_view name,
                          uint64_t size, int64_t mtime)
{
    struct header h = {.type = type, .magic = "ustar", .version = {'0', '0'}};
    uint64_t sum = 0;
    memcpy(h.name, name.data, name.len);
    if (prefix.len)
        memcpy(h.prefix, prefix.data, prefix.len);
    put_octal(h.mode, sizeof h.mode, 0644);
    put_octal(h.uid, sizeof h.uid, 0);
    put_octal(h.gid, sizeof h.gid, 0);
    put_octal(h.size, sizeof h.size, size <= USTAR_SIZE_MAX ? size : 0);
    put_octal(h.mtime, sizeof h.mtime,
              mtime > 0 && (uint64_t)mtime <= USTAR_SIZE_MAX ? (uint64_t)mtime : 0);
    memset(h.checksum, ' ', sizeof h.checksum);
    for (size_t i = 0; i < sizeof h; i++)
        sum += ((const unsigned char *)&h)[i];
    put_octal(h.checksum, sizeof h.checksum - 1, sum); /* six digits, NUL, blank */
    h.checksum[sizeof h.checksum - 2] = '\0';
    mm_buf_append(out, (struct mm_view){(const char *)&h, sizeof h});
}

/* "LEN KEY=VALUE\n", where LEN counts itself. */
static void append_record(struct mm_buf *out, const char *key, struct mm_view value)
{
    size_t rest = strlen(key) + value.len + 3, len = rest + 1;
    char digits[24];
    while ((size_t)snprintf(digits, sizeof digits, "%zu", len) + rest != len)
        len = rest + strlen(digits);
    mm_buf_printf(out, "%s %s=", digits, key);
    mm_buf_append(out, value);
    mm_buf_append_char(out, '\n');
}

static void append_pax(struct mm_buf *out, const struct mm_view *name, uint64_t size, int64_t mtime)
{
    struct mm_buf records;
    char text[24];
    mm_buf_init(&records, 4 * MM_TAR_EXTENSION_MAX_BYTES);
    if (name)
        append_record(&records, "path", *name);
    snprintf(text, sizeof text, "%" PRIu64, size);
    if (size > USTAR_SIZE_MAX)
        append_record(&records, "size", mm_view_of(text));
    append_header(out, 'x', (struct mm_view){"", 0}, MM_VIEW("pax-header"), records.len, mtime);
    mm_buf_append(out, mm_buf_view(&records));
    mm_tar_write_padding(out, records.len);
    out->failed = out->failed || records.failed;
    mm_buf_deinit(&records);
}

struct mm_view mm_tar_name_inside(struct mm_view name)
{
    struct mm_view inside = name, part, rest = name;
    while (rest.len) {
        mm_view_cut(rest, '/', &part, &rest);
        if (mm_view_eq(part, MM_VIEW("..")))
            inside = rest;
    }
    while (inside.len && inside.data[0] == '/')
        inside = mm_view_sub(inside, 1, inside.len - 1);
    return inside.len ? inside : MM_VIEW("unnamed.eml");
}

void mm_tar_write_header(struct mm_buf *out, struct mm_view name, uint64_t size, int64_t mtime)
{
    size_t cut = find_cut(name);
    bool too_long = cut == SIZE_MAX;
    const struct header *h = NULL;
    if (too_long || size > USTAR_SIZE_MAX)
        append_pax(out, too_long ? &name : NULL, size, mtime);
    if (too_long)
        append_header(out, '0', mm_view_sub(name, 0, 0), mm_view_sub(name, 0, sizeof h->name), size,
                      mtime);
    else if (cut)
        append_header(out, '0', mm_view_sub(name, 0, cut),
                      mm_view_sub(name, cut + 1, name.len - cut - 1), size, mtime);
    else
        append_header(out, '0', mm_view_sub(name, 0, 0), name, size, mtime);
}

static void append_zeros(struct mm_buf *out, size_t count)
{
    static const char zeros[2 * MM_TAR_BLOCK_BYTES];
    mm_buf_append(out, (struct mm_view){zeros, count});
}

void mm_tar_write_padding(struct mm_buf *out, uint64_t size)
{
    size_t tail = (size_t)(size % MM_TAR_BLOCK_BYTES);
    append_zeros(out, tail ? MM_TAR_BLOCK_BYTES - tail : 0);
}

void mm_tar_write_end(struct mm_buf *out)
{
    append_zeros(out, 2 * MM_TAR_BLOCK_BYTES);
}
