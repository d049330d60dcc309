/*
 * test_corpus_bodyhash.c - the body hashes of a collection of messages, in every form of the code.
 * SPDX-License-Identifier: Apache-2.0
 *
 * dkim/bodyhash.tsv names each message by file, and by offset and length inside an mbox, and gives
 * its sizes, its line ends and the SHA-256 of both canonical forms of its body.
 */
#include <limits.h>

#include <openssl/evp.h>

#include "base/cpu.h"
#include "mail/mbox.h"
#include "mail/message.h"
#include "support/canon_model.h"
#include "text/eol.h"

enum {
    FILE_NAME,
    IN_MBOX,
    OFFSET,
    STORED,
    WIRE,
    EOL,
    FIELDS,
    HEADER,
    BODY,
    TYPE,
    LINE,
    EIGHT,
    WIRE_SHA256,
    SIMPLE_SHA256,
    RELAXED_SHA256,
    COLUMNS
};

enum { ROWS = 2108 };

static struct mm_arena arena;
static struct mm_buf text;
static uint64_t seed = 20260101;

/* Bytes of v with every line end as CRLF. */
static size_t wire_bytes(struct mm_view v)
{
    return v.len + mm_eol_count_reference(v).bare_lf;
}

static void check_digest(const char *label, struct mm_view bytes, const char *want)
{
    char digest[64];
    mm_digest_base64("SHA256", bytes, digest);
    MM_CHECK_VIEW(label, mm_view_of(digest), mm_view_of(want));
}

/* True where the message with every line end as CRLF has this digest: these are the bytes meant. */
static bool has_wire_digest(struct mm_view bytes, const char *want)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE + 1];
    unsigned int len = 0;
    mm_buf_clear(&text);
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.data[i] == '\n' && (i == 0 || bytes.data[i - 1] != '\r'))
            mm_buf_append_char(&text, '\r');
        mm_buf_append_char(&text, bytes.data[i]);
    }
    assert_int_equal(EVP_Digest(text.data, text.len, digest, &len, EVP_sha256(), NULL), 1);
    for (unsigned int i = 0; i < len; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    return strcmp(hex, want) == 0;
}

static void check_body(const char *label, struct mm_view body, enum mm_canon canon,
                       const char *want)
{
    static mm_feed_fn *const feeds[] = {mm_canon_body_feed, mm_canon_body_feed_reference};
    for (size_t f = 0; f < MM_COUNT(feeds); f++) {
        mm_run_body(&text, feeds[f], canon, body, 0, 65536, &seed);
        check_digest(label, mm_buf_view(&text), want);
        mm_run_body(&text, feeds[f], canon, body, 1 + body.len / 4, 4096, &seed);
        check_digest(label, mm_buf_view(&text), want);
    }
    if (canon != MM_CANON_SIMPLE || mm_eol_count(body).bare_lf > 0)
        return;
    bool add_crlf;
    mm_buf_clear(&text);
    mm_buf_append(&text, mm_canon_body_simple_trim(body, &add_crlf));
    if (add_crlf)
        mm_buf_append_str(&text, "\r\n");
    check_digest(label, mm_buf_view(&text), want);
}

/*
 * The table counts a `From ` line as a header line and every header line that is no fold as a
 * field, with or without a colon, and gives a last line without end one.
 */
static void check_sizes(const char *label, const struct mm_msg *msg, char **column)
{
    static const char *const eols[] = {"crlf", "lf", "mixed"};
    struct mm_view header = mm_view_sub(msg->bytes, 0, msg->bytes.len - msg->body.len);
    if (mm_view_ends(header, MM_VIEW("\n\r\n")) || mm_view_eq(header, MM_VIEW("\r\n")))
        header.len -= 2;
    else if (mm_view_ends(header, MM_VIEW("\n\n")))
        header.len -= 1;
    size_t lines = msg->from_line.len > 0;
    for (size_t at = 0; at < header.len; at++)
        if (at == 0 || header.data[at - 1] == '\n')
            lines += at == 0 || !mm_is_wsp((unsigned char)header.data[at]);
    MM_CHECK_INT(label, lines, atoll(column[FIELDS]));
    if (msg->stray_lines == 0)
        MM_CHECK_INT(label, msg->field_count + (msg->from_line.len > 0), atoll(column[FIELDS]));
    else
        MM_CHECK_TRUE(label, msg->field_count < lines);
    MM_CHECK_INT(label,
                 wire_bytes(msg->from_line) + wire_bytes(header) +
                     (header.len == 0 || mm_view_ends(header, MM_VIEW("\n")) ? 0 : 2),
                 atoll(column[HEADER]));
    MM_CHECK_INT(label, wire_bytes(msg->body), atoll(column[BODY]));
    MM_CHECK_INT(label, wire_bytes(msg->from_line) + wire_bytes(msg->bytes), atoll(column[WIRE]));
    if (memchr(msg->bytes.data, '\n', msg->bytes.len))
        MM_CHECK_VIEW(label, mm_view_of(eols[msg->eol]), mm_view_of(column[EOL]));
}

/* The bytes that a row is about: the file, or the message at its place in the mbox. */
static struct mm_view row_bytes(struct mm_view file, char **column)
{
    if (!*column[OFFSET])
        return file;
    size_t start = (size_t)atoll(column[OFFSET]);
    size_t next = mm_mbox_next(file, start + 1);
    struct mm_mbox_message m = mm_mbox_trim(mm_view_sub(file, start, next - start));
    struct mm_view copy = mm_arena_copy(&arena, m.quoted);
    assert_non_null(copy.data);
    copy.len = mm_mbox_unquote((char *)(uintptr_t)copy.data, copy.len);
    return copy;
}

static void check_row(struct mm_view bytes, char **column)
{
    char label[PATH_MAX];
    struct mm_msg msg;
    snprintf(label, sizeof label, "%s %s", column[FILE_NAME], column[IN_MBOX]);
    MM_CHECK_INT(label, bytes.len, atoll(column[STORED]));
    MM_CHECK_INT(label, mm_msg_index(&msg, bytes, &arena), MM_OK);
    check_sizes(label, &msg, column);
    check_body(label, msg.body, MM_CANON_SIMPLE, column[SIMPLE_SHA256]);
    check_body(label, msg.body, MM_CANON_RELAXED, column[RELAXED_SHA256]);
}

/* Files of one name from different folders of their origin: one survived, their rows all did. */
struct shared_name {
    char *name;
    size_t rows, found;
};

static struct shared_name *shared_name(struct shared_name *names, size_t *count, const char *name)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(names[i].name, name) == 0)
            return &names[i];
    assert_true(*count < ROWS);
    names[*count] = (struct shared_name){.name = strdup(name)};
    return &names[(*count)++];
}

static void check_table(const char *corpus)
{
    static struct shared_name names[ROWS];
    char path[PATH_MAX], last[PATH_MAX] = "", *line = NULL, *column[32];
    struct mm_view file = {NULL, 0};
    size_t line_cap = 0, rows = 0, checked = 0, name_count = 0;
    snprintf(path, sizeof path, "%s/dkim/bodyhash.tsv", corpus);
    FILE *table = fopen(path, "r");
    assert_non_null(table);
    while (getline(&line, &line_cap, table) > 0) {
        if (line[0] == '#')
            continue;
        assert_true(mm_test_split_tabs(line, column, MM_COUNT(column)) >= COLUMNS);
        snprintf(path, sizeof path, "%s/dkim/%s", corpus, column[FILE_NAME]);
        if (strcmp(path, last) != 0) {
            free((void *)(uintptr_t)file.data);
            file = mm_test_read_file(path);
            strcpy(last, path);
        }
        rows++;
        struct mm_view bytes = row_bytes(file, column);
        struct shared_name *name = NULL;
        if (!*column[OFFSET]) {
            name = shared_name(names, &name_count, column[FILE_NAME]);
            name->rows++;
        }
        bool here = has_wire_digest(bytes, column[WIRE_SHA256]);
        if (here) {
            check_row(bytes, column);
            checked++;
        }
        if (name)
            name->found += here;
        else
            MM_CHECK_TRUE(column[FILE_NAME], here);
        mm_arena_reset(&arena);
    }
    for (size_t i = 0; i < name_count; i++) {
        MM_CHECK_TRUE(names[i].name, names[i].found == 1);
        free(names[i].name);
    }
    free((void *)(uintptr_t)file.data);
    free(line);
    fclose(table);
    print_message("# %s: %zu of %zu rows; %zu name a file of which the folder holds another\n",
                  mm_cpu_tier_name(mm_cpu_tier()), checked, rows, rows - checked);
    MM_CHECK_INT("rows", rows, ROWS);
}

static void corpus_bodies_have_their_hashes_on_every_tier(void **state)
{
    (void)state;
    const char *corpus = mm_test_corpus();
    if (!corpus) {
        print_message("# MAILMILL_CORPUS is not there: nothing compared\n");
        return;
    }
    mm_arena_init(&arena, 64 << 20);
    mm_buf_init(&text, 8 << 20);
    enum mm_cpu_tier best = mm_cpu_tier();
    for (int tier = MM_CPU_PORTABLE; tier <= (int)best; tier++) {
        mm_cpu_limit(tier);
        check_table(corpus);
    }
    mm_cpu_limit(MM_CPU_AVX512);
    mm_buf_deinit(&text);
    mm_arena_deinit(&arena);
}

MM_TEST_MAIN(MM_TEST(corpus_bodies_have_their_hashes_on_every_tier))
