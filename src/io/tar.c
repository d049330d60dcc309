/*
 * tar.c - what comes next in a tar: ustar, pax and GNU names.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/tar.h"
#include "io/work_folder.h"

/* Places and lengths in a header. */
enum {
    NAME_AT = 0,
    NAME_BYTES = 100,
    SIZE_AT = 124,
    SIZE_BYTES = 12,
    CHECKSUM_AT = 148,
    CHECKSUM_BYTES = 8,
    TYPE_AT = 156,
    MAGIC_AT = 257,
    PREFIX_AT = 345,
    PREFIX_BYTES = 155
};

static uint64_t round_to_block(uint64_t n)
{
    return (n + MM_TAR_BLOCK_BYTES - 1) / MM_TAR_BLOCK_BYTES * MM_TAR_BLOCK_BYTES;
}

/* Octal, blanks before it, NUL or blank behind it; or GNU's base 256, marked by the top bit. False
 * where it is neither, or needs more than 63 bits. */
static bool read_number(const char *field, size_t len, uint64_t *value)
{
    size_t i = 0;
    *value = 0;
    if ((unsigned char)field[0] == 0x80) {
        for (i = 1; i < len; i++) {
            if (*value >> 55)
                return false;
            *value = *value << 8 | (unsigned char)field[i];
        }
        return true;
    }
    while (i < len && field[i] == ' ')
        i++;
    for (; i < len && field[i] >= '0' && field[i] <= '7'; i++)
        *value = *value << 3 | (uint64_t)(field[i] - '0');
    return i == len || field[i] == '\0' || field[i] == ' ';
}

#define EVEN_BYTES UINT64_C(0x00ff00ff00ff00ff)

/* The sum of eight bytes in four lanes of 16 bits. */
static uint64_t pair_up(uint64_t bytes)
{
    return (bytes & EVEN_BYTES) + (bytes >> 8 & EVEN_BYTES);
}

static int64_t add_lanes(uint64_t lanes)
{
    return (int64_t)((lanes & 0xffff) + (lanes >> 16 & 0xffff) + (lanes >> 32 & 0xffff) +
                     (lanes >> 48));
}

/*
 * The sum of a header's bytes, those of the sum itself taken as blanks. Some writers added signed
 * bytes. No lane overflows: 64 times two bytes are less than 65536.
 */
static bool checksum_holds(const char *header)
{
    uint64_t claimed, word, lanes = 0, high_lanes = 0;
    if (!read_number(header + CHECKSUM_AT, CHECKSUM_BYTES, &claimed))
        return false;
    for (size_t i = 0; i < MM_TAR_BLOCK_BYTES; i += sizeof word) {
        memcpy(&word, header + i, sizeof word);
        lanes += pair_up(word);
        high_lanes += pair_up(word >> 7 & UINT64_C(0x0101010101010101));
    }
    int64_t sum = add_lanes(lanes), high = add_lanes(high_lanes);
    for (size_t i = CHECKSUM_AT; i < CHECKSUM_AT + CHECKSUM_BYTES; i++) {
        sum += ' ' - (unsigned char)header[i];
        high -= (unsigned char)header[i] >> 7;
    }
    return claimed == (uint64_t)sum || (int64_t)claimed == sum - 256 * high;
}

static bool is_zero_block(const char *block)
{
    for (size_t i = 0; i < MM_TAR_BLOCK_BYTES; i++)
        if (block[i])
            return false;
    return true;
}

bool mm_tar_sniff(struct mm_view head)
{
    return head.len >= MM_TAR_BLOCK_BYTES && head.data[NAME_AT] && checksum_holds(head.data);
}

bool mm_tar_is_empty(struct mm_view bytes)
{
    enum { END_BYTES = 2 * MM_TAR_BLOCK_BYTES };
    size_t at = 0;
    if (bytes.len < END_BYTES || bytes.len % MM_TAR_BLOCK_BYTES)
        return false;
    while (at < bytes.len && is_zero_block(bytes.data + at))
        at += MM_TAR_BLOCK_BYTES;
    return at == bytes.len;
}

/* ---- names ---- */

static void name_append(struct mm_tar *t, struct mm_view part)
{
    size_t room = sizeof t->name - 1 - t->name_len;
    t->name_too_long = t->name_too_long || part.len > room;
    size_t take = part.len < room ? part.len : room;
    memcpy(t->name + t->name_len, part.data, take);
    t->name_len += take;
    t->name[t->name_len] = '\0';
}

static void set_name(struct mm_tar *t, struct mm_view name)
{
    t->name_len = 0;
    t->name_too_long = false;
    t->has_name = true;
    name_append(t, name);
}

/* Up to the first NUL. */
static struct mm_view text_field(const char *field, size_t len)
{
    const char *end = memchr(field, '\0', len);
    return (struct mm_view){field, end ? (size_t)(end - field) : len};
}

static void name_of_header(struct mm_tar *t, const char *header)
{
    /* "ustar\0" of POSIX has a prefix there, "ustar  " of GNU has times. */
    bool posix = memcmp(header + MAGIC_AT, "ustar", 6) == 0;
    struct mm_view prefix = text_field(header + PREFIX_AT, posix ? PREFIX_BYTES : 0);
    set_name(t, prefix);
    if (prefix.len)
        name_append(t, MM_VIEW("/"));
    name_append(t, text_field(header + NAME_AT, NAME_BYTES));
}

/* ---- headers that speak of the next entry ---- */

static void take_record(struct mm_tar *t, struct mm_view key, struct mm_view value)
{
    uint64_t size;
    if (mm_view_eq(key, MM_VIEW("path"))) {
        set_name(t, value);
    } else if (mm_view_eq(key, MM_VIEW("size")) && mm_view_to_u64(value, &size)) {
        t->has_size = true;
        t->size = size;
    } else if (mm_view_starts(key, MM_VIEW("GNU.sparse."))) {
        t->sparse = true;
    }
}

/* "LEN KEY=VALUE\n", LEN counting all of it. False where it is not that. */
static bool take_pax(struct mm_tar *t, struct mm_view records)
{
    while (records.len) {
        struct mm_view digits, rest, key, value;
        uint64_t len;
        if (!mm_view_cut(records, ' ', &digits, &rest) || !mm_view_to_u64(digits, &len) ||
            len > records.len || len < digits.len + 3 || records.data[len - 1] != '\n')
            return false;
        struct mm_view record = mm_view_sub(records, digits.len + 1, (size_t)len - digits.len - 2);
        if (!mm_view_cut(record, '=', &key, &value))
            return false;
        take_record(t, key, value);
        records = mm_view_sub(records, (size_t)len, records.len - (size_t)len);
    }
    return true;
}

/* A pax header ('x'), or GNU's long name ('L'). */
static void take_extension(struct mm_tar *t, char type, struct mm_view bytes, uint64_t size,
                           struct mm_tar_entry *e)
{
    if (size > MM_TAR_EXTENSION_MAX_BYTES) {
        e->kind = MM_TAR_DAMAGED;
        return;
    }
    e->need = MM_TAR_BLOCK_BYTES + (size_t)round_to_block(size);
    if (bytes.len < e->need)
        return;
    struct mm_view data = mm_view_sub(bytes, MM_TAR_BLOCK_BYTES, (size_t)size);
    e->kind = MM_TAR_SKIP;
    if (type == 'L')
        set_name(t, text_field(data.data, data.len));
    else if (!take_pax(t, data))
        e->kind = MM_TAR_DAMAGED;
}

/* ---- entries ---- */

static enum mm_tar_kind kind_of(char type, bool sparse)
{
    switch (type) {
    case '1':
    case '2':
        return MM_TAR_LINK;
    case '3':
    case '4':
    case '6':
        return MM_TAR_SPECIAL;
    case 'S':
        return MM_TAR_SPARSE;
    case '\0':
    case '0':
    case '7': /* contiguous: a file like others */
        return sparse ? MM_TAR_SPARSE : MM_TAR_FILE;
    default: /* folders ('5'), volume labels ('V'), what other vendors have */
        return MM_TAR_SKIP;
    }
}

static void take_entry(struct mm_tar *t, const char *header, uint64_t size, struct mm_tar_entry *e)
{
    char type = header[TYPE_AT];
    if (!t->has_name)
        name_of_header(t, header);
    e->kind = kind_of(type, t->sparse);
    e->name = (struct mm_view){t->name, t->name_len};
    e->name_too_long = t->name_too_long;
    /* Old writers mark a folder by its slash only. */
    if (e->kind == MM_TAR_FILE && mm_view_ends(e->name, MM_VIEW("/")))
        e->kind = MM_TAR_SKIP;
    e->data_at = MM_TAR_BLOCK_BYTES;
    e->size = t->has_size ? t->size : size;
    /* Links carry the size of what they lead to, and no bytes. */
    bool no_bytes = e->kind == MM_TAR_LINK || e->kind == MM_TAR_SPECIAL || type == '5';
    e->entry_bytes = MM_TAR_BLOCK_BYTES + (no_bytes ? 0 : round_to_block(e->size));
    if (mm_path_is_of_work_folder(e->name))
        e->kind = MM_TAR_SKIP;
    t->has_name = t->has_size = t->sparse = false;
}

void mm_tar_next(struct mm_tar *t, struct mm_view bytes, struct mm_tar_entry *e)
{
    uint64_t size;
    *e = (struct mm_tar_entry){.kind = MM_TAR_MORE, .need = MM_TAR_BLOCK_BYTES};
    if (bytes.len < MM_TAR_BLOCK_BYTES)
        return;
    const char *header = bytes.data;
    char type = header[TYPE_AT];
    if (is_zero_block(header)) {
        e->kind = MM_TAR_END;
        return;
    }
    if (!checksum_holds(header) || !read_number(header + SIZE_AT, SIZE_BYTES, &size) ||
        size > INT64_MAX / 2 || (t->has_size && t->size > INT64_MAX / 2)) {
        e->kind = MM_TAR_DAMAGED;
        return;
    }
    e->entry_bytes = MM_TAR_BLOCK_BYTES + round_to_block(size);
    if (type == 'x' || type == 'L')
        take_extension(t, type, bytes, size, e);
    else if (type == 'g' || type == 'K')
        e->kind =
            MM_TAR_SKIP; /* what holds for all, and long targets of links: no names, no sizes */
    else
        take_entry(t, header, size, e);
}
