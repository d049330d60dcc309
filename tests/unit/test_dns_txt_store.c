/*
 * test_dns_txt_store.c - files, folders and later calls; a hundred thousand names.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/txt_store.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dns/key_source.h"
#include "support/mm_test.h"

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/mm_txt_store_XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char path[400];
    DIR *dir = opendir(folder);
    for (struct dirent *d; dir && (d = readdir(dir));) {
        snprintf(path, sizeof path, "%s/%s", folder, d->d_name);
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
            remove(path);
    }
    if (dir)
        closedir(dir);
    return rmdir(folder);
}

static const char *write_file(const char *name, const char *text)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    return path;
}

static const char *record_of(const struct mm_txt_store *store, const char *name)
{
    static char text[100];
    const struct mm_txt_answer *a = mm_txt_store_find(store, mm_view_of(name), 0);
    if (a->status != MM_TXT_NOERROR)
        return "none";
    size_t n = 0;
    for (size_t i = 0; i < a->record_count; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%.*s", i ? "," : "",
                              (int)a->records[i].len, a->records[i].data);
    return text;
}

static void check_record(const char *label, const struct mm_txt_store *store, const char *name,
                         const char *want)
{
    MM_CHECK_VIEW(label, mm_view_of(record_of(store, name)), mm_view_of(want));
}

static void later_calls_replace_names_of_earlier_ones(void **state)
{
    (void)state;
    struct mm_txt_store *s = mm_txt_store_new();
    const char *first = "a. TXT 1\na. TXT 2\nb. TXT 3\nc. CNAME a.\n";
    MM_CHECK_INT("first", mm_txt_store_add_text(s, mm_view_of(first), "1", NULL), MM_OK);
    check_record("first", s, "a", "1,2");
    check_record("alias", s, "c", "1,2");
    MM_CHECK_INT("second", mm_txt_store_add_text(s, MM_VIEW("A. TXT 9\nc. TXT 8\n"), "2", NULL),
                 MM_OK);
    check_record("replaced", s, "a", "9");
    check_record("kept", s, "b", "3");
    check_record("alias replaced by TXT", s, "c", "8");
    MM_CHECK_INT(
        "third",
        mm_txt_store_add_text(s, MM_VIEW("{\"name\":\"a\",\"status\":\"NXDOMAIN\"}"), "3", NULL),
        MM_OK);
    MM_CHECK_INT("replaced by an answer", mm_txt_store_find(s, MM_VIEW("a"), 0)->status,
                 MM_TXT_NXDOMAIN);
    mm_txt_store_free(&s);
    MM_CHECK_TRUE("freed", s == NULL);
    mm_txt_store_free(&s);
}

static void answers_say_where_they_come_from(void **state)
{
    (void)state;
    struct mm_txt_store *s = mm_txt_store_new();
    MM_CHECK_INT("add",
                 mm_txt_store_add_text(s, MM_VIEW("; x\na. (\n TXT\n 1 )\nb. TXT 2\n"), "f", NULL),
                 MM_OK);
    const struct mm_txt_answer *a = mm_txt_store_find(s, MM_VIEW("a"), 0);
    const struct mm_txt_answer *b = mm_txt_store_find(s, MM_VIEW("b"), 0);
    const struct mm_txt_answer *none = mm_txt_store_find(s, MM_VIEW("c"), 0);
    MM_CHECK_VIEW("file", a->source, MM_VIEW("f"));
    MM_CHECK_INT("line", a->line, 2);
    MM_CHECK_INT("line", b->line, 5);
    MM_CHECK_TRUE("distinct", a->id != b->id && a->id != none->id && b->id != none->id);
    MM_CHECK_TRUE("below the size", a->id < mm_txt_store_size(s) && b->id < mm_txt_store_size(s) &&
                                        none->id < mm_txt_store_size(s));
    mm_txt_store_free(&s);
}

static void names_that_cannot_be_are_not_recorded(void **state)
{
    (void)state;
    struct mm_txt_store *s = mm_txt_store_new();
    char longest[300];
    memset(longest, 'a', sizeof longest);
    MM_CHECK_INT("add", mm_txt_store_add_text(s, MM_VIEW("a. TXT 1\n"), "f", NULL), MM_OK);
    static const struct mm_view names[] = {MM_VIEW(""), MM_VIEW("."), MM_VIEW(".."),
                                           MM_VIEW("a\0")};
    for (size_t i = 0; i < MM_COUNT(names); i++)
        MM_CHECK_INT("odd name", mm_txt_store_find(s, names[i], 0)->status, MM_TXT_NOT_RECORDED);
    for (size_t len = 250; len <= sizeof longest; len++)
        MM_CHECK_INT("long name", mm_txt_store_find(s, (struct mm_view){longest, len}, 0)->status,
                     MM_TXT_NOT_RECORDED);
    mm_txt_store_free(&s);
}

static void folders_are_read_by_name_and_not_below(void **state)
{
    (void)state;
    char path[200];
    struct mm_error err;
    struct mm_txt_store *s = mm_txt_store_new();
    write_file("b.zone", "a. TXT from-b\nx. TXT 1\n");
    write_file("a.zone", "a. TXT from-a\n");
    write_file("c.ndjson", "{\"name\":\"j\",\"txt\":[\"json\"]}\n");
    write_file(".hidden", "syntax error here");
    write_file("empty", "");
    snprintf(path, sizeof path, "%s/below", folder);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/fifo", folder);
    MM_CHECK_INT("fifo", mkfifo(path, 0600), 0);
    MM_CHECK_INT("folder", mm_txt_store_add(s, folder, &err), MM_OK);
    check_record("one call, one answer, in order", s, "a", "from-a,from-b");
    check_record("both forms", s, "j", "json");
    write_file("d.zone", "q. TXT \"open\n");
    MM_CHECK_INT("damaged", mm_txt_store_add(s, folder, &err), MM_E_SYNTAX);
    MM_CHECK_TRUE("named", strstr(err.text, "/d.zone:1: ") != NULL);
    mm_txt_store_free(&s);
}

static void files_that_cannot_be_read_are_named(void **state)
{
    (void)state;
    char path[200];
    struct mm_error err;
    struct mm_txt_store *s = mm_txt_store_new();
    snprintf(path, sizeof path, "%s/missing", folder);
    MM_CHECK_INT("missing", mm_txt_store_add(s, path, &err), MM_E_IO);
    MM_CHECK_INT("missing", err.os_errno, ENOENT);
    MM_CHECK_TRUE("named", strstr(err.text, path) != NULL);
    MM_CHECK_INT("without err", mm_txt_store_add(s, path, NULL), MM_E_IO);
    mm_txt_store_free(&s);
}

static void key_source_shows_its_store(void **state)
{
    (void)state;
    struct mm_key_source *source = mm_key_source_new();
    assert_non_null(source);
    const char *path = write_file("k.zone", "s._domainkey.example. TXT \"v=DKIM1; p=\"\n");
    MM_CHECK_INT("add", mm_key_source_add(source, path, NULL), MM_OK);
    check_record("found", mm_key_source_store(source), "S._domainkey.Example", "v=DKIM1; p=");
    mm_key_source_free(&source);
    MM_CHECK_TRUE("freed", source == NULL && mm_key_source_store(NULL) == NULL);
    mm_key_source_free(&source);
}

static void a_hundred_thousand_names_are_all_found(void **state)
{
    (void)state;
    enum { NAMES = 100000 };
    size_t cap = NAMES * 64, n = 0;
    char *text = malloc(cap), name[64], want[64];
    struct mm_txt_store *s = mm_txt_store_new();
    assert_non_null(text);
    for (int i = 0; i < NAMES; i++)
        n += (size_t)snprintf(text + n, cap - n, "S%d._domainkey.d%d TXT \"p=\" \"%d\"\n", i % 3, i,
                              i);
    MM_CHECK_INT("add", mm_txt_store_add_text(s, (struct mm_view){text, n}, "f", NULL), MM_OK);
    for (int i = 0; i < NAMES; i++) {
        snprintf(name, sizeof name, "s%d._DOMAINKEY.d%d.", i % 3, i);
        snprintf(want, sizeof want, "p=%d", i);
        check_record("present", s, name, want);
        snprintf(name, sizeof name, "s%d._domainkey.d%d", i % 3 + 1, i);
        check_record("absent", s, name, "none");
    }
    mm_txt_store_free(&s);
    free(text);
}

/* The strings of a line of a plain zone, joined: everything between its quotes. */
static size_t between_quotes(const char *line, char *out)
{
    size_t n = 0;
    bool inside = false;
    for (; *line && *line != '\n'; line++) {
        if (*line == '"')
            inside = !inside;
        else if (inside)
            out[n++] = *line;
    }
    return n;
}

static size_t check_zone_line(const struct mm_txt_store *s, const char *line)
{
    char name[300], record[8192];
    if (sscanf(line, "%255[^; \t$@] IN TXT", name) != 1 || strchr(line, '\\'))
        return 0;
    struct mm_view want = {record, between_quotes(line, record)};
    const struct mm_txt_answer *a = mm_txt_store_find(s, mm_view_of(name), 0);
    for (size_t i = 0; i < a->record_count; i++)
        if (mm_view_eq(a->records[i], want))
            return 1;
    fail_msg("%s: record '%.*s' not found", name, (int)want.len, want.data);
    return 0;
}

static size_t check_zone(const char *path)
{
    struct mm_error err = {.text = ""};
    struct mm_txt_store *s = mm_txt_store_new();
    MM_CHECK_INT(path, mm_txt_store_add(s, path, &err), MM_OK);
    char line[16384];
    size_t count = 0;
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        count += check_zone_line(s, line);
    fclose(f);
    mm_txt_store_free(&s);
    return count;
}

static void the_zone_of_our_datasets_loads(void **state)
{
    (void)state;
    char path[500];
    struct mm_txt_store *s = mm_txt_store_new();
    snprintf(path, sizeof path, "%s/datasets/keys/zone", mm_test_source_dir());
    MM_CHECK_INT("add", mm_txt_store_add(s, path, NULL), MM_OK);
    const struct mm_txt_answer *a =
        mm_txt_store_find(s, MM_VIEW("c1._domainkey.news.example.com"), 0);
    MM_CHECK_INT("one record of three strings", a->record_count, 1);
    MM_CHECK_TRUE("whole", mm_view_starts(a->records[0], MM_VIEW("v=DKIM1; k=rsa; p=MII")) &&
                               mm_view_ends(a->records[0], MM_VIEW("QIDAQAB")));
    mm_txt_store_free(&s);
}

static void zones_of_the_corpus_load_whole(void **state)
{
    (void)state;
    static const char *const zones[] = {"keys.zone", "zones/extra.zone",
                                        "zones/lieser-keyvar-1.zone", "zones/lieser-keyvar-2.zone"};
    char path[500];
    for (size_t i = 0; mm_test_corpus() && i < MM_COUNT(zones); i++) {
        snprintf(path, sizeof path, "%s/dkim/%s", mm_test_corpus(), zones[i]);
        MM_CHECK_TRUE(zones[i], check_zone(path) >= 1);
    }
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
MM_TEST_MAIN(MM_TEST(later_calls_replace_names_of_earlier_ones),
             MM_TEST(answers_say_where_they_come_from),
             MM_TEST(names_that_cannot_be_are_not_recorded),
             IN_FOLDER(folders_are_read_by_name_and_not_below),
             IN_FOLDER(files_that_cannot_be_read_are_named), IN_FOLDER(key_source_shows_its_store),
             MM_TEST(a_hundred_thousand_names_are_all_found),
             MM_TEST(the_zone_of_our_datasets_loads), MM_TEST(zones_of_the_corpus_load_whole))
