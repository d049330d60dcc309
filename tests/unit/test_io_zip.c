/*
 * test_io_zip.c - members of zips that are whole, cut short, forged: by file and by memory.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/buf.h"
#include "io/zip.h"
#include "support/mm_test.h"

enum {
    STORED = 0,
    DEFLATED = 8,
    ENCRYPTED = 1,
    DESCRIPTOR = 8,
    UNIX = 3 << 8,
    CENTRAL_CRC_AT = 16, /* places in a record of the directory */
    CENTRAL_SIZE_AT = 24,
    CENTRAL_OFFSET_AT = 42
};

/* ---- a writer of zips that can lie ---- */

struct maker {
    struct mm_buf out, directory;
    uint64_t count;
};

struct spec {
    const char *name, *text;
    uint16_t method, flags, made_by;
    uint32_t attributes;
    const char *local_name; /* NULL: the same */
};

static void put(struct mm_buf *b, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        mm_buf_append_char(b, (char)(value >> 8 * i));
}

static void deflate_into(struct mm_buf *b, struct mm_view text)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)text.data, .avail_in = (uInt)text.len};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_true(mm_buf_reserve(b, deflateBound(&z, text.len)));
    z.next_out = (Bytef *)b->data + b->len;
    z.avail_out = (uInt)(b->cap - b->len);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    b->len += z.total_out;
    deflateEnd(&z);
}

static void begin(struct maker *m)
{
    *m = (struct maker){.count = 0};
    mm_buf_init(&m->out, 1 << 30);
    mm_buf_init(&m->directory, 1 << 30);
}

/* Adds a member, and its record. */
static void add(struct maker *m, const struct spec *s)
{
    struct mm_buf data;
    struct mm_view text = mm_view_of(s->text), name = mm_view_of(s->name);
    struct mm_view local = mm_view_of(s->local_name ? s->local_name : s->name);
    uint32_t crc = (uint32_t)crc32(0, (const Bytef *)text.data, (uInt)text.len);
    uint64_t at = m->out.len;
    bool behind = s->flags & DESCRIPTOR;
    mm_buf_init(&data, 1 << 30);
    if (s->method == DEFLATED)
        deflate_into(&data, text);
    else
        mm_buf_append(&data, text);
    mm_buf_append_str(&m->out, "PK\3\4");
    put(&m->out, 20, 2);
    put(&m->out, s->flags, 2);
    put(&m->out, s->method, 2);
    put(&m->out, 0, 4); /* time and date */
    put(&m->out, behind ? 0 : crc, 4);
    put(&m->out, behind ? 0 : data.len, 4);
    put(&m->out, behind ? 0 : text.len, 4);
    put(&m->out, local.len, 2);
    put(&m->out, 0, 2);
    mm_buf_append(&m->out, local);
    mm_buf_append(&m->out, mm_buf_view(&data));
    if (behind) {
        mm_buf_append_str(&m->out, "PK\7\x8");
        put(&m->out, crc, 4);
        put(&m->out, data.len, 4);
        put(&m->out, text.len, 4);
    }
    mm_buf_append_str(&m->directory, "PK\1\2");
    put(&m->directory, s->made_by, 2);
    put(&m->directory, 20, 2);
    put(&m->directory, s->flags, 2);
    put(&m->directory, s->method, 2);
    put(&m->directory, 0, 4);
    put(&m->directory, crc, 4);
    put(&m->directory, data.len, 4);
    put(&m->directory, text.len, 4);
    put(&m->directory, name.len, 2);
    put(&m->directory, 0, 2 + 2 + 2 + 2); /* extra, comment, disk, kind of text */
    put(&m->directory, s->attributes, 4);
    put(&m->directory, at, 4);
    mm_buf_append(&m->directory, name);
    m->count++;
    mm_buf_deinit(&data);
}

/* The directory and its end; zip64: with the record that tells more than 65,535 members. */
static struct mm_view end(struct maker *m, bool zip64)
{
    uint64_t at = m->out.len, bytes = m->directory.len;
    mm_buf_append(&m->out, mm_buf_view(&m->directory));
    if (zip64) {
        uint64_t end64_at = m->out.len;
        mm_buf_append_str(&m->out, "PK\6\6");
        put(&m->out, 44, 8);
        put(&m->out, 45 | 45 << 16, 4);
        put(&m->out, 0, 8); /* disks */
        put(&m->out, m->count, 8);
        put(&m->out, m->count, 8);
        put(&m->out, bytes, 8);
        put(&m->out, at, 8);
        mm_buf_append_str(&m->out, "PK\6\7");
        put(&m->out, 0, 4);
        put(&m->out, end64_at, 8);
        put(&m->out, 1, 4);
    }
    mm_buf_append_str(&m->out, "PK\5\6");
    put(&m->out, 0, 4);
    put(&m->out, zip64 ? UINT16_MAX : m->count, 2);
    put(&m->out, zip64 ? UINT16_MAX : m->count, 2);
    put(&m->out, zip64 ? UINT32_MAX : bytes, 4);
    put(&m->out, zip64 ? UINT32_MAX : at, 4);
    put(&m->out, 0, 2);
    assert_false(m->out.failed || m->directory.failed);
    return mm_buf_view(&m->out);
}

static void done(struct maker *m)
{
    mm_buf_deinit(&m->out);
    mm_buf_deinit(&m->directory);
}

/* ---- what a reader sees: a line for each member ---- */

static const char *const KINDS[] = {"file",      "skip",   "link",    "special",
                                    "encrypted", "method", "overlap", "damaged"};

static enum mm_status list(struct mm_zip *zip, struct mm_buf *seen)
{
    struct mm_zip_member m;
    struct mm_error err;
    enum mm_status st;
    mm_buf_init(seen, 1 << 30);
    while ((st = mm_zip_next(zip, &m, &err)) == MM_OK) {
        mm_buf_append_str(seen, KINDS[m.kind]);
        mm_buf_append_char(seen, ' ');
        mm_buf_append(seen, m.name);
        if (m.kind == MM_ZIP_FILE) {
            char *text = malloc(m.size + 1);
            assert_non_null(text);
            enum mm_status read = mm_zip_read(zip, &m, text, &err);
            assert_true(read == MM_OK || read == MM_E_SYNTAX);
            mm_buf_append_char(seen, ' ');
            mm_buf_append(seen, read == MM_OK ? (struct mm_view){text, m.size} : MM_VIEW("BAD"));
            free(text);
        }
        mm_buf_append_char(seen, '\n');
    }
    struct mm_zip_member again;
    MM_CHECK_INT("the end stays the end", mm_zip_next(zip, &again, &err), st);
    assert_false(seen->failed);
    return st;
}

/* The same out of memory that ends at an unmapped page, and out of a file. */
static enum mm_status list_both(struct mm_view bytes, struct mm_buf *seen)
{
    struct mm_guard guard = mm_guard_copy(bytes);
    struct mm_zip *zip;
    struct mm_error err;
    struct mm_buf of_file;
    assert_int_equal(mm_zip_open_bytes(guard.view, &zip, &err), MM_OK);
    enum mm_status st = list(zip, seen);
    mm_zip_free(&zip);
    mm_guard_free(&guard);
    int fd = memfd_create("zip", MFD_CLOEXEC);
    assert_true(fd >= 0 && write(fd, bytes.data, bytes.len) == (ssize_t)bytes.len);
    assert_int_equal(mm_zip_open_file(fd, &zip, &err), MM_OK);
    MM_CHECK_INT("the same end by file", list(zip, &of_file), st);
    MM_CHECK_VIEW("the same by file", mm_buf_view(&of_file), mm_buf_view(seen));
    mm_zip_free(&zip);
    close(fd);
    mm_buf_deinit(&of_file);
    return st;
}

static void sees(const char *label, struct mm_view bytes, enum mm_status end_status,
                 const char *wanted)
{
    struct mm_buf seen;
    MM_CHECK_INT(label, list_both(bytes, &seen), end_status);
    MM_CHECK_VIEW(label, mm_buf_view(&seen), mm_view_of(wanted));
    mm_buf_deinit(&seen);
}

/* ---- tests ---- */

static void members_come_in_the_order_of_the_directory_with_their_kinds(void **state)
{
    (void)state;
    static const struct spec specs[] = {
        {"a.eml", "stored", STORED, .made_by = 0},
        {"dir/", "", STORED, .made_by = 0},
        {"dir/b.eml", "deflated deflated deflated", DEFLATED, .made_by = 0},
        {"c.eml", "its length stands behind it", DEFLATED, DESCRIPTOR, .made_by = 0},
        {"dos", "", STORED, .attributes = 0x10},
        {"unix", "", STORED, .made_by = UNIX, .attributes = (uint32_t)S_IFDIR << 16},
        {"soft", "a.eml", STORED, .made_by = UNIX, .attributes = (uint32_t)S_IFLNK << 16},
        {"fifo", "", STORED, .made_by = UNIX, .attributes = (uint32_t)S_IFIFO << 16},
        {"-", "by a pipe", STORED, .made_by = UNIX, .attributes = (uint32_t)S_IFIFO << 16},
        {"__MACOSX/a.eml", "x", STORED, .made_by = 0},
        {"dir/._b.eml", "x", STORED, .made_by = 0},
        {"dir/.DS_Store", "x", STORED, .made_by = 0},
        {"secret.eml", "x", STORED, ENCRYPTED, .made_by = 0},
        {"bzip2.eml", "x", 12, .made_by = 0},
        {"empty.eml", "", DEFLATED, .made_by = 0},
        {"central.eml", "named twice", STORED, .local_name = "a/../../other.eml"},
    };
    struct maker m;
    begin(&m);
    for (size_t i = 0; i < MM_COUNT(specs); i++)
        add(&m, &specs[i]);
    sees("all kinds", end(&m, false), MM_END,
         "file a.eml stored\nskip dir/\nfile dir/b.eml deflated deflated deflated\n"
         "file c.eml its length stands behind it\nskip dos\nskip unix\nlink soft\nspecial fifo\n"
         "file - by a pipe\nskip __MACOSX/a.eml\nskip dir/._b.eml\nskip dir/.DS_Store\n"
         "encrypted secret.eml\nmethod bzip2.eml\nfile empty.eml \nfile central.eml named twice\n");
    done(&m);
    begin(&m);
    sees("no members", end(&m, false), MM_END, "");
    done(&m);
    begin(&m);
    sees("no members, zip64", end(&m, true), MM_END, "");
    done(&m);
}

/* Three members; then one field of a record is another. */
static void three(struct maker *m, size_t record, size_t field, uint32_t value, bool zip64)
{
    static const struct spec specs[] = {{"1", "one one one", STORED, .made_by = 0},
                                        {"2", "two two two", DEFLATED, .made_by = 0},
                                        {"3", "three", STORED, .made_by = 0}};
    begin(m);
    size_t at = 0;
    for (size_t i = 0; i < MM_COUNT(specs); i++) {
        if (i == record)
            at = m->directory.len;
        add(m, &specs[i]);
    }
    for (size_t i = 0; field && i < 4; i++)
        m->directory.data[at + field + i] = (char)(value >> 8 * i);
    end(m, zip64);
}

static void directory_that_lies_costs_the_members_it_lies_about(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        size_t record, field;
        uint32_t value;
        const char *wanted;
    } cases[] = {
        {"nothing", 0, 0, 0, "file 1 one one one\nfile 2 two two two\nfile 3 three\n"},
        {"another CRC", 1, CENTRAL_CRC_AT, 7, "file 1 one one one\nfile 2 BAD\nfile 3 three\n"},
        {"a size too small", 1, CENTRAL_SIZE_AT, 3,
         "file 1 one one one\nfile 2 BAD\nfile 3 three\n"},
        {"a size too large", 1, CENTRAL_SIZE_AT, 99,
         "file 1 one one one\nfile 2 BAD\nfile 3 three\n"},
        {"a size that deflate cannot make", 1, CENTRAL_SIZE_AT, 1 << 30,
         "file 1 one one one\ndamaged 2\nfile 3 three\n"},
        {"a stored size of its own", 0, CENTRAL_SIZE_AT, 3,
         "damaged 1\nfile 2 two two two\nfile 3 three\n"},
        {"two that are one", 1, CENTRAL_OFFSET_AT, 0, "overlap 1\noverlap 2\nfile 3 three\n"},
        {"one within another", 1, CENTRAL_OFFSET_AT, 20, "overlap 1\noverlap 2\nfile 3 three\n"},
        {"no header there", 2, CENTRAL_OFFSET_AT, 82,
         "file 1 one one one\nfile 2 two two two\ndamaged 3\n"},
        {"beyond the file", 2, CENTRAL_OFFSET_AT, 1 << 20,
         "file 1 one one one\nfile 2 two two two\ndamaged 3\n"},
        {"the last one first, as another order", 0, CENTRAL_OFFSET_AT, 1 << 20,
         "damaged 1\nfile 2 two two two\nfile 3 three\n"},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++)
        for (int zip64 = 0; zip64 < 2; zip64++) {
            struct maker m;
            three(&m, cases[i].record, cases[i].field, cases[i].value, zip64);
            sees(cases[i].label, mm_buf_view(&m.out), MM_END, cases[i].wanted);
            done(&m);
        }
}

static void directory_may_have_another_order_than_the_file(void **state)
{
    (void)state;
    struct maker m;
    struct mm_buf turned;
    three(&m, 0, 0, 0, false);
    size_t record = m.directory.len / 3;
    mm_buf_init(&turned, 1 << 20);
    for (size_t i = 3; i-- > 0;)
        mm_buf_append(&turned, mm_view_sub(mm_buf_view(&m.directory), i * record, record));
    char *directory = m.out.data + m.out.len - 22 - m.directory.len;
    memcpy(directory, turned.data, turned.len);
    sees("turned round", mm_buf_view(&m.out), MM_END,
         "file 3 three\nfile 2 two two two\nfile 1 one one one\n");
    /* The one that is last in the file begins in the middle one's data. */
    directory[CENTRAL_OFFSET_AT] = (char)(directory[CENTRAL_OFFSET_AT] - 5);
    sees("and two overlap", mm_buf_view(&m.out), MM_END,
         "overlap 3\noverlap 2\nfile 1 one one one\n");
    mm_buf_deinit(&turned);
    done(&m);
}

/* One member and its record, over and over: the bomb that inflates a few bytes without end. */
static void overlapping_members_give_nothing_however_many(void **state)
{
    (void)state;
    struct maker m;
    struct mm_zip *zip;
    struct mm_zip_member member;
    begin(&m);
    add(&m, &(struct spec){"bomb", "x x x x x x x x x x x x x", DEFLATED, .made_by = 0});
    struct mm_view record = mm_buf_view(&m.directory);
    char copy[64];
    assert_true(record.len <= sizeof copy);
    memcpy(copy, record.data, record.len);
    for (size_t i = 1; i < 100000; i++, m.count++)
        mm_buf_append(&m.directory, (struct mm_view){copy, record.len});
    assert_int_equal(mm_zip_open_bytes(end(&m, true), &zip, NULL), MM_OK);
    size_t overlaps = 0;
    enum mm_status st;
    while ((st = mm_zip_next(zip, &member, NULL)) == MM_OK)
        overlaps += member.kind == MM_ZIP_OVERLAP;
    MM_CHECK_INT("all of them", overlaps, 100000);
    MM_CHECK_INT("to the end", st, MM_END);
    mm_zip_free(&zip);
    done(&m);
}

static void count_of_members_has_no_bound_but_in_a_table(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        size_t count;
        bool zip64, turned;
        enum mm_status status;
    } cases[] = {{"65,535, as many as fit without zip64", 65535, false, false, MM_OK},
                 {"65,535 in another order", 65535, false, true, MM_OK},
                 {"70,000, counted from 0 again", 70000, false, false, MM_OK},
                 {"70,000", 70000, true, false, MM_OK},
                 {"70,000 in another order", 70000, true, true, MM_E_LIMIT}};
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct maker m;
        struct mm_zip *zip;
        struct mm_zip_member member;
        struct mm_error err;
        char text[16];
        size_t files = 0, second_at = 0;
        begin(&m);
        for (size_t k = 0; k < cases[i].count; k++) {
            snprintf(text, sizeof text, "%06zu", k);
            add(&m, &(struct spec){text, text, STORED, .made_by = 0});
            second_at = k ? second_at : m.directory.len;
        }
        for (size_t k = 0; cases[i].turned && k < second_at; k++) {
            char one = m.directory.data[k];
            m.directory.data[k] = m.directory.data[second_at + k];
            m.directory.data[second_at + k] = one;
        }
        MM_CHECK_INT(cases[i].label, mm_zip_open_bytes(end(&m, cases[i].zip64), &zip, &err),
                     cases[i].status);
        while (zip && mm_zip_next(zip, &member, &err) == MM_OK) {
            files += member.kind == MM_ZIP_FILE && member.size == 6 &&
                     mm_zip_read(zip, &member, text, &err) == MM_OK &&
                     memcmp(text, member.name.data, 6) == 0;
        }
        MM_CHECK_INT(cases[i].label, files, cases[i].status == MM_OK ? cases[i].count : 0);
        mm_zip_free(&zip);
        done(&m);
    }
}

/* 300 MiB of zeros, deflated to 300 KB; nothing before them says how long they are. */
static void what_is_thrown_away_to_find_ends_is_bounded(void **state)
{
    enum { MEMBER_BYTES = 50 * 1024 * 1024, MEMBERS = 6 };
    (void)state;
    struct maker m;
    struct mm_zip *zip;
    struct mm_zip_member member;
    char *zeros = malloc(MEMBER_BYTES + 1);
    size_t seen = 0;
    assert_non_null(zeros);
    memset(zeros, '0', MEMBER_BYTES);
    zeros[MEMBER_BYTES] = '\0';
    begin(&m);
    for (int i = 0; i < MEMBERS; i++)
        add(&m, &(struct spec){"zeros", zeros, DEFLATED, DESCRIPTOR, .made_by = 0});
    assert_int_equal(mm_zip_open_bytes(mm_buf_view(&m.out), &zip, NULL), MM_OK);
    while (mm_zip_next(zip, &member, NULL) == MM_OK)
        seen++;
    MM_CHECK_INT("members of 256 MiB together", seen, MEMBERS - 1);
    MM_CHECK_TRUE("then it counts as cut short", mm_zip_is_cut_short(zip));
    mm_zip_free(&zip);
    free(zeros);
    done(&m);
}

static void directory_that_is_not_whole_is_told(void **state)
{
    (void)state;
    struct maker m;
    three(&m, 0, 0, 0, false);
    char *end_record = m.out.data + m.out.len - 22;
    end_record[10]++;
    sees("it counts more", mm_buf_view(&m.out), MM_E_SYNTAX,
         "file 1 one one one\nfile 2 two two two\nfile 3 three\n");
    done(&m);
    three(&m, 2, 1, 0, false); /* the mark of the last record */
    sees("a record is none", mm_buf_view(&m.out), MM_E_SYNTAX,
         "file 1 one one one\nfile 2 two two two\n");
    done(&m);
    three(&m, 0, 0, 0, false);
    m.out.data[m.out.len - 22 + 4] = 1; /* of several disks: by its headers alone */
    sees("another disk", mm_buf_view(&m.out), MM_E_SYNTAX,
         "file 1 one one one\nfile 2 two two two\nfile 3 three\n");
    done(&m);
}

/* Whatever is cut off: the members that are whole, in order, and then the one place. */
static void zip_cut_short_gives_the_members_that_are_whole(void **state)
{
    (void)state;
    static const char *const GIVEN[] = {"", "file 1 one one one\n",
                                        "file 1 one one one\nfile 2 two two two\n",
                                        "file 1 one one one\nfile 2 two two two\nfile 3 three\n"};
    for (int behind = 0; behind < 2; behind++) {
        struct maker m;
        size_t ends[3];
        begin(&m);
        add(&m, &(struct spec){"1", "one one one", STORED, .made_by = 0});
        ends[0] = m.out.len;
        add(&m,
            &(struct spec){"2", "two two two", DEFLATED, behind ? DESCRIPTOR : 0, .made_by = 0});
        ends[1] = m.out.len;
        add(&m, &(struct spec){"3", "three", DEFLATED, behind ? DESCRIPTOR : 0, .made_by = 0});
        ends[2] = m.out.len;
        struct mm_view whole = end(&m, false);
        for (size_t cut = 0; cut < whole.len; cut++) {
            size_t given = (size_t)((cut >= ends[0]) + (cut >= ends[1]) + (cut >= ends[2]));
            sees("cut", mm_view_sub(whole, 0, cut), MM_E_SYNTAX, GIVEN[given]);
        }
        done(&m);
    }
}

/* What is found of a zip in memory: the name of the member that its end cuts, and its packed bytes.
 */
static void cuts(const char *label, struct mm_view bytes, const char *name, struct mm_view packed)
{
    struct mm_guard guard = mm_guard_copy(bytes);
    struct mm_zip *zip;
    struct mm_zip_member m;
    struct mm_zip_cut cut;
    struct mm_error err;
    enum mm_status st;
    assert_int_equal(mm_zip_open_bytes(guard.view, &zip, &err), MM_OK);
    while ((st = mm_zip_next(zip, &m, &err)) == MM_OK)
        ;
    MM_CHECK_INT(label, mm_zip_find_cut(zip, &cut, &err), name ? MM_OK : MM_END);
    if (name) {
        MM_CHECK_VIEW(label, cut.name, mm_view_of(name));
        MM_CHECK_VIEW(label, mm_view_sub(guard.view, cut.data_at, cut.packed), packed);
        MM_CHECK_INT("the end stays the end", mm_zip_next(zip, &m, &err), st);
    }
    mm_zip_free(&zip);
    mm_guard_free(&guard);
}

static void member_that_is_cut_is_found_with_the_bytes_that_there_are(void **state)
{
    (void)state;
    enum { HEADER_BYTES = 30 + 1 };
    for (int behind = 0; behind < 2; behind++) {
        struct maker m;
        begin(&m);
        add(&m, &(struct spec){"1", "one one one", STORED, .made_by = 0});
        size_t at = m.out.len;
        add(&m, &(struct spec){"2", "two two two two two two", DEFLATED, behind ? DESCRIPTOR : 0,
                               .made_by = 0});
        size_t second_end = m.out.len;
        add(&m, &(struct spec){"3", "three", STORED, ENCRYPTED, .made_by = 0});
        struct mm_view whole = end(&m, false);
        for (size_t cut = 0; cut < whole.len; cut++) {
            bool in_second = cut >= at + HEADER_BYTES && cut < second_end;
            bool in_first = cut >= HEADER_BYTES && cut < at;
            size_t data = in_second ? at + HEADER_BYTES : HEADER_BYTES;
            cuts("cut", mm_view_sub(whole, 0, cut),
                 in_second  ? "2"
                 : in_first ? "1"
                            : NULL,
                 mm_view_sub(whole, data, in_second || in_first ? cut - data : 0));
        }
        cuts("a whole one", whole, NULL, MM_VIEW(""));
        done(&m);
    }
}

/* No byte can be changed so that other bytes than those that were packed come out. */
static void changed_bytes_give_no_other_message(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int i = 0; i < 5000; i++) {
        struct maker m;
        struct mm_buf seen;
        three(&m, 0, 0, 0, i % 2);
        m.out.data[mm_random(&seed) % m.out.len] ^= (char)(1 << mm_random(&seed) % 8);
        (void)list_both(mm_buf_view(&m.out), &seen);
        for (struct mm_view rest = mm_buf_view(&seen), line; rest.len;) {
            mm_view_cut(rest, '\n', &line, &rest);
            bool right = !mm_view_starts(line, MM_VIEW("file ")) ||
                         mm_view_ends(line, MM_VIEW(" BAD")) ||
                         mm_view_ends(line, MM_VIEW(" one one one")) ||
                         mm_view_ends(line, MM_VIEW(" two two two")) ||
                         mm_view_ends(line, MM_VIEW(" three"));
            MM_CHECK_TRUE("what is given is what was packed", right);
        }
        mm_buf_deinit(&seen);
        done(&m);
    }
}

MM_TEST_MAIN(MM_TEST(members_come_in_the_order_of_the_directory_with_their_kinds),
             MM_TEST(directory_that_lies_costs_the_members_it_lies_about),
             MM_TEST(directory_may_have_another_order_than_the_file),
             MM_TEST(overlapping_members_give_nothing_however_many),
             MM_TEST(count_of_members_has_no_bound_but_in_a_table),
             MM_TEST(what_is_thrown_away_to_find_ends_is_bounded),
             MM_TEST(directory_that_is_not_whole_is_told),
             MM_TEST(zip_cut_short_gives_the_members_that_are_whole),
             MM_TEST(member_that_is_cut_is_found_with_the_bytes_that_there_are),
             MM_TEST(changed_bytes_give_no_other_message))
