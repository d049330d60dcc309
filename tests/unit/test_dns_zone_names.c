/*
 * test_dns_zone_names.c - wildcards of master files answer as RFC 4592 says, and as a plain model
 * does. SPDX-License-Identifier: Apache-2.0
 */
#include "dns/recorded_line.h"
#include "dns/txt_store.h"
#include "dns/zone_names.h"
#include "support/mm_test.h"

/* The records of the answer, "+" between them; "-" where the files say nothing of the name, "loop"
 * for SERVFAIL. */
static const char *said_of(const struct mm_txt_store *store, const char *name, int64_t at)
{
    static char text[200];
    const struct mm_txt_answer *a = mm_txt_store_find(store, mm_view_of(name), at);
    if (a->status == MM_TXT_NOT_RECORDED)
        return "-";
    if (a->status != MM_TXT_NOERROR)
        return a->status == MM_TXT_SERVFAIL ? "loop" : mm_txt_status_word(a->status);
    size_t n = 0;
    for (size_t i = 0; i < a->record_count; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%.*s", i ? "+" : "",
                              (int)a->records[i].len, a->records[i].data);
    return text;
}

static void check_said(const struct mm_txt_store *store, const char *name, const char *want)
{
    MM_CHECK_VIEW(name, mm_view_of(said_of(store, name, 1700000000)), mm_view_of(want));
}

static void add(struct mm_txt_store *store, const char *text)
{
    struct mm_error err = {.text = ""};
    enum mm_status st = mm_txt_store_add_text(store, mm_view_of(text), "z", &err);
    MM_CHECK_VIEW("added", mm_view_of(err.text), MM_VIEW(""));
    MM_CHECK_INT("added", st, MM_OK);
}

/* RFC 4592 section 2.2.1, with TXT in the place of MX and SRV where an answer is asked for. */
static void the_zone_of_the_standard_is_answered_as_it_says(void **state)
{
    (void)state;
    struct mm_txt_store *s = mm_txt_store_new();
    add(s, "$ORIGIN example.\n"
           "example.                 3600 IN  SOA   ns. root. 1 2 3 4 5\n"
           "example.                 3600     NS    ns.example.com.\n"
           "example.                 3600     NS    ns.example.net.\n"
           "*.example.               3600     TXT   \"this is a wildcard\"\n"
           "*.example.               3600     MX    10 host1.example.\n"
           "sub.*.example.           3600     TXT   \"this is not a wildcard\"\n"
           "host1.example.           3600     A     192.0.2.1\n"
           "_ssh._tcp.host1.example. 3600     SRV   0 0 22 host1.example.\n"
           "_ssh._tcp.host2.example. 3600     SRV   0 0 22 host1.example.\n"
           "subdel.example.          3600     NS    ns.example.com.\n"
           "subdel.example.          3600     NS    ns.example.net.\n");
    check_said(s, "host3.example", "this is a wildcard");
    check_said(s, "HOST3.Example.", "this is a wildcard");
    check_said(s, "foo.bar.example", "this is a wildcard");
    check_said(s, "*.example", "this is a wildcard");
    check_said(s, "a.b.c.d.e.f.example", "this is a wildcard");
    check_said(s, "host1.example", "-");
    check_said(s, "sub.*.example", "this is not a wildcard");
    check_said(s, "_telnet._tcp.host1.example", "-");
    check_said(s, "_tcp.host1.example", "-");
    check_said(s, "_tcp.host2.example", "-");
    check_said(s, "host2.example", "-");
    check_said(s, "other.host2.example", "-");
    check_said(s, "host.subdel.example", "-");
    check_said(s, "subdel.example", "-");
    check_said(s, "ghost.*.example", "-");
    check_said(s, "*.*.example", "-");
    check_said(s, "example", "-");
    check_said(s, "com", "-");
    check_said(s, ".", "-");
    check_said(s, "xexample", "-");
    mm_txt_store_free(&s);
}

static const struct {
    const char *label, *zone, *name, *want;
} cases[] = {
    {"a key", "*._domainkey.a. TXT k\n", "s1._domainkey.a", "k"},
    {"a selector of two labels", "*._domainkey.a. TXT k\n", "s1.mx._domainkey.a", "k"},
    {"the parent has nothing", "*._domainkey.a. TXT k\n", "_domainkey.a", "-"},
    {"another parent", "*._domainkey.a. TXT k\n", "s1._domainkey.b", "-"},
    {"a name of its own comes first", "*.a. TXT k\nb.a. TXT own\n", "b.a", "own"},
    {"before and behind it", "b.a. TXT own\n*.a. TXT k\n", "c.a", "k"},
    {"a name of its own without TXT", "*.a. TXT k\nb.a. A 192.0.2.1\n", "b.a", "-"},
    {"and what is below it", "*.a. TXT k\nb.a. A 192.0.2.1\n", "c.b.a", "-"},
    {"an unknown type", "*.a. TXT k\nb.a. TYPE65400 \\# 0\n", "b.a", "-"},
    {"a blank owner", "*.a. TXT k\nb.a. (\n ) A 192.0.2.1\n\tMX 1 b.a.\n", "c.b.a", "-"},
    {"another class does not exist", "*.a. TXT k\nb.a. CH TXT x\n", "b.a", "k"},
    {"a class by number does", "*.a. TXT k\nb.a. CLASS1 A 192.0.2.1\n", "b.a", "-"},
    {"an empty name between", "*.a. TXT k\nd.c.b.a. TXT own\n", "c.b.a", "-"},
    {"and beside what is below it", "*.a. TXT k\nd.c.b.a. TXT own\n", "x.c.b.a", "-"},
    {"and at the top of it", "*.a. TXT k\nd.c.b.a. TXT own\n", "x.b.a", "-"},
    {"the nearest wildcard", "*.a. TXT far\n*.b.a. TXT near\n", "c.b.a", "near"},
    {"its parent is a name", "*.a. TXT far\n*.b.a. TXT near\n", "b.a", "-"},
    {"the nearest has no TXT", "*.a. TXT far\n*.b.a. A 192.0.2.1\n", "c.b.a", "-"},
    {"a wildcard without TXT", "*.a. A 192.0.2.1\n", "b.a", "-"},
    {"of the root", "* TXT k\n", "b.a", "k"},
    {"of the root, for no label", "* TXT k\n", ".", "-"},
    {"the root has its own", "@ TXT own\n* TXT k\n", ".", "own"},
    {"of an origin", "$ORIGIN b.a.\n* TXT k\n", "c.b.a", "k"},
    {"written \\*", "\\*.a. TXT k\n", "b.a", "k"},
    {"written \\042", "\\042.a. TXT k\n", "b.a", "k"},
    {"a label that begins so", "*x.a. TXT k\n", "yx.a", "-"},
    {"a label that ends so", "x*.a. TXT k\n", "xy.a", "-"},
    {"an asterisk and a dot in a label", "*\\.b.a. TXT k\n", "c.a", "-"},
    {"inside of a name", "b.*.a. TXT k\n", "b.c.a", "-"},
    {"but its parent is there", "b.*.a. TXT k\n*.a. TXT w\n", "b.c.a", "w"},
    {"two asterisks", "*.*.a. TXT k\n", "b.*.a", "k"},
    {"are no wildcard of a", "*.*.a. TXT k\n", "b.c.a", "-"},
    {"a dot in a label parts nothing", "*.a. TXT k\nx\\.b.a. A 192.0.2.1\n", "y.b.a", "k"},
    {"a backslash in a label, too", "*.a. TXT k\nx\\\\.b.a. A 192.0.2.1\n", "y.b.a", "-"},
    {"several records", "*.a. TXT k\n*.a. TXT l\n", "b.a", "k+l"},
    {"a CNAME", "*.a. CNAME k.b.\nk.b. TXT k\n", "x.a", "k"},
    {"of several labels", "*.a. CNAME k.b.\nk.b. TXT k\n", "y.x.a", "k"},
    {"to a wildcard", "*.a. CNAME k.b.\n*.b. TXT k\n", "x.a", "k"},
    {"into itself", "*.a. CNAME k.a.\n", "x.a", "loop"},
    {"to the wildcard's own name", "*.a. CNAME *.a.\n", "x.a", "loop"},
    {"out of itself", "*.a. CNAME k.a.\nk.a. TXT k\n", "x.a", "k"},
    {"to nowhere", "*.a. CNAME k.b.\n", "x.a", "-"},
    {"to a dot in a label", "*.a. CNAME y\\.b.a.\n*.b.a. TXT k\ny\\.b.a. TXT dot\n", "x.a", "dot"},
    {"a CNAME exists", "*.a. TXT k\nb.a. CNAME c.b.\n", "b.a", "-"},
    {"and blocks below", "*.a. TXT k\nb.a. CNAME c.b.\n", "x.b.a", "-"},
    {"a CNAME into a wildcard", "b. CNAME x.a.\n*.a. TXT k\n", "b", "k"},
    {"below a delegation", "*.a. TXT k\nb.a. NS ns.c.\nx.b.a. TXT glue\n", "y.b.a", "-"},
    {"held below a delegation", "*.a. TXT k\nb.a. NS ns.c.\nx.b.a. TXT held\n", "x.b.a", "held"},
    {"a wildcard below one", "b.a. NS ns.c.\n*.b.a. TXT held\n", "x.b.a", "held"},
};

static void wildcards_answer_where_no_name_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_txt_store *s = mm_txt_store_new();
        add(s, cases[i].zone);
        MM_CHECK_VIEW(cases[i].label, mm_view_of(said_of(s, cases[i].name, 0)),
                      mm_view_of(cases[i].want));
        mm_txt_store_free(&s);
    }
}

static void files_of_all_calls_are_one_tree_of_names(void **state)
{
    (void)state;
    struct mm_txt_store *s = mm_txt_store_new();
    add(s, "b.a. A 192.0.2.1\nc.a. TXT own\n");
    check_said(s, "x.a", "-");
    add(s, "*.a. TXT 1\n");
    check_said(s, "x.a", "1");
    check_said(s, "b.a", "-");
    check_said(s, "x.b.a", "-");
    check_said(s, "c.a", "own");
    add(s, "*.a. TXT 2\nc.a. MX 1 x.\nf.e.d.a. A 192.0.2.1\n");
    check_said(s, "x.a", "2");
    check_said(s, "c.a", "own");
    check_said(s, "e.d.a", "-");
    check_said(s, "x.e.d.a", "-");
    add(s, "x.a. TXT 3\n");
    check_said(s, "x.a", "3");
    check_said(s, "y.a", "2");
    check_said(s, "y.x.a", "-");
    mm_txt_store_free(&s);
}

static void recorded_answers_are_exact(void **state)
{
    (void)state;
    struct mm_txt_store *s = mm_txt_store_new();
    add(s, "{\"name\":\"*.a\",\"txt\":[\"recorded\"]}\n{\"name\":\"f.e.b\",\"txt\":[\"r\"]}\n");
    check_said(s, "*.a", "recorded");
    check_said(s, "x.a", "-");
    add(s, "*.b. TXT k\n");
    check_said(s, "f.e.b", "r");
    check_said(s, "e.b", "k");
    check_said(s, "x.e.b", "k");
    check_said(s, "x.a", "-");
    add(s, "{\"name\":\"x.b\",\"status\":\"NXDOMAIN\"}\n"
           "{\"name\":\"y.b\",\"txt\":[\"old\"],\"until\":1000}\n");
    check_said(s, "x.b", "NXDOMAIN");
    check_said(s, "z.b", "k");
    MM_CHECK_VIEW("in its time", mm_view_of(said_of(s, "y.b", 1000)), MM_VIEW("old"));
    MM_CHECK_VIEW("not in its time", mm_view_of(said_of(s, "y.b", 1001)), MM_VIEW("-"));
    add(s, "e.b. TXT z\n");
    check_said(s, "x.e.b", "-");
    add(s, "{\"name\":\"*.b\",\"txt\":[\"recorded\"]}\n");
    check_said(s, "*.b", "recorded");
    check_said(s, "z.b", "-");
    mm_txt_store_free(&s);
}

static void all_names_of_a_wildcard_have_its_answer(void **state)
{
    (void)state;
    struct mm_txt_store *s = mm_txt_store_new();
    add(s, "; x\n*.a. TXT k\n");
    size_t size = mm_txt_store_size(s);
    const struct mm_txt_answer *wild = mm_txt_store_find(s, MM_VIEW("*.a"), 0);
    MM_CHECK_TRUE("one answer", wild == mm_txt_store_find(s, MM_VIEW("b.a"), 0) &&
                                    wild == mm_txt_store_find(s, MM_VIEW("c.b.a"), 5));
    MM_CHECK_INT("its line", wild->line, 2);
    MM_CHECK_INT("no more than before", mm_txt_store_size(s), size);
    mm_txt_store_free(&s);
}

static void the_longest_names_are_answered(void **state)
{
    (void)state;
    char zone[600], name[300] = "";
    struct mm_txt_store *s = mm_txt_store_new();
    for (int i = 0; i < 126; i++)
        strcat(name, "x.");
    strcat(name, "a");
    add(s, "*.a. TXT k\n");
    check_said(s, name, "k");
    snprintf(zone, sizeof zone, "%s. A 192.0.2.1\n", name);
    add(s, zone);
    check_said(s, name, "-");
    check_said(s, name + 2, "-");
    check_said(s, "x.a", "-");
    check_said(s, "y.x.a", "-");
    check_said(s, "y.a", "k");
    name[0] = 'y';
    check_said(s, name, "-");
    mm_txt_store_free(&s);
    char labels[190];
    memset(labels, 'l', sizeof labels);
    labels[sizeof labels - 1] = labels[63] = labels[127] = '\0';
    labels[63] = labels[127] = '.'; /* 63 + 1 + 63 + 1 + 61 bytes */
    s = mm_txt_store_new();
    snprintf(zone, sizeof zone, "$ORIGIN %s.%.63s.\n@ A 192.0.2.1\n*.a. TXT k\n", labels, labels);
    add(s, zone);
    snprintf(name, sizeof name, "x.%s.%.63s", labels, labels); /* its wildcard would be as long */
    check_said(s, name, "-");
    mm_txt_store_free(&s);
}

static void parts_of_the_tree_are_found(void **state)
{
    (void)state;
    struct mm_zone_names names = {.nodes = {.slots = NULL}};
    char room[MM_ZONE_SOURCE_MAX_BYTES];
    size_t len;
    MM_CHECK_TRUE("nothing in it", !mm_zone_names_source(&names, MM_VIEW("x.a"), room, &len));
    MM_CHECK_INT("add", mm_zone_names_add(&names, MM_VIEW("c.b.a")), MM_OK);
    MM_CHECK_INT("again", mm_zone_names_add(&names, MM_VIEW("c.b.a")), MM_OK);
    MM_CHECK_TRUE("itself", !mm_zone_names_source(&names, MM_VIEW("c.b.a"), room, &len));
    MM_CHECK_TRUE("a parent", !mm_zone_names_source(&names, MM_VIEW("b.a"), room, &len));
    MM_CHECK_TRUE("the root", !mm_zone_names_source(&names, MM_VIEW(""), room, &len));
    static const struct {
        struct mm_view name, source;
    } sources[] = {
        {MM_VIEW("x.b.a"), MM_VIEW("*.b.a")},     {MM_VIEW("y.x.b.a"), MM_VIEW("*.b.a")},
        {MM_VIEW("x.c.b.a"), MM_VIEW("*.c.b.a")}, {MM_VIEW("x"), MM_VIEW("*")},
        {MM_VIEW("y\\.b.a"), MM_VIEW("*.a")},     {MM_VIEW("y\\\\.b.a"), MM_VIEW("*.b.a")},
        {MM_VIEW("x.b\\"), MM_VIEW("*")},         {MM_VIEW("x..a"), MM_VIEW("*.a")}};
    for (size_t i = 0; i < MM_COUNT(sources); i++) {
        MM_CHECK_TRUE("has one", mm_zone_names_source(&names, sources[i].name, room, &len));
        MM_CHECK_VIEW("source", ((struct mm_view){room, len}), sources[i].source);
    }
    mm_zone_names_deinit(&names);
    static const struct {
        struct mm_view name;
        bool is_wildcard;
    } forms[] = {{MM_VIEW("*"), true},    {MM_VIEW("*.a"), true},    {MM_VIEW("**.a"), false},
                 {MM_VIEW("a.*"), false}, {MM_VIEW("*\\.a"), false}, {MM_VIEW(""), false}};
    for (size_t i = 0; i < MM_COUNT(forms); i++)
        MM_CHECK_INT("wildcard", mm_zone_name_is_wildcard(forms[i].name), forms[i].is_wildcard);
}

/* ---- random zones, against a model that compares strings ---- */

enum { MODEL_NAMES = 12, MODEL_QUESTIONS = 60 };

struct model_name {
    char name[40];
    int kind; /* 0: A, 1: TXT, 2: both */
};

static void random_name(uint64_t *seed, char *out)
{
    static const char *const labels[] = {"a", "b", "*", "c"};
    size_t n = 0;
    for (uint64_t count = 1 + mm_random(seed) % 4; count; count--)
        n += (size_t)sprintf(out + n, "%s%s", n ? "." : "", labels[mm_random(seed) % 4]);
}

static bool is_at_or_below(const char *name, const char *top)
{
    size_t n = strlen(name), t = strlen(top);
    return t == 0 ||
           (n >= t && strcmp(name + n - t, top) == 0 && (n == t || name[n - t - 1] == '.'));
}

static bool exists(const struct model_name *zone, const char *name)
{
    for (int i = 0; i < MODEL_NAMES; i++)
        if (is_at_or_below(zone[i].name, name))
            return true;
    return false;
}

/* The first name's record that has TXT at exactly this name, or NULL. */
static const char *held(const struct model_name *zone, const char *name)
{
    for (int i = 0; i < MODEL_NAMES; i++)
        if (zone[i].kind != 0 && strcmp(zone[i].name, name) == 0)
            return zone[i].name;
    return NULL;
}

static const char *model_answer(const struct model_name *zone, const char *name)
{
    const char *own = held(zone, name);
    if (own || exists(zone, name))
        return own ? own : "-";
    const char *encloser = name;
    while (*encloser && !exists(zone, encloser)) {
        const char *dot = strchr(encloser, '.');
        encloser = dot ? dot + 1 : "";
    }
    char source[50];
    snprintf(source, sizeof source, "*%s%s", *encloser ? "." : "", encloser);
    own = held(zone, source);
    return own ? own : "-";
}

static void random_zones_answer_as_the_model_does(void **state)
{
    (void)state;
    uint64_t seed = 4592;
    size_t by_wildcard = 0;
    for (int round = 0; round < 1500; round++) {
        struct model_name zone[MODEL_NAMES];
        char text[MODEL_NAMES * 120], name[40];
        size_t n = 0;
        for (int i = 0; i < MODEL_NAMES; i++) {
            random_name(&seed, zone[i].name);
            zone[i].kind = (int)(mm_random(&seed) % 3);
            if (zone[i].kind != 1)
                n += (size_t)snprintf(text + n, sizeof text - n, "%s A 192.0.2.1\n", zone[i].name);
            if (zone[i].kind != 0) /* the record is the owner, so that it tells who answered */
                n += (size_t)snprintf(text + n, sizeof text - n, "%s TXT %s\n", zone[i].name,
                                      zone[i].name);
        }
        struct mm_txt_store *s = mm_txt_store_new();
        add(s, text);
        for (int i = 0; i < MODEL_QUESTIONS; i++) {
            random_name(&seed, name);
            const char *want = model_answer(zone, name);
            by_wildcard += want[0] == '*' && strcmp(want, name) != 0;
            MM_CHECK_VIEW(text, mm_view_of(said_of(s, name, 0)), mm_view_of(want));
        }
        mm_txt_store_free(&s);
    }
    MM_CHECK_TRUE("many of them by a wildcard", by_wildcard > 5000);
}

MM_TEST_MAIN(MM_TEST(the_zone_of_the_standard_is_answered_as_it_says),
             MM_TEST(wildcards_answer_where_no_name_is),
             MM_TEST(files_of_all_calls_are_one_tree_of_names), MM_TEST(recorded_answers_are_exact),
             MM_TEST(all_names_of_a_wildcard_have_its_answer),
             MM_TEST(the_longest_names_are_answered), MM_TEST(parts_of_the_tree_are_found),
             MM_TEST(random_zones_answer_as_the_model_does))
