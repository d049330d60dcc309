/*
 * test_auth_authres_field.c - the Authentication-Results field: its text, its folds, hostile
 * values.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "auth/authres_field.h"

#include "support/mm_test.h"

#define ID     MM_VIEW("mx.example.com")
#define OPENED "Authentication-Results: mx.example.com; "

static struct mm_view field_of(struct mm_view id, const struct mm_dkim_verdict *verdict,
                               enum mm_authres_form form)
{
    static char text[65536];
    size_t length;
    struct mm_error err;
    enum mm_status st =
        mm_authentication_results(id, verdict, form, text, sizeof text, &length, &err);
    return st == MM_OK ? (struct mm_view){text, length} : mm_view_of(mm_status_text(st));
}

static struct mm_dkim_signature passing(const char *b)
{
    return (struct mm_dkim_signature){.result = MM_DKIM_PASS,
                                      .domain = MM_VIEW("example.com"),
                                      .auid = MM_VIEW("@mail.example.com"),
                                      .selector = MM_VIEW("s1"),
                                      .algorithm = MM_VIEW("rsa-sha256"),
                                      .b = mm_view_of(b)};
}

static struct mm_dkim_verdict verdict_of(struct mm_dkim_signature *signatures, uint32_t count)
{
    return (struct mm_dkim_verdict){
        .result = MM_DKIM_PASS, .signatures = signatures, .count = count};
}

static void field_says_one_result_for_each_signature(void **state)
{
    (void)state;
    struct mm_dkim_signature s[] = {
        passing("dzdVy\r\n OfAAbc"),
        passing("AB+/CD==xx"),
        {.result = MM_DKIM_FAIL, .reason = MM_REASON_BODY_HASH, .domain = MM_VIEW("example.net")},
        {.result = MM_DKIM_PERMERROR, .reason = MM_REASON_NO_BH}};
    struct mm_dkim_verdict v = verdict_of(s, 1);
    MM_CHECK_VIEW("one", field_of(ID, &v, MM_AUTHRES_UNFOLDED),
                  MM_VIEW(OPENED "dkim=pass header.d=example.com header.i=@mail.example.com "
                                 "header.s=s1 header.a=rsa-sha256 header.b=dzdVyOfA"));
    s[1].uncovered_bytes = 12;
    s[1].auid = (struct mm_view){NULL, 0};
    v = verdict_of(s, 4);
    v.skipped = 3;
    MM_CHECK_VIEW("four", field_of(ID, &v, MM_AUTHRES_UNFOLDED),
                  MM_VIEW(OPENED "dkim=pass header.d=example.com header.i=@mail.example.com "
                                 "header.s=s1 header.a=rsa-sha256 header.b=dzdVyOfA; "
                                 "dkim=pass (12 bytes of the body are not signed) "
                                 "header.d=example.com header.i=@example.com "
                                 "header.s=s1 header.a=rsa-sha256 header.b=\"AB+/CD==\"; "
                                 "dkim=fail reason=\"body-hash-mismatch\" header.d=example.net "
                                 "header.i=@example.net; dkim=permerror reason=\"missing-bh\" "
                                 "(3 more signatures were not looked at)"));
    v = (struct mm_dkim_verdict){.result = MM_DKIM_NONE};
    MM_CHECK_VIEW("none", field_of(ID, &v, MM_AUTHRES_UNFOLDED), MM_VIEW(OPENED "dkim=none"));
    MM_CHECK_VIEW("none, with a line end", field_of(ID, &v, MM_AUTHRES_CRLF),
                  MM_VIEW(OPENED "dkim=none\r\n"));
}

/* ---- values ---- */

static const struct {
    const char *label;
    struct mm_view value, written;
} values[] = {
    {"a domain", MM_VIEW("example.com"), MM_VIEW("example.com")},
    {"an underscore", MM_VIEW("_x.example.com"), MM_VIEW("_x.example.com")},
    {"an address", MM_VIEW("a.b@example.com"), MM_VIEW("a.b@example.com")},
    {"a local part with an escape", MM_VIEW("u=3Db/c?@example.com"),
     MM_VIEW("u=3Db/c?@example.com")},
    {"no local part", MM_VIEW("@x-1.example.com"), MM_VIEW("@x-1.example.com")},
    {"a local part that is no atom", MM_VIEW("a..b@example.com"), MM_VIEW("\"a..b\"@example.com")},
    {"a result behind a local part", MM_VIEW("x; dkim=pass@example.com"),
     MM_VIEW("\"x; dkim=pass\"@example.com")},
    {"two ats", MM_VIEW("a@b@example.com"), MM_VIEW("\"a@b\"@example.com")},
    {"a domain that is none", MM_VIEW("a@-example.com"), MM_VIEW("\"a@-example.com\"")},
    {"a domain of one label", MM_VIEW("@localhost"), MM_VIEW("\"@localhost\"")},
    {"a dot at the end", MM_VIEW("a@example.com."), MM_VIEW("\"a@example.com.\"")},
    {"a second result", MM_VIEW("x; dkim=pass header.d=bank.example"),
     MM_VIEW("\"x; dkim=pass header.d=bank.example\"")},
    {"an end of the quotes", MM_VIEW("x\"; dkim=pass y=\""),
     MM_VIEW("\"x\\\"; dkim=pass y=\\\"\"")},
    {"an escape at the end", MM_VIEW("x\\"), MM_VIEW("\"x\\\\\"")},
    {"an escaped quote", MM_VIEW("x\\\""), MM_VIEW("\"x\\\\\\\"\"")},
    {"a comment", MM_VIEW("x(y"), MM_VIEW("\"x(y\"")},
    {"an end of a comment", MM_VIEW("x)y"), MM_VIEW("\"x)y\"")},
    {"a line", MM_VIEW("x\r\nBcc: y"), MM_VIEW("\"x??Bcc: y\"")},
    {"a fold", MM_VIEW("x\r\n y"), MM_VIEW("\"x?? y\"")},
    {"a lone LF and a tab", MM_VIEW("x\ny\tz"), MM_VIEW("\"x?y?z\"")},
    {"a NUL", MM_VIEW("x\0y"), MM_VIEW("\"x?y\"")},
    {"a NUL in a local part", MM_VIEW("x\0y@example.com"), MM_VIEW("\"x?y\"@example.com")},
    {"an escape sequence", MM_VIEW("\033[2J"), MM_VIEW("\"?[2J\"")},
    {"DEL", MM_VIEW("a\177b"), MM_VIEW("\"a?b\"")},
    {"a U-label", MM_VIEW("b\303\274cher.example"), MM_VIEW("\"b\303\274cher.example\"")},
    {"a UTF-8 local part", MM_VIEW("\303\274@example.com"), MM_VIEW("\"\303\274\"@example.com")},
    {"an ideographic blank", MM_VIEW("a\343\200\200b"), MM_VIEW("\"a\343\200\200b\"")},
    {"Latin-1", MM_VIEW("b\374cher"), MM_VIEW("\"b?cher\"")},
    {"half a character", MM_VIEW("a\303"), MM_VIEW("\"a?\"")},
    {"a C1 control", MM_VIEW("a\302\233b"), MM_VIEW("\"a?b\"")},
    {"a line separator", MM_VIEW("a\342\200\250b"), MM_VIEW("\"a?b\"")},
    {"right to left", MM_VIEW("a\342\200\256b"), MM_VIEW("\"a?b\"")},
    {"a slash and an equals", MM_VIEW("a/b="), MM_VIEW("\"a/b=\"")},
};

/* The value in each place that a message fills. */
static void no_value_leaves_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(values); i++) {
        struct mm_guard g = mm_guard_copy(values[i].value);
        struct mm_dkim_signature s[] = {{.domain = g.view, .auid = MM_VIEW("i")},
                                        {.auid = g.view},
                                        {.selector = g.view},
                                        {.algorithm = g.view}};
        static const char *const names[] = {"header.d=", "header.i=", "header.s=", "header.a="};
        for (size_t k = 0; k < MM_COUNT(s); k++) {
            char want[256];
            s[k].result = MM_DKIM_FAIL;
            struct mm_dkim_verdict v = verdict_of(&s[k], 1);
            int n = snprintf(want, sizeof want, OPENED "dkim=fail %s%.*s%s", names[k],
                             (int)values[i].written.len, values[i].written.data,
                             k == 0 ? " header.i=i" : "");
            MM_CHECK_VIEW(values[i].label, field_of(ID, &v, MM_AUTHRES_UNFOLDED),
                          ((struct mm_view){want, (size_t)n}));
        }
        mm_guard_free(&g);
    }
}

static void value_that_is_too_long_is_left_out(void **state)
{
    (void)state;
    char text[MM_AUTHRES_VALUE_MAX + 1], want[2048];
    struct mm_dkim_signature s = {.result = MM_DKIM_FAIL};
    struct mm_dkim_verdict v = verdict_of(&s, 1);
    memset(text, 'a', sizeof text);
    s.selector = (struct mm_view){text, sizeof text};
    MM_CHECK_VIEW("one too many", field_of(ID, &v, MM_AUTHRES_UNFOLDED),
                  MM_VIEW(OPENED "dkim=fail"));
    s.selector.len--;
    snprintf(want, sizeof want, OPENED "dkim=fail header.s=%.320s", text);
    MM_CHECK_VIEW("just enough", field_of(ID, &v, MM_AUTHRES_UNFOLDED), mm_view_of(want));
    memset(text, '"', sizeof text);
    MM_CHECK_INT("all of them escaped", field_of(ID, &v, MM_AUTHRES_UNFOLDED).len,
                 sizeof OPENED - 1 + strlen("dkim=fail header.s=\"\"") + 640);
    /* "@" and d= would be one byte too many. */
    memset(text, 'a', sizeof text);
    s.domain = (struct mm_view){text, sizeof text - 1};
    s.selector.len = 0;
    snprintf(want, sizeof want, OPENED "dkim=fail header.d=%.320s", text);
    MM_CHECK_VIEW("d= that fits, i= that does not", field_of(ID, &v, MM_AUTHRES_UNFOLDED),
                  mm_view_of(want));
}

/* ---- folds ---- */

/* Lines end as asked, begin with a blank, are short unless a single piece is long, and unfold to
 * the unfolded form. */
static void check_folds(const char *label, const struct mm_dkim_verdict *v, const char *eol,
                        enum mm_authres_form form)
{
    static char flat[65536], unfolded[65536];
    struct mm_view one = field_of(ID, v, MM_AUTHRES_UNFOLDED);
    memcpy(flat, one.data, one.len);
    one.data = flat;
    struct mm_view text = field_of(ID, v, form);
    size_t out = 0;
    MM_CHECK_TRUE(label, mm_view_ends(text, mm_view_of(eol)));
    for (size_t at = 0; at < text.len;) {
        const char *end = memmem(text.data + at, text.len - at, eol, strlen(eol));
        MM_CHECK_TRUE(label, end != NULL);
        struct mm_view line = {text.data + at, (size_t)(end - text.data) - at};
        MM_CHECK_TRUE(label, at == 0 || line.data[0] == ' ');
        MM_CHECK_TRUE(label, line.len <= 78 || !memchr(line.data + 1, ' ', line.len - 1));
        memcpy(unfolded + out, line.data, line.len);
        out += line.len;
        at += line.len + strlen(eol);
    }
    MM_CHECK_VIEW(label, ((struct mm_view){unfolded, out}), one);
}

static void folds_are_between_values_only(void **state)
{
    (void)state;
    char label[32], local[200];
    struct mm_dkim_signature s[] = {passing("AAAAAAAAA"), passing("AAAAAAAAB"),
                                    passing("CCCCCCCC")};
    struct mm_dkim_verdict v = verdict_of(s, 3);
    memset(local, 'x', sizeof local);
    for (size_t n = 1; n < sizeof local; n++) {
        snprintf(label, sizeof label, "%zu bytes", n);
        s[0].auid = s[2].selector = (struct mm_view){local, n};
        check_folds(label, &v, "\r\n", MM_AUTHRES_CRLF);
        check_folds(label, &v, "\n", MM_AUTHRES_LF);
    }
    v = (struct mm_dkim_verdict){.result = MM_DKIM_NONE};
    check_folds("none", &v, "\n", MM_AUTHRES_LF);
}

static void folded_field_reads_well(void **state)
{
    (void)state;
    struct mm_dkim_signature s[] = {passing("AAAAAAAAA"), passing("BBBBBBBB")};
    struct mm_dkim_verdict v = verdict_of(s, 2);
    MM_CHECK_VIEW("two", field_of(ID, &v, MM_AUTHRES_LF),
                  MM_VIEW("Authentication-Results: mx.example.com;\n"
                          " dkim=pass header.d=example.com header.i=@mail.example.com header.s=s1\n"
                          " header.a=rsa-sha256 header.b=AAAAAAAA;\n"
                          " dkim=pass header.d=example.com header.i=@mail.example.com header.s=s1\n"
                          " header.a=rsa-sha256 header.b=BBBBBBBB\n"));
}

/* ---- who says so ---- */

static const struct {
    const char *label;
    struct mm_view id;
    bool valid;
} ids[] = {
    {"a host", MM_VIEW("mx1.example.com"), true},
    {"a name of our own", MM_VIEW("example-auth_1"), true},
    {"a number", MM_VIEW("1"), true},
    {"nothing", MM_VIEW(""), false},
    {"a blank", MM_VIEW("mx example"), false},
    {"a version behind it", MM_VIEW("mx 1"), false},
    {"a result behind it", MM_VIEW("mx;dkim=pass"), false},
    {"a comment", MM_VIEW("mx(x)"), false},
    {"quotes", MM_VIEW("\"mx\""), false},
    {"a slash", MM_VIEW("mx/2"), false},
    {"an at", MM_VIEW("a@mx"), false},
    {"a line", MM_VIEW("mx\r\nBcc: x"), false},
    {"a NUL", MM_VIEW("mx\0"), false},
    {"DEL", MM_VIEW("mx\177"), false},
    {"a U-label", MM_VIEW("b\303\274cher.example"), false},
};

static void authserv_id_is_a_token(void **state)
{
    (void)state;
    char longest[MM_AUTHSERV_ID_MAX_BYTES + 1];
    struct mm_dkim_verdict v = {.result = MM_DKIM_NONE};
    for (size_t i = 0; i < MM_COUNT(ids); i++) {
        struct mm_guard g = mm_guard_copy(ids[i].id);
        MM_CHECK_INT(ids[i].label, mm_authserv_id_is_valid(g.view), ids[i].valid);
        if (!ids[i].valid)
            MM_CHECK_VIEW(ids[i].label, field_of(g.view, &v, MM_AUTHRES_LF),
                          mm_view_of(mm_status_text(MM_E_ARG)));
        mm_guard_free(&g);
    }
    memset(longest, 'a', sizeof longest);
    MM_CHECK_INT("253", mm_authserv_id_is_valid((struct mm_view){longest, 253}), true);
    MM_CHECK_INT("254", mm_authserv_id_is_valid((struct mm_view){longest, 254}), false);
}

static const struct {
    const char *label;
    struct mm_view value;
    bool claims;
} claims[] = {
    {"ours", MM_VIEW(" mx.example.com; dkim=pass"), true},
    {"no blank", MM_VIEW("mx.example.com;none"), true},
    {"another case", MM_VIEW(" MX.Example.COM; none"), true},
    {"a version", MM_VIEW(" mx.example.com 1; none"), true},
    {"folded", MM_VIEW("\r\n\t mx.example.com\r\n ;none"), true},
    {"a comment before", MM_VIEW(" (a (nested \\) one)) (b)mx.example.com; none"), true},
    {"a comment behind", MM_VIEW(" mx.example.com(x); none"), true},
    {"quoted", MM_VIEW(" \"mx.example.com\"; none"), true},
    {"quoted with escapes", MM_VIEW(" \"mx\\.example.c\\om\" 1; none"), true},
    {"the name and nothing else", MM_VIEW(" mx.example.com"), true},
    {"another", MM_VIEW(" mx.example.org; dkim=pass"), false},
    {"another that begins so", MM_VIEW(" mx.example.com.evil.example; none"), false},
    {"another that ends so", MM_VIEW(" a.mx.example.com; none"), false},
    {"another quoted", MM_VIEW(" \"mx.example.com \"; none"), false},
    {"ours in a comment", MM_VIEW(" (mx.example.com) mx.example.org; none"), false},
    {"ours in a value", MM_VIEW(" other; spf=pass smtp.mailfrom=mx.example.com"), false},
    {"none at all, as some write it", MM_VIEW(" spf=pass smtp.mailfrom=example.com"), false},
    {"empty", MM_VIEW(""), true},
    {"blank", MM_VIEW(" \r\n "), true},
    {"a comment without end", MM_VIEW(" (mx.example.com; dkim=pass"), true},
    {"a comment that ends in an escape", MM_VIEW(" (mx.example.org\\"), true},
    {"quotes without end", MM_VIEW(" \"mx.example.org"), true},
    {"quotes that end in an escape", MM_VIEW(" \"mx.example.org\\"), true},
    {"a result and no name", MM_VIEW(" ;dkim=pass"), true},
    {"a NUL in it", MM_VIEW(" mx.exam\0ple.com; none"), true},
    {"a NUL behind it", MM_VIEW(" mx.example.com\0; none"), true},
    {"a control byte in quotes", MM_VIEW(" \"mx\001\"; none"), true},
    {"quotes within a name", MM_VIEW(" mx.\"example\".com; none"), true},
    {"an encoded word", MM_VIEW(" =?utf-8?q?mx.example.com?=; dkim=pass"), true},
    {"an encoded word, base64", MM_VIEW(" =?us-ascii?B?bXguZXhhbXBsZS5jb20=?=; none"), true},
    {"an encoded word of another", MM_VIEW(" =?utf-8?q?mx.example.org?=; none"), true},
    {"an encoded word in it", MM_VIEW(" mx.=?utf-8?q?example?=.com; none"), true},
    {"an encoded word at its end", MM_VIEW(" mx.example.com=?utf-8?q?_?="), true},
    {"an encoded word in quotes", MM_VIEW(" \"=?utf-8?q?mx.example.com?=\"; none"), true},
    {"one that escapes make", MM_VIEW(" \"\\=\\?utf-8?q?mx.example.com?=\"; none"), true},
    {"one that ends a comment", MM_VIEW(" (=?utf-8?q?)_mx.example.com;_(?=) mx.example.org"), true},
    {"an encoded word behind it", MM_VIEW(" mx.example.org (=?utf-8?q?mx.example.com?=)"), false},
    {"an encoded word as a result", MM_VIEW(" mx.example.org; =?utf-8?q?x?="), false},
    {"an encoded word behind quotes", MM_VIEW(" \"mx.example.org\" =?utf-8?q?x?="), false},
    {"equals and a question mark apart", MM_VIEW(" a=b?c?=d; none"), false},
    {"an equals at the end", MM_VIEW(" mx.example.org="), false},
    {"wide letters", MM_VIEW(" \357\275\215\357\275\230.example.com; none"), true},
    {"an ideographic full stop", MM_VIEW(" mx\343\200\202example.com; none"), true},
    {"a soft hyphen", MM_VIEW(" mx.exam\302\255ple.com; none"), true},
    {"a blank that is no ASCII", MM_VIEW(" \302\240mx.example.com; none"), true},
    {"a wide semicolon", MM_VIEW(" mx.example.com\357\274\233; none"), true},
    {"a control beyond ASCII", MM_VIEW(" mx.example.com\302\205; none"), true},
    {"right to left", MM_VIEW(" \342\200\256mx.example.com; none"), true},
    {"Latin-1", MM_VIEW(" mx.b\374cher.example; none"), true},
    {"half a character", MM_VIEW(" mx.example.com\303; none"), true},
    {"another in U-labels", MM_VIEW(" mx.b\303\274cher.example; none"), false},
    {"another in U-labels, quoted", MM_VIEW(" \"mx.b\303\274cher.example\" 1; none"), false},
};

static void field_that_claims_to_be_ours_is_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(claims); i++) {
        struct mm_guard g = mm_guard_copy(claims[i].value);
        MM_CHECK_INT(claims[i].label, mm_authres_claims(g.view, ID), claims[i].claims);
        mm_guard_free(&g);
    }
}

static const struct {
    const char *label;
    struct mm_view value;
    bool claims;
} u_label_claims[] = {
    {"A-labels", MM_VIEW(" mx.xn--bcher-kva.example; none"), true},
    {"A-labels in capitals", MM_VIEW(" MX.XN--BCHER-KVA.EXAMPLE; none"), true},
    {"U-labels", MM_VIEW(" mx.b\303\274cher.example; none"), true},
    {"U-labels in capitals", MM_VIEW(" MX.B\303\234CHER.Example; none"), true},
    {"a mark of its own", MM_VIEW(" mx.bu\314\210cher.example; none"), true},
    {"quoted", MM_VIEW(" \"mx.b\303\274cher.example\"; none"), true},
    {"quoted with an escape", MM_VIEW(" \"mx.b\\\303\274cher.example\"; none"), true},
    {"behind a comment", MM_VIEW(" (\303\274)mx.b\303\274cher.example(x); none"), true},
    {"another", MM_VIEW(" mx.b\303\266cher.example; none"), false},
    {"another in A-labels", MM_VIEW(" mx.xn--bcher-jva.example; none"), false},
    {"another without marks", MM_VIEW(" mx.bucher.example; none"), false},
};

static void u_labels_and_a_labels_are_the_same_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(u_label_claims); i++) {
        struct mm_guard g = mm_guard_copy(u_label_claims[i].value);
        MM_CHECK_INT(u_label_claims[i].label,
                     mm_authres_claims(g.view, MM_VIEW("mx.xn--bcher-kva.example")),
                     u_label_claims[i].claims);
        MM_CHECK_INT(u_label_claims[i].label,
                     mm_authres_claims(g.view, MM_VIEW("mx.b\303\274cher.example")),
                     u_label_claims[i].claims);
        mm_guard_free(&g);
    }
}

/* Quoted or not, and of single bytes or U-labels: no byte too many is kept or read. */
static void id_that_is_too_long_counts_as_ours(void **state)
{
    enum { MAX_BYTES = 1012 };
    static const struct {
        const char *label;
        char fill;
        bool quoted, long_enough;
    } texts[] = {{"bare", 'a', false, false},
                 {"quoted", 'a', true, false},
                 {"bare, no UTF-8", '\200', false, true},
                 {"quoted, no UTF-8", '\200', true, true}};
    (void)state;
    for (size_t i = 0; i < MM_COUNT(texts); i++) {
        for (size_t n = MAX_BYTES - 1; n <= MAX_BYTES + 2; n++) {
            char text[MAX_BYTES + 4];
            size_t start = texts[i].quoted ? 1 : 0;
            memset(text, '"', sizeof text);
            memset(text + start, texts[i].fill, n);
            struct mm_guard g = mm_guard_copy((struct mm_view){text, n + 2 * start});
            MM_CHECK_INT(texts[i].label, mm_authres_claims(g.view, ID),
                         texts[i].long_enough || n > MAX_BYTES);
            mm_guard_free(&g);
        }
    }
}

static void what_we_write_is_known_as_ours(void **state)
{
    (void)state;
    struct mm_dkim_verdict v = {.result = MM_DKIM_NONE};
    struct mm_view name = MM_VIEW("Authentication-Results:");
    struct mm_view text = field_of(ID, &v, MM_AUTHRES_CRLF);
    struct mm_view value = mm_view_sub(text, name.len, text.len - name.len);
    MM_CHECK_TRUE("ours", mm_authres_claims(value, ID));
    MM_CHECK_TRUE("not another's", !mm_authres_claims(value, MM_VIEW("example.com")));
}

static void what_does_not_fit_says_how_much_it_is(void **state)
{
    (void)state;
    struct mm_dkim_verdict v = {.result = MM_DKIM_NONE};
    struct mm_error err;
    char out[sizeof OPENED "dkim=none"];
    size_t length = 0, all = sizeof out - 1;
    MM_CHECK_INT("nothing",
                 mm_authentication_results(ID, &v, MM_AUTHRES_UNFOLDED, NULL, 0, &length, &err),
                 MM_E_LIMIT);
    MM_CHECK_INT("nothing", length, all);
    MM_CHECK_INT(
        "one less",
        mm_authentication_results(ID, &v, MM_AUTHRES_UNFOLDED, out, all - 1, &length, NULL),
        MM_E_LIMIT);
    MM_CHECK_INT("just enough",
                 mm_authentication_results(ID, &v, MM_AUTHRES_UNFOLDED, out, all, &length, &err),
                 MM_OK);
}

MM_TEST_MAIN(MM_TEST(field_says_one_result_for_each_signature), MM_TEST(no_value_leaves_its_place),
             MM_TEST(value_that_is_too_long_is_left_out), MM_TEST(folds_are_between_values_only),
             MM_TEST(folded_field_reads_well), MM_TEST(authserv_id_is_a_token),
             MM_TEST(field_that_claims_to_be_ours_is_known),
             MM_TEST(u_labels_and_a_labels_are_the_same_name),
             MM_TEST(id_that_is_too_long_counts_as_ours), MM_TEST(what_we_write_is_known_as_ours),
             MM_TEST(what_does_not_fit_says_how_much_it_is))
