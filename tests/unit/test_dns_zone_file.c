/*
 * test_dns_zone_file.c - master files that are read, and those that are refused with file and line.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dns/txt_store.h"
#include "dns/zone_lex.h"
#include "support/mm_test.h"

static const struct {
    const char *label;
    struct mm_view zone;
    const char *name;
    struct mm_view want[3]; /* its records; the first has no data: NOT_RECORDED */
} cases[] = {
    {"plain",
     MM_VIEW("a.example. 3600 IN TXT \"v=DKIM1; p=\"\n"),
     "a.example",
     {MM_VIEW("v=DKIM1; p=")}},
    {"no final line end", MM_VIEW("a.example. TXT x"), "a.example", {MM_VIEW("x")}},
    {"CRLF", MM_VIEW("a.example. TXT x\r\nb.example. TXT y\r\n"), "b.example", {MM_VIEW("y")}},
    {"strings are joined",
     MM_VIEW("a. TXT \"v=DKIM1; \" \"p=AB\"\t\"CD\" EF\n"),
     "a",
     {MM_VIEW("v=DKIM1; p=ABCDEF")}},
    {"strings without a blank between", MM_VIEW("a. TXT \"x\"\"y\"\n"), "a", {MM_VIEW("xy")}},
    {"class before TTL", MM_VIEW("a. IN 1h30m TXT x\n"), "a", {MM_VIEW("x")}},
    {"case of all words", MM_VIEW("A.Example. in txt X\n"), "a.EXAMPLE.", {MM_VIEW("X")}},
    {"relative to the root",
     MM_VIEW("s1._domainkey.example.com TXT x\n"),
     "s1._domainkey.example.com",
     {MM_VIEW("x")}},
    {"$ORIGIN",
     MM_VIEW("$ORIGIN example.com.\ns1._domainkey TXT x\n"),
     "s1._domainkey.example.com",
     {MM_VIEW("x")}},
    {"$ORIGIN relative to the last",
     MM_VIEW("$ORIGIN com.\n$origin example\na TXT x\n"),
     "a.example.com",
     {MM_VIEW("x")}},
    {"$ORIGIN .", MM_VIEW("$ORIGIN com.\n$ORIGIN .\na TXT x\n"), "a", {MM_VIEW("x")}},
    {"@", MM_VIEW("$ORIGIN example.com.\n@ TXT x\n"), "example.com", {MM_VIEW("x")}},
    {"@ of the root", MM_VIEW("@ TXT x\n"), ".", {MM_VIEW("x")}},
    {"blank owner",
     MM_VIEW("a. TXT x\n\tTXT y\n  \n ; z\n 60 IN TXT z\n"),
     "a",
     {MM_VIEW("x"), MM_VIEW("y"), MM_VIEW("z")}},
    {"equal records count once", MM_VIEW("a. TXT x\na. TXT \"x\"\n"), "a", {MM_VIEW("x")}},
    {"owner comes back later",
     MM_VIEW("a. TXT x\nb. TXT y\nA. TXT z\n"),
     "a",
     {MM_VIEW("x"), MM_VIEW("z")}},
    {"parentheses",
     MM_VIEW("a. IN ( ; why\n TXT \"p=\" ; not done\n\n\"AB\"\n) ; done\nb. TXT y\n"),
     "a",
     {MM_VIEW("p=AB")}},
    {"behind parentheses", MM_VIEW("a. TXT (x\n)\nb. TXT y\n"), "b", {MM_VIEW("y")}},
    {"special bytes in quotes", MM_VIEW("a. TXT \"( ; ) @ $\"\n"), "a", {MM_VIEW("( ; ) @ $")}},
    {"escapes", MM_VIEW("a. TXT \"\\\"\\\\\\065\\000\\255\\;\"\n"), "a", {MM_VIEW("\"\\A\0\xff;")}},
    {"escapes in a bare word",
     MM_VIEW("a. TXT v=DKIM1\\;\\032p=\n"),
     "a",
     {MM_VIEW("v=DKIM1; p=")}},
    {"escape behind a joined string",
     MM_VIEW("a. TXT \"\\065\" \"\\066\" C\n"),
     "a",
     {MM_VIEW("ABC")}},
    {"comment against a word", MM_VIEW("a. TXT x;y\n"), "a", {MM_VIEW("x")}},
    {"empty string", MM_VIEW("a. TXT \"\"\n"), "a", {MM_VIEW("")}},
    {"empty strings first", MM_VIEW("a. TXT \"\" \"x\"\n"), "a", {MM_VIEW("x")}},
    {"bytes above ASCII",
     MM_VIEW("a. TXT \"caf\xc3\xa9\xff\"\n"),
     "a",
     {MM_VIEW("caf\xc3\xa9\xff")}},
    {"tab in quotes", MM_VIEW("a. TXT \"x\ty\"\n"), "a", {MM_VIEW("x\ty")}},
    {"other types",
     MM_VIEW("a. SOA x. y. 1 2 3 4 5\na. MX 10 b.\na. TYPE65 \\# 1 00\na. TXT x\n"),
     "a",
     {MM_VIEW("x")}},
    {"other types only", MM_VIEW("a. A 192.0.2.1\n"), "a", {MM_VIEW("")}},
    {"type and class by their numbers",
     MM_VIEW("a. 60 class1 Type16 x\nb. CLASS1 TYPE5 a.\n"),
     "b",
     {MM_VIEW("x")}},
    {"other classes by their numbers", MM_VIEW("a. CLASS3 TXT x\n"), "a", {MM_VIEW("")}},
    {"a byte order mark",
     MM_VIEW("\xef\xbb\xbf"
             "a. TXT x\n"),
     "a",
     {MM_VIEW("x")}},
    {"one and a blank owner",
     MM_VIEW("\xef\xbb\xbf; x\na. TXT x\n TXT y\n"),
     "a",
     {MM_VIEW("x"), MM_VIEW("y")}},
    {"other classes", MM_VIEW("a. CH TXT x\n"), "a", {MM_VIEW("")}},
    {"numeric owner", MM_VIEW("20230601 TXT x\n"), "20230601", {MM_VIEW("x")}},
    {"owner that looks like a class", MM_VIEW("IN TXT x\n"), "in", {MM_VIEW("x")}},
    {"label with a dot in it", MM_VIEW("a\\.b.c. TXT x\n"), "a.b.c", {MM_VIEW("")}},
    {"label with an escaped letter", MM_VIEW("\\065\\b.c. TXT x\n"), "ab.c", {MM_VIEW("x")}},
    {"wildcard is expanded", MM_VIEW("*.a. TXT x\n"), "b.a", {MM_VIEW("x")}},
    {"wildcard by its name", MM_VIEW("*.a. TXT x\n"), "*.a", {MM_VIEW("x")}},
    {"CNAME", MM_VIEW("a. CNAME b.c.\n$ORIGIN c.\nb TXT x\n"), "a", {MM_VIEW("x")}},
    {"CNAME to nowhere", MM_VIEW("a. CNAME b.\n"), "a", {MM_VIEW("")}},
    {"same CNAME twice", MM_VIEW("a. CNAME b.\na. CNAME B.\nb. TXT x\n"), "a", {MM_VIEW("x")}},
    {"comments only", MM_VIEW("; nothing\n\n   ; here\n"), "a", {MM_VIEW("")}},
    {"nothing", MM_VIEW(""), "a", {MM_VIEW("")}},
};

/* An empty first record stands for "none", but for the cases that are about an empty one. */
static size_t records_wanted(size_t i)
{
    if (cases[i].want[0].len == 0)
        return strncmp(cases[i].label, "empty string", 12) == 0 ? 1 : 0;
    size_t n = 1;
    while (n < 3 && cases[i].want[n].data)
        n++;
    return n;
}

static void zone_files_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_txt_store *store = mm_txt_store_new();
        struct mm_error err = {.text = ""};
        enum mm_status st = mm_txt_store_add_text(store, cases[i].zone, "z", &err);
        MM_CHECK_VIEW(cases[i].label, mm_view_of(err.text), MM_VIEW(""));
        MM_CHECK_INT(cases[i].label, st, MM_OK);
        const struct mm_txt_answer *a =
            mm_txt_store_find(store, mm_view_of(cases[i].name), 1700000000);
        size_t want = records_wanted(i);
        MM_CHECK_INT(cases[i].label, a->status, want ? MM_TXT_NOERROR : MM_TXT_NOT_RECORDED);
        MM_CHECK_INT(cases[i].label, a->record_count, want);
        for (size_t r = 0; r < want; r++)
            MM_CHECK_VIEW(cases[i].label, a->records[r], cases[i].want[r]);
        mm_txt_store_free(&store);
    }
}

static const struct {
    const char *label;
    struct mm_view zone;
    uint32_t line;
    uint64_t offset;
    const char *words;
} refused[] = {
    {"no type", MM_VIEW("; one\na. 3600 IN\n"), 2, 6, "no type"},
    {"no data", MM_VIEW("a. TXT\n"), 1, 0, "without a string"},
    {"no data in parentheses", MM_VIEW("a. TXT ( ; \n)\n"), 1, 0, "without a string"},
    {"type with a digit first", MM_VIEW("a. IN 1h 2h TXT x\n"), 1, 9, "not a type"},
    {"type that is none", MM_VIEW("a. \\TXT x\n"), 1, 3, "not a type"},
    {"blank owner first", MM_VIEW("\n TXT x\n"), 2, 2, "no owner"},
    {"open quote", MM_VIEW("a. TXT \"x\nb. TXT y\n"), 1, 7, "no closing quote"},
    {"open quote at the end", MM_VIEW("a. TXT \"x"), 1, 7, "no closing quote"},
    {"quote inside a word", MM_VIEW("a. TXT x\"y\"\n"), 1, 8, "quote inside"},
    {"quoted owner", MM_VIEW("\"a\" TXT x\n"), 1, 1, "quoted string"},
    {"quoted type", MM_VIEW("a. \"TXT\" x\n"), 1, 4, "quoted string"},
    {"open parenthesis", MM_VIEW("a. TXT (x\nb. TXT y\n"), 1, 7, "no closing paren"},
    {"closing parenthesis", MM_VIEW("a. TXT x\nb. TXT y)\n"), 2, 17, "closing parenthesis"},
    {"\\DDD above 255", MM_VIEW("a. TXT \"\\256\"\n"), 1, 8, "bad escape"},
    {"\\DDD of two digits", MM_VIEW("a. TXT \"\\25\"\n"), 1, 8, "bad escape"},
    {"\\D at the end", MM_VIEW("a. TXT \\1"), 1, 7, "bad escape"},
    {"backslash at the end", MM_VIEW("a. TXT x\\"), 1, 8, "bad escape"},
    {"backslash before the line end", MM_VIEW("a. TXT x\\\ny\n"), 1, 8, "bad escape"},
    {"NUL in quotes", MM_VIEW("a. TXT \"x\0\"\n"), 1, 9, "NUL"},
    {"NUL in a name", MM_VIEW("a\0b. TXT x\n"), 1, 1, "control byte"},
    {"$INCLUDE", MM_VIEW("$INCLUDE /etc/passwd\n"), 1, 0, "$INCLUDE"},
    {"$GENERATE", MM_VIEW("$GENERATE 1-9999999 a$ TXT x\n"), 1, 0, "unknown directive"},
    {"$ORIGIN without a name", MM_VIEW("$ORIGIN ; x\n"), 1, 0, "without a name"},
    {"$ORIGIN with two", MM_VIEW("$ORIGIN a. b.\n"), 1, 11, "more than belongs"},
    {"$TTL without a number", MM_VIEW("$TTL\n"), 1, 0, "without a number"},
    {"$TTL with a word", MM_VIEW("$TTL never\n"), 1, 5, "bad TTL"},
    {"huge $TTL", MM_VIEW("$TTL 2147483648\n"), 1, 5, "bad TTL"},
    {"huge TTL", MM_VIEW("a. 99999999999999999999999 TXT x\n"), 1, 3, "bad TTL"},
    {"huge TTL in weeks", MM_VIEW("a. 2147483647w TXT x\n"), 1, 3, "bad TTL"},
    {"unknown unit", MM_VIEW("a. 3y TXT x\n"), 1, 3, "bad TTL"},
    {"NUL as a unit", MM_VIEW("a. 3\0 TXT x\n"), 1, 4, "control byte"},
    {"empty label", MM_VIEW("a..b. TXT x\n"), 1, 0, "empty label"},
    {"leading dot", MM_VIEW(".a. TXT x\n"), 1, 0, "empty label"},
    {"generic data", MM_VIEW("a. TXT \\# 2 0141\n"), 1, 7, "RFC 3597"},
    {"generic data of a numbered type", MM_VIEW("a. TYPE16 \\# 2 0141\n"), 1, 10, "RFC 3597"},
    {"generic data of a CNAME", MM_VIEW("a. TYPE5 \\# 3 016200\n"), 1, 9, "RFC 3597"},
    {"numbered type after a byte order mark",
     MM_VIEW("\xef\xbb\xbf"
             "a. TYPE16\n"),
     1, 3, "without a string"},
    {"CNAME without a name", MM_VIEW("a. CNAME\n"), 1, 0, "CNAME without"},
    {"CNAME with two", MM_VIEW("a. CNAME b. c.\n"), 1, 12, "more than belongs"},
    {"two CNAMEs", MM_VIEW("a. CNAME b.\na. CNAME c.\n"), 2, 12, "CNAME beside"},
    {"TXT beside a CNAME", MM_VIEW("a. CNAME b.\na. TXT x\n"), 2, 12, "beside a CNAME"},
    {"CNAME beside a TXT", MM_VIEW("a. TXT x\na. CNAME b.\n"), 2, 9, "CNAME beside"},
};

static void zone_files_are_refused_with_file_line_and_offset(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(refused); i++) {
        struct mm_txt_store *store = mm_txt_store_new();
        struct mm_error err = {.text = ""};
        char head[40];
        MM_CHECK_INT(refused[i].label,
                     mm_txt_store_add_text(store, refused[i].zone, "dir/k.zone", &err),
                     MM_E_SYNTAX);
        snprintf(head, sizeof head, "dir/k.zone:%u: ", refused[i].line);
        MM_CHECK_VIEW(refused[i].label,
                      ((struct mm_view){err.text, strnlen(err.text, strlen(head))}),
                      mm_view_of(head));
        if (!strstr(err.text, refused[i].words))
            fail_msg("%s: '%s' does not say '%s'", refused[i].label, err.text, refused[i].words);
        MM_CHECK_INT(refused[i].label, err.offset, refused[i].offset);
        MM_CHECK_INT(refused[i].label, err.status, MM_E_SYNTAX);
        MM_CHECK_INT("without err", mm_txt_store_add_text(store, refused[i].zone, "z", NULL),
                     MM_E_SYNTAX);
        mm_txt_store_free(&store);
    }
}

static enum mm_status add(const char *text, struct mm_error *err)
{
    struct mm_txt_store *store = mm_txt_store_new();
    enum mm_status st = mm_txt_store_add_text(store, mm_view_of(text), "z", err);
    mm_txt_store_free(&store);
    return st;
}

static void zone_limits_are_kept(void **state)
{
    (void)state;
    struct mm_error err;
    size_t cap = 70 * 1000;
    char *text = malloc(cap), label[65];
    assert_non_null(text);
    memset(label, 'l', 64);
    label[64] = '\0';

    snprintf(text, cap, "%.63s. TXT x\n", label);
    MM_CHECK_INT("label of 63", add(text, &err), MM_OK);
    snprintf(text, cap, "%s. TXT x\n", label);
    MM_CHECK_INT("label of 64", add(text, &err), MM_E_SYNTAX);
    snprintf(text, cap, "%.63s.%.63s.%.63s.%.61s TXT x\n", label, label, label, label);
    MM_CHECK_INT("name of 253", add(text, &err), MM_OK);
    snprintf(text, cap, "%.63s.%.63s.%.63s.%.62s TXT x\n", label, label, label, label);
    MM_CHECK_INT("name of 254", add(text, &err), MM_E_SYNTAX);

    size_t n = (size_t)snprintf(text, cap, "a. TXT \"");
    memset(text + n, 'k', MM_TXT_RECORD_MAX_BYTES);
    memcpy(text + n + MM_TXT_RECORD_MAX_BYTES, "\"\n", 3);
    MM_CHECK_INT("record of 65535", add(text, &err), MM_OK);
    memcpy(text + n + MM_TXT_RECORD_MAX_BYTES, "k\"\n", 4);
    MM_CHECK_INT("record of 65536", add(text, &err), MM_E_LIMIT);
    MM_CHECK_INT("its offset", err.offset, 0);

    n = 0;
    for (int i = 0; i < MM_TXT_RECORDS_MAX; i++)
        n += (size_t)snprintf(text + n, cap - n, "a. TXT %d\n", i);
    MM_CHECK_INT("64 records", add(text, &err), MM_OK);
    snprintf(text + n, cap - n, "a. TXT last\n");
    MM_CHECK_INT("65 records", add(text, &err), MM_E_LIMIT);
    MM_CHECK_INT("their offset", err.offset, n);

    n = 0;
    for (int i = 0; i < 200; i++)
        n += (size_t)snprintf(text + n, cap - n, "$ORIGIN aaa\n");
    MM_CHECK_INT("an origin that grows for ever", add(text, &err), MM_E_SYNTAX);

    memset(text, '(', cap - 1);
    text[cap - 1] = '\0';
    MM_CHECK_INT("open parentheses", add(text, &err), MM_E_SYNTAX);
    free(text);
}

static void aliases_end_even_in_a_loop(void **state)
{
    (void)state;
    struct mm_txt_store *store = mm_txt_store_new();
    static const char zone[] = "a. CNAME b.\nb. CNAME c.\nc. CNAME a.\nself. CNAME self.\n";
    char chain[2000];
    size_t n = 0;
    for (int i = 0; i <= MM_TXT_ALIASES_MAX; i++)
        n += (size_t)snprintf(chain + n, sizeof chain - n, "n%d. CNAME n%d.\n", i, i + 1);
    snprintf(chain + n, sizeof chain - n, "n%d. TXT x\n", MM_TXT_ALIASES_MAX + 1);
    MM_CHECK_INT("loop", mm_txt_store_add_text(store, MM_VIEW(zone), "z", NULL), MM_OK);
    MM_CHECK_INT("chain", mm_txt_store_add_text(store, mm_view_of(chain), "z", NULL), MM_OK);
    MM_CHECK_INT("three", mm_txt_store_find(store, MM_VIEW("a"), 0)->status, MM_TXT_SERVFAIL);
    MM_CHECK_INT("one", mm_txt_store_find(store, MM_VIEW("self"), 0)->status, MM_TXT_SERVFAIL);
    MM_CHECK_INT("too long", mm_txt_store_find(store, MM_VIEW("n0"), 0)->status, MM_TXT_SERVFAIL);
    MM_CHECK_INT("16", mm_txt_store_find(store, MM_VIEW("n1"), 0)->status, MM_TXT_NOERROR);
    mm_txt_store_free(&store);
}

static void damaged_zones_never_read_out_of_bounds(void **state)
{
    (void)state;
    static const char whole[] =
        "$ORIGIN example.com.\n$TTL 1h\n@ IN SOA a. b. (1 2 3\n 4 5)\n"
        "s1._domainkey 60 IN TXT \"v=DKIM1; \\\"p=\\065\" ( \"x\" ; c\n y )\n"
        "\tTXT z\nc CNAME s1._domainkey\n*.d CNAME c\n*._domainkey TXT w\nx.e.d A 1\n";
    uint64_t seed = 3;
    for (int round = 0; round < 20000; round++) {
        char text[sizeof whole];
        memcpy(text, whole, sizeof whole);
        struct mm_view v = {text, mm_random(&seed) % sizeof whole};
        static const char odd[] = "\"\\();\n\r\0 $@.0*";
        for (uint64_t n = mm_random(&seed) % 4; n && v.len; n--)
            text[mm_random(&seed) % v.len] = odd[mm_random(&seed) % (sizeof odd - 1)];
        struct mm_error err = {.offset = 0};
        struct mm_txt_store *store = mm_txt_store_new();
        if (mm_txt_store_add_text(store, v, "z", &err) != MM_OK)
            MM_CHECK_TRUE("offset within", err.offset <= v.len);
        mm_txt_store_find(store, MM_VIEW("s1._domainkey.example.com"), 0);
        mm_txt_store_find(store, MM_VIEW("s2._domainkey.example.com"), 0);
        mm_txt_store_find(store, MM_VIEW("f.e.d.example.com"), 0);
        mm_txt_store_free(&store);
    }
}

MM_TEST_MAIN(MM_TEST(zone_files_are_read),
             MM_TEST(zone_files_are_refused_with_file_line_and_offset),
             MM_TEST(zone_limits_are_kept), MM_TEST(aliases_end_even_in_a_loop),
             MM_TEST(damaged_zones_never_read_out_of_bounds))
