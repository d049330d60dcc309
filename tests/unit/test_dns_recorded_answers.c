/*
 * test_dns_recorded_answers.c - answers recorded as JSON lines, by name and time.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/txt_store.h"
#include "support/mm_test.h"

static struct mm_txt_store *store_of(const char *label, struct mm_view text)
{
    struct mm_txt_store *store = mm_txt_store_new();
    struct mm_error err = {.text = ""};
    enum mm_status st = mm_txt_store_add_text(store, text, "r", &err);
    MM_CHECK_VIEW(label, mm_view_of(err.text), MM_VIEW(""));
    MM_CHECK_INT(label, st, MM_OK);
    return store;
}

static const struct {
    const char *label;
    struct mm_view line;
    enum mm_txt_status status; /* of "a" */
    size_t record_count;
    struct mm_view first;
} cases[] = {
    {"as it is recorded",
     MM_VIEW("{\"name\":\"a\",\"type\":\"TXT\",\"status\":\"NOERROR\",\"ttl\":3600,\"ad\":false,"
             "\"time\":1700000000,\"txt\":[\"v=DKIM1; p=\"]}\n"),
     MM_TXT_NOERROR, 1, MM_VIEW("v=DKIM1; p=")},
    {"name and txt only", MM_VIEW("{\"name\":\"a\",\"txt\":[\"x\",\"y\"]}"), MM_TXT_NOERROR, 2,
     MM_VIEW("x")},
    {"any order, blanks, CRLF", MM_VIEW("\r\n { \"txt\" : [ \"x\" ] , \"name\" : \"A.\" }\r\n\r\n"),
     MM_TXT_NOERROR, 1, MM_VIEW("x")},
    {"unknown members", MM_VIEW("{\"x\":{\"name\":[1,{}]},\"name\":\"a\",\"txt\":[\"x\"]}"),
     MM_TXT_NOERROR, 1, MM_VIEW("x")},
    {"escaped member name", MM_VIEW("{\"n\\u0061me\":\"\\u0061\",\"txt\":[\"x\"]}"), MM_TXT_NOERROR,
     1, MM_VIEW("x")},
    {"bytes", MM_VIEW("{\"name\":\"a\",\"txt\":[\"\\u0000\\u00ff\\u00c3\\\"\\n\"]}"),
     MM_TXT_NOERROR, 1, MM_VIEW("\0\xff\xc3\"\n")},
    {"literal UTF-8", MM_VIEW("{\"name\":\"a\",\"txt\":[\"caf\xc3\xa9\"]}"), MM_TXT_NOERROR, 1,
     MM_VIEW("caf\xc3\xa9")},
    {"no records", MM_VIEW("{\"name\":\"a\",\"status\":\"NOERROR\",\"txt\":[]}"), MM_TXT_NODATA, 0,
     MM_VIEW("")},
    {"NXDOMAIN", MM_VIEW("{\"name\":\"a\",\"status\":\"NXDOMAIN\"}"), MM_TXT_NXDOMAIN, 0,
     MM_VIEW("")},
    {"NODATA", MM_VIEW("{\"name\":\"a\",\"status\":\"NODATA\",\"txt\":[\"x\"]}"), MM_TXT_NODATA, 0,
     MM_VIEW("")},
    {"SERVFAIL", MM_VIEW("{\"name\":\"a\",\"status\":\"SERVFAIL\"}"), MM_TXT_SERVFAIL, 0,
     MM_VIEW("")},
    {"TIMEOUT", MM_VIEW("{\"name\":\"a\",\"status\":\"timeout\"}"), MM_TXT_TIMEOUT, 0, MM_VIEW("")},
    {"other type", MM_VIEW("{\"name\":\"a\",\"type\":\"MX\",\"txt\":[\"x\"]}"), MM_TXT_NOT_RECORDED,
     0, MM_VIEW("")},
    {"other name", MM_VIEW("{\"name\":\"b\",\"txt\":[\"x\"]}"), MM_TXT_NOT_RECORDED, 0,
     MM_VIEW("")},
    {"null times",
     MM_VIEW("{\"name\":\"a\",\"time\":null,\"from\":null,\"until\":null,\"txt\":[\"x\"]}"),
     MM_TXT_NOERROR, 1, MM_VIEW("x")},
};

static void recorded_lines_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_txt_store *store = store_of(cases[i].label, cases[i].line);
        const struct mm_txt_answer *a = mm_txt_store_find(store, MM_VIEW("a"), 1700000000);
        MM_CHECK_INT(cases[i].label, a->status, cases[i].status);
        MM_CHECK_INT(cases[i].label, a->record_count, cases[i].record_count);
        if (a->record_count)
            MM_CHECK_VIEW(cases[i].label, a->records[0], cases[i].first);
        mm_txt_store_free(&store);
    }
}

static void authenticated_data_is_kept(void **state)
{
    (void)state;
    static const char lines[] = "{\"name\":\"yes\",\"ad\":true,\"txt\":[\"x\"]}\n"
                                "{\"name\":\"no\",\"ad\":false,\"txt\":[\"x\"]}\n"
                                "{\"name\":\"unsaid\",\"txt\":[\"x\"]}\n";
    struct mm_txt_store *store = store_of("ad", MM_VIEW(lines));
    MM_CHECK_INT("true", mm_txt_store_find(store, MM_VIEW("yes"), 0)->ad, true);
    MM_CHECK_INT("false", mm_txt_store_find(store, MM_VIEW("no"), 0)->ad, false);
    MM_CHECK_INT("unsaid", mm_txt_store_find(store, MM_VIEW("unsaid"), 0)->ad, false);
    mm_txt_store_free(&store);
}

static const struct {
    const char *label;
    struct mm_view text;
    enum mm_status status;
    uint32_t line;
    uint64_t offset;
} refused[] = {
    {"open object", MM_VIEW("{\"name\":\"a\"\n"), MM_E_SYNTAX, 1, 11},
    {"second line", MM_VIEW("{\"name\":\"a\"}\n\n{\"name\"}\n"), MM_E_SYNTAX, 3, 21},
    {"two objects on a line", MM_VIEW("{\"name\":\"a\"} {\"name\":\"a\"}\n"), MM_E_SYNTAX, 1, 13},
    {"ad as a word", MM_VIEW("{\"name\":\"a\",\"ad\":\"true\"}\n"), MM_E_SYNTAX, 1, 17},
    {"array on a later line", MM_VIEW("{\"name\":\"a\"}\n[]\n"), MM_E_SYNTAX, 2, 13},
    {"zone line among them", MM_VIEW("{\"name\":\"a\"}\na. TXT x\n"), MM_E_SYNTAX, 2, 13},
    {"no name", MM_VIEW("{\"txt\":[\"x\"]}\n"), MM_E_SYNTAX, 1, 0},
    {"name is no string", MM_VIEW("{\"name\":1}\n"), MM_E_SYNTAX, 1, 8},
    {"txt is no array", MM_VIEW("{\"name\":\"a\",\"txt\":\"x\"}\n"), MM_E_SYNTAX, 1, 18},
    {"txt holds a number", MM_VIEW("{\"name\":\"a\",\"txt\":[1]}\n"), MM_E_SYNTAX, 1, 19},
    {"txt holds an array", MM_VIEW("{\"name\":\"a\",\"txt\":[[]]}\n"), MM_E_SYNTAX, 1, 19},
    {"unknown status", MM_VIEW("{\"name\":\"a\",\"status\":\"REFUSED\"}\n"), MM_E_SYNTAX, 1, 21},
    {"fraction of a second", MM_VIEW("{\"name\":\"a\",\"time\":1.5}\n"), MM_E_SYNTAX, 1, 19},
    {"time as a string", MM_VIEW("{\"name\":\"a\",\"time\":\"1\"}\n"), MM_E_SYNTAX, 1, 19},
    {"time beyond 64 bits", MM_VIEW("{\"name\":\"a\",\"time\":9223372036854775808}\n"), MM_E_SYNTAX,
     1, 19},
    {"time as an array", MM_VIEW("{\"name\":\"a\",\"from\":[]}\n"), MM_E_SYNTAX, 1, 19},
    {"window turned round", MM_VIEW("{\"name\":\"a\",\"from\":2,\"until\":1}\n"), MM_E_SYNTAX, 1,
     0},
    {"bad UTF-8", MM_VIEW("{\"name\":\"a\xff\"}\n"), MM_E_SYNTAX, 1, 10},
    {"bad escape", MM_VIEW("{\"name\":\"\\x\"}\n"), MM_E_SYNTAX, 1, 9},
    {"lone surrogate", MM_VIEW("{\"name\":\"a\",\"txt\":[\"\\ud800\"]}\n"), MM_E_SYNTAX, 1, 20},
    {"NUL", MM_VIEW("{\"name\":\"a\"}\0\n"), MM_E_SYNTAX, 1, 12},
    {"bad JSON in an unknown member", MM_VIEW("{\"name\":\"a\",\"x\":[1,]}\n"), MM_E_SYNTAX, 1, 19},
};

static void recorded_lines_are_refused_with_file_line_and_offset(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(refused); i++) {
        struct mm_txt_store *store = mm_txt_store_new();
        struct mm_error err = {.text = ""};
        char head[40];
        MM_CHECK_INT(refused[i].label,
                     mm_txt_store_add_text(store, refused[i].text, "r.ndjson", &err),
                     refused[i].status);
        snprintf(head, sizeof head, "r.ndjson:%u: ", refused[i].line);
        MM_CHECK_VIEW(refused[i].label,
                      ((struct mm_view){err.text, strnlen(err.text, strlen(head))}),
                      mm_view_of(head));
        MM_CHECK_INT(refused[i].label, err.offset, refused[i].offset);
        mm_txt_store_free(&store);
    }
}

static void recorded_limits_are_kept(void **state)
{
    (void)state;
    size_t cap = 1000 * 1000, n;
    char *text = malloc(cap);
    struct mm_txt_store *store = mm_txt_store_new();
    assert_non_null(text);

    n = (size_t)snprintf(text, cap, "{\"x\":");
    memset(text + n, '[', 100);
    MM_CHECK_INT("depth", mm_txt_store_add_text(store, (struct mm_view){text, n + 100}, "r", NULL),
                 MM_E_LIMIT);

    n = (size_t)snprintf(text, cap, "{\"name\":\"a\",\"txt\":[\"0\"");
    for (int i = 0; i < MM_TXT_RECORDS_MAX; i++)
        n += (size_t)snprintf(text + n, cap - n, ",\"%d\"", i);
    n += (size_t)snprintf(text + n, cap - n, "]}");
    MM_CHECK_INT("65 records", mm_txt_store_add_text(store, (struct mm_view){text, n}, "r", NULL),
                 MM_E_LIMIT);

    n = (size_t)snprintf(text, cap, "{\"name\":\"");
    memset(text + n, 'n', 256);
    n += 256;
    n += (size_t)snprintf(text + n, cap - n, "\"}");
    MM_CHECK_INT("name of 256", mm_txt_store_add_text(store, (struct mm_view){text, n}, "r", NULL),
                 MM_E_LIMIT);

    n = (size_t)snprintf(text, cap, "{\"name\":\"a\",\"txt\":[\"");
    memset(text + n, 'k', 65536);
    n += 65536;
    n += (size_t)snprintf(text + n, cap - n, "\"]}");
    MM_CHECK_INT("64 KiB", mm_txt_store_add_text(store, (struct mm_view){text, n}, "r", NULL),
                 MM_E_LIMIT);

    n = 0;
    for (int i = 0; i <= MM_TXT_ANSWERS_MAX; i++)
        n += (size_t)snprintf(text + n, cap - n, "{\"name\":\"a\",\"time\":%d}\n", i);
    MM_CHECK_INT("4097 answers", mm_txt_store_add_text(store, (struct mm_view){text, n}, "r", NULL),
                 MM_E_LIMIT);
    mm_txt_store_free(&store);
    free(text);
}

/* Which of several answers of one name is in force; each answer's record is its line's letter. */
static const struct {
    const char *label, *lines;
    int64_t at;
    const char *want; /* NULL: none */
} dated[] = {
    {"latest not after", "t100=A t200=B t300=C", 250, "B"},
    {"exactly then", "t100=A t200=B t300=C", 200, "B"},
    {"else the earliest", "t200=B t100=A t300=C", 50, "A"},
    {"after all", "t300=C t100=A t200=B", 1000, "C"},
    {"same time: the last line", "t100=A t100=B", 100, "B"},
    {"same time, all later", "t100=A t100=B", 1, "B"},
    {"no time at all: the last line", "=A =B", 5, "B"},
    {"undated counts as the oldest", "=A t100=B", 50, "A"},
    {"undated counts as the oldest", "=A t100=B", 100, "B"},
    {"negative times", "t-100=A t-50=B", -60, "A"},
    {"window holds", "f100u200=A f201u300=B", 200, "A"},
    {"window holds its ends", "f100u200=A f201u300=B", 201, "B"},
    {"open window", "f100=A u99=B", 7, "B"},
    {"no window holds", "f100u200=A", 201, NULL},
    {"window before time", "t300=A t100f0u500=B", 400, "B"},
    {"outside of the window, by time", "t300=A t100f0u200=B", 400, "A"},
    {"several windows, by time", "t1f0u500=A t2f0u500=B", 100, "B"},
};

static struct mm_view lines_of(const char *spec, char *text, size_t cap)
{
    size_t n = 0;
    while (*spec) {
        n += (size_t)snprintf(text + n, cap - n, "{\"name\":\"n\"");
        for (; *spec != '='; spec++) {
            const char *member = *spec == 't' ? "time" : *spec == 'f' ? "from" : "until";
            long value = strtol(spec + 1, (char **)&spec, 10);
            spec--;
            n += (size_t)snprintf(text + n, cap - n, ",\"%s\":%ld", member, value);
        }
        n += (size_t)snprintf(text + n, cap - n, ",\"txt\":[\"%c\"]}\n", spec[1]);
        spec += spec[2] ? 3 : 2;
    }
    return (struct mm_view){text, n};
}

static void dated_answers_are_in_force_in_their_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(dated); i++) {
        char text[1000];
        struct mm_txt_store *store =
            store_of(dated[i].label, lines_of(dated[i].lines, text, sizeof text));
        const struct mm_txt_answer *a = mm_txt_store_find(store, MM_VIEW("n"), dated[i].at);
        MM_CHECK_INT(dated[i].label, a->status,
                     dated[i].want ? MM_TXT_NOERROR : MM_TXT_NOT_RECORDED);
        if (dated[i].want)
            MM_CHECK_VIEW(dated[i].label, a->records[0], mm_view_of(dated[i].want));
        mm_txt_store_free(&store);
    }
}

static void damaged_recordings_never_read_out_of_bounds(void **state)
{
    (void)state;
    static const char whole[] =
        "{\"name\":\"s1.example\",\"type\":\"TXT\",\"status\":\"NOERROR\",\"time\":17,\"from\":1,"
        "\"until\":99,\"x\":[{}],\"txt\":[\"v=\\u00e9\\n\",\"\xc3\xa9\"]}\n{\"name\":\"b\"}\n";
    uint64_t seed = 5;
    for (int round = 0; round < 20000; round++) {
        char text[sizeof whole];
        memcpy(text, whole, sizeof whole);
        struct mm_view v = {text, mm_random(&seed) % sizeof whole};
        for (uint64_t n = mm_random(&seed) % 3; n && v.len > 1; n--)
            text[1 + mm_random(&seed) % (v.len - 1)] = (char)mm_random(&seed);
        struct mm_error err = {.offset = 0};
        struct mm_txt_store *store = mm_txt_store_new();
        if (mm_txt_store_add_text(store, v, "r", &err) != MM_OK)
            MM_CHECK_TRUE("offset within", err.offset <= v.len);
        mm_txt_store_free(&store);
    }
}

MM_TEST_MAIN(MM_TEST(recorded_lines_are_read), MM_TEST(authenticated_data_is_kept),
             MM_TEST(recorded_lines_are_refused_with_file_line_and_offset),
             MM_TEST(recorded_limits_are_kept), MM_TEST(dated_answers_are_in_force_in_their_time),
             MM_TEST(damaged_recordings_never_read_out_of_bounds))
