/*
 * test_mail_mime.c - parts, their places, names and bodies; damage and limits.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "mail/mime.h"
#include "support/mm_test.h"

/* The tree as text: "type/subtype" of each part in order, with the parts of a part in brackets. */
static void write_tree(const struct mm_mime *mime, uint32_t from, uint32_t end, char *out,
                       size_t cap)
{
    for (uint32_t i = from; i < end; i = mime->parts[i].subtree_end) {
        const struct mm_mime_part *p = &mime->parts[i];
        size_t at = strlen(out);
        snprintf(out + at, cap - at, "%s%.*s/%.*s", i > from ? " " : "", (int)p->type.len,
                 p->type.data, (int)p->subtype.len, p->subtype.data);
        if (mm_mime_is_leaf(mime, i))
            continue;
        strncat(out, "[", cap - strlen(out) - 1);
        write_tree(mime, i + 1, p->subtree_end, out, cap);
        strncat(out, "]", cap - strlen(out) - 1);
    }
}

/* The bodies of all leaves, one behind the other, each in '|'. */
static void write_bodies(struct mm_mime *mime, struct mm_arena *arena, char *out, size_t cap)
{
    for (uint32_t i = 0; i < mime->count; i++) {
        struct mm_view body;
        if (!mm_mime_is_leaf(mime, i))
            continue;
        assert_int_equal(mm_mime_decode(&mime->parts[i], arena, &body, NULL), MM_OK);
        size_t at = strlen(out);
        snprintf(out + at, cap - at, "|%.*s|", (int)body.len, body.data);
    }
}

static const struct {
    const char *label, *message, *tree, *bodies;
} trees[] = {
    {"a text without a header field of MIME", "Subject: a\n\nbody\n", "text/plain", "|body\n|"},
    {"two parts, CRLF",
     "Content-Type: multipart/mixed; boundary=b\r\n\r\npre\r\n--b\r\n\r\none\r\n--b\r\n"
     "Content-Type: text/html\r\n\r\ntwo\r\n\r\n--b--\r\nepilogue",
     "multipart/mixed[text/plain text/html]", "|one||two\r\n|"},
    {"multiparts in multiparts",
     "Content-Type: multipart/mixed; boundary=out\n\n--out\nContent-Type: multipart/alternative; "
     "boundary=in\n\n--in\n\na\n--in\n\nb\n--in--\n--out\n\nc\n--out--\n",
     "multipart/mixed[multipart/alternative[text/plain text/plain] text/plain]", "|a||b||c|"},
    {"a boundary that is the beginning of another",
     "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; "
     "boundary=bb\n\n--bb\n\nx\n--bb--\n--b\n\ny\n--b--\n",
     "multipart/mixed[multipart/mixed[text/plain] text/plain]", "|x||y|"},
    {"the outer boundary begins with the inner one",
     "Content-Type: multipart/mixed; boundary=bb\n\n--bb\nContent-Type: multipart/mixed; "
     "boundary=b\n\n--b\n\nx\n--b--\n--bb\n\ny\n--bb--\n",
     "multipart/mixed[multipart/mixed[text/plain] text/plain]", "|x||y|"},
    {"no final boundary", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n",
     "multipart/mixed[text/plain text/plain]", "|one||two\n|"},
    {"an inner multipart without its end",
     "Content-Type: multipart/mixed; boundary=out\n\n--out\nContent-Type: multipart/mixed; "
     "boundary=in\n\n--in\n\na\n--out\n\nb\n--out--\n",
     "multipart/mixed[multipart/mixed[text/plain] text/plain]", "|a||b|"},
    {"blanks behind a boundary",
     "Content-Type: multipart/mixed; boundary=b\n\n--b \t\n\none\n--b-- \n",
     "multipart/mixed[text/plain]", "|one|"},
    {"something else behind a boundary is text",
     "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--bc\n--b-x\n--b--\n",
     "multipart/mixed[text/plain]", "|one\n--bc\n--b-x|"},
    {"bare CR", "Content-Type: multipart/mixed; boundary=b\r\r--b\r\rone\r--b\r\rtwo\r--b--\r",
     "multipart/mixed[text/plain text/plain]", "|one||two|"},
    {"bare CR in a text with LF is content", "Subject: a\n\none\rtwo\n", "text/plain",
     "|one\rtwo\n|"},
    {"mixed line ends", "Content-Type: multipart/mixed; boundary=b\r\n\n--b\n\r\none\r\n--b--\n",
     "multipart/mixed[text/plain]", "|one|"},
    {"a message in a message",
     "Content-Type: message/rfc822\n\nSubject: in\nContent-Type: text/html\n\nhi\n",
     "message/rfc822[text/html]", "|hi\n|"},
    {"a message in a message, encoded in base64",
     "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
     "U3ViamVjdDogaW4KQ29udGVudC1UeXBlOiB0ZXh0L2h0bWwKCmhpCg==\n",
     "message/rfc822[text/html]", "|hi\n|"},
    {"a message behind a separator line and empty lines",
     "Content-Type: message/rfc822\n\n\n\nSubject: in\n\nhi\n", "message/rfc822[text/plain]",
     "|hi\n|"},
    {"a quoted separator line", "Content-Type: message/rfc822\n\n>From a Mon\nSubject: in\n\nhi\n",
     "message/rfc822[text/plain]", "|hi\n|"},
    {"message/global", "Content-Type: message/global\n\nSubject: in\n\nhi\n",
     "message/global[text/plain]", "|hi\n|"},
    {"a digest's parts are messages",
     "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: in\n\nhi\n--b--\n",
     "multipart/digest[message/rfc822[text/plain]]", "|hi|"},
    {"a report and what it is about",
     "Content-Type: multipart/report; report-type=delivery-status; "
     "boundary=b\n\n--b\n\nsorry\n--b\n"
     "Content-Type: message/delivery-status\n\nReporting-MTA: dns;a\n\nAction: failed\n--b\n"
     "Content-Type: text/rfc822-headers\n\nSubject: x\n--b--\n",
     "multipart/report[text/plain message/delivery-status text/rfc822-headers]",
     "|sorry||Reporting-MTA: dns;a\n\nAction: failed||Subject: x|"},
    {"a multipart without a boundary is a leaf", "Content-Type: multipart/mixed\n\n--b\n\nx\n",
     "multipart/mixed", "|--b\n\nx\n|"},
    {"a boundary that never comes", "Content-Type: multipart/mixed; boundary=b\n\nx\n",
     "multipart/mixed", "|x\n|"},
    {"two boundaries in a row hold no part",
     "Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n\nx\n--b--\n",
     "multipart/mixed[text/plain]", "|x|"},
    {"a part without the empty line",
     "Content-Type: multipart/mixed; boundary=b\n\n--b\njust text\n--b--\n",
     "multipart/mixed[text/plain]", "|just text|"},
    {"the first boundary where the empty line should be",
     "Content-Type: multipart/mixed; boundary=b\nA multi-part message.\n--b\nContent-Type: "
     "text/html\n\nx\n--b--\n",
     "multipart/mixed[text/html]", "|x|"},
    {"lines that are no fields between fields",
     "Subject: a\nby host (oops)\nContent-Type: text/html\n\nx\n", "text/html", "|x\n|"},
    {"the empty line has a blank", "Subject: a\n \nText: is\nnot lost\n\nx\n", "text/plain",
     "|not lost\n\nx\n|"},
    {"NUL and 8-bit bytes in a header", "Subject: \xff\x80\nContent-Type: text/html\n\nx\n",
     "text/html", "|x\n|"},
    {"a folded boundary in quotes",
     "Content-Type: multipart/mixed;\n boundary=\"a\n b\"\n\n--a b\n\nx\n--a b--\n",
     "multipart/mixed[text/plain]", "|x|"},
    {"a boundary in pieces",
     "Content-Type: multipart/mixed; boundary*0=a; boundary*1=\"b\"\n\n--ab\n\nx\n--ab--\n",
     "multipart/mixed[text/plain]", "|x|"},
    {"misspelt field names", "contenttype: text/html\n\nx\n", "text/html", "|x\n|"},
    {"a type that is none", "Content-Type: text\n\nx\n", "text/plain", "|x\n|"},
    {"comments and folds in a type",
     "Content-Type: (a) text (b) /\n html (c); (d) charset=x\n\nx\n", "text/html", "|x\n|"},
    {"quoted-printable", "Content-Transfer-Encoding: Quoted-Printable\n\na=3D=\nb \t\nc=zz=C3=a9\n",
     "text/plain", "|a=b\nc=zz\xc3\xa9\n|"},
    {"base64 with comments in its field", "Content-Transfer-Encoding: base64 (x)\n\naGk=\n",
     "text/plain", "|hi|"},
    {"an empty message", "", "text/plain", "||"},
};

static void mime_finds_the_parts_and_their_bodies(void **state)
{
    struct mm_arena arena;
    (void)state;
    mm_arena_init(&arena, 64 << 20);
    for (size_t i = 0; i < MM_COUNT(trees); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(trees[i].message));
        struct mm_mime mime;
        char tree[1024] = "", bodies[1024] = "";
        assert_int_equal(mm_mime_walk(&mime, g.view, &arena), MM_OK);
        write_tree(&mime, 0, mime.count, tree, sizeof tree);
        write_bodies(&mime, &arena, bodies, sizeof bodies);
        MM_CHECK_VIEW(trees[i].label, mm_view_of(tree), mm_view_of(trees[i].tree));
        MM_CHECK_VIEW(trees[i].label, mm_view_of(bodies), mm_view_of(trees[i].bodies));
        mm_guard_free(&g);
        mm_arena_reset(&arena);
    }
    mm_arena_deinit(&arena);
}

/* Checklist 9: the line ends of a message change nothing but themselves. */
static void mime_finds_the_same_parts_whatever_the_line_ends(void **state)
{
    struct mm_arena arena;
    (void)state;
    mm_arena_init(&arena, 64 << 20);
    for (size_t i = 0; i < MM_COUNT(trees); i++) {
        char text[2048], tree[2][1024] = {"", ""};
        size_t len = 0;
        if (strchr(trees[i].message, '\r'))
            continue;
        for (const char *c = trees[i].message; *c; c++)
            text[len++] = *c == '\n' ? '\r' : *c;
        for (size_t k = 0; k < 2; k++) {
            struct mm_mime mime;
            struct mm_view v = k ? (struct mm_view){text, len} : mm_view_of(trees[i].message);
            assert_int_equal(mm_mime_walk(&mime, v, &arena), MM_OK);
            MM_CHECK_INT(trees[i].label, mime.cr_only, k == 1 && len > 0);
            write_tree(&mime, 0, mime.count, tree[k], sizeof tree[k]);
        }
        MM_CHECK_VIEW(trees[i].label, mm_view_of(tree[1]), mm_view_of(tree[0]));
        mm_arena_reset(&arena);
    }
    mm_arena_deinit(&arena);
}

static const struct {
    const char *label, *field, *name;
} names[] = {
    {"a token", "Content-Disposition: attachment; filename=a!b!1!2.xml.gz", "a!b!1!2.xml.gz"},
    {"quotes and escapes", "Content-Disposition: attachment; filename=\"a \\\"b\\\".xml\"",
     "a \"b\".xml"},
    {"blanks that should have been in quotes", "Content-Disposition: attachment; filename=a b.zip",
     "a b.zip"},
    {"brackets that are no comment", "Content-Disposition: attachment; filename=a(1).zip; size=3",
     "a(1).zip"},
    {"a comment", "Content-Disposition: attachment; filename=a.zip (the report)", "a.zip"},
    {"the name of the type", "Content-Type: application/zip; name=\"a.zip\"", "a.zip"},
    {"the disposition's name counts first",
     "Content-Type: a/b; name=two\nContent-Disposition: x; filename=one", "one"},
    {"charset, language and escapes",
     "Content-Disposition: attachment; filename*=iso-8859-1'de'gr%FC%DFe.xml",
     "gr\xc3\xbc\xc3\x9f"
     "e.xml"},
    {"pieces, escaped and not, out of order",
     "Content-Disposition: x; filename*1=\"!b\"; filename*0*=utf-8''a%2E; filename*2*=%2exml",
     "a.!b.xml"},
    {"pieces without a charset",
     "Content-Disposition: x;\n filename*0=\"google.com!a\";\n filename*1=\"!1!2.zip\"",
     "google.com!a!1!2.zip"},
    {"the encoded form before the plain one",
     "Content-Disposition: x; filename=plain; filename*=utf-8''better", "better"},
    {"a gap ends the pieces", "Content-Disposition: x; filename*0=a; filename*2=c", "a"},
    {"an encoded word", "Content-Disposition: x; filename=\"=?utf-8?B?YcOp?=.xml\"",
     "a\xc3\xa9.xml"},
    {"bytes that are no UTF-8", "Content-Disposition: x; filename=\"a\xff.xml\"",
     "a\xef\xbf\xbd.xml"},
    {"no name", "Content-Disposition: attachment", ""},
    {"an empty one", "Content-Disposition: attachment; filename=\"\"", ""},
    {"a quote without an end", "Content-Disposition: attachment; filename=\"a.xml; x=y",
     "a.xml; x=y"},
};

static void mime_gives_names_in_every_form_as_utf8(void **state)
{
    struct mm_arena arena;
    (void)state;
    mm_arena_init(&arena, 64 << 20);
    for (size_t i = 0; i < MM_COUNT(names); i++) {
        char message[512];
        struct mm_mime mime;
        snprintf(message, sizeof message, "%s\n\nx", names[i].field);
        struct mm_guard g = mm_guard_copy(mm_view_of(message));
        assert_int_equal(mm_mime_walk(&mime, g.view, &arena), MM_OK);
        MM_CHECK_VIEW(names[i].label, mime.parts[0].name, mm_view_of(names[i].name));
        mm_guard_free(&g);
    }
    mm_arena_deinit(&arena);
}

static void mime_says_where_a_part_is_and_what_its_fields_are(void **state)
{
    static const char text[] =
        "Subject: outer\nContent-Type: multipart/report; Report-Type=\"Feedback-Report\";\n"
        " boundary=b\n\npre\n--b\nContent-Type: text/plain; CharSet=\"UTF-8\"\n\nx\n--b\n"
        "Content-Type: message/rfc822\n\nSubject: in\n ner\nSubject: two\n\ny\n--b--\n";
    struct mm_arena arena;
    struct mm_mime mime;
    char path[MM_MIME_PATH_BYTES];
    (void)state;
    mm_arena_init(&arena, 64 << 20);
    assert_int_equal(mm_mime_walk(&mime, MM_VIEW(text), &arena), MM_OK);
    MM_CHECK_INT("parts", mime.count, 4);
    MM_CHECK_VIEW("report type", mime.parts[0].report_type, MM_VIEW("feedback-report"));
    MM_CHECK_VIEW("charset", mime.parts[1].charset, MM_VIEW("utf-8"));
    MM_CHECK_INT("offset of the text", mime.parts[1].offset,
                 strstr(text, "Content-Type: text/plain") - text);
    MM_CHECK_INT("offset of the sample", mime.parts[3].offset, strstr(text, "Subject: in") - text);
    MM_CHECK_INT("its parent", mime.parts[3].parent, 2);
    MM_CHECK_VIEW("topmost field", mm_mime_field(&mime.parts[3], MM_VIEW("subject")),
                  MM_VIEW(" in\n ner"));
    MM_CHECK_TRUE("no field", !mm_mime_field(&mime.parts[3], MM_VIEW("date")).data);
    mm_mime_path(&mime, 3, path);
    MM_CHECK_VIEW("path", mm_view_of(path), MM_VIEW("2.1"));
    mm_mime_path(&mime, 0, path);
    MM_CHECK_VIEW("path of the message", mm_view_of(path), MM_VIEW(""));
    mm_arena_deinit(&arena);
}

/* ---- limits ---- */

static struct mm_view nested(size_t depth)
{
    char *text = malloc(depth * 64 + 1), *at = text;
    for (size_t i = 0; i < depth; i++)
        at += sprintf(at, "Content-Type: multipart/mixed; boundary=b%zu\n\n--b%zu\n", i, i);
    return (struct mm_view){text, (size_t)(at - text)};
}

static void mime_stops_at_its_depth_and_says_so(void **state)
{
    struct mm_arena arena;
    struct mm_mime mime;
    (void)state;
    mm_arena_init(&arena, 64 << 20);
    static const size_t depths[] = {MM_MIME_DEPTH_MAX, MM_MIME_DEPTH_MAX + 1, 10000};
    for (size_t i = 0; i < MM_COUNT(depths); i++) {
        struct mm_view text = nested(depths[i]);
        assert_int_equal(mm_mime_walk(&mime, text, &arena), MM_OK);
        MM_CHECK_INT("limit", mime.limit, i == 0 ? MM_MIME_WHOLE : MM_MIME_TOO_DEEP);
        MM_CHECK_INT("parts", mime.count, MM_MIME_DEPTH_MAX + 1);
        free((void *)(uintptr_t)text.data);
        mm_arena_reset(&arena);
    }
    MM_CHECK_VIEW("its word", mm_view_of(mm_mime_limit_slug(mime.limit)), MM_VIEW("mime-depth"));
    mm_arena_deinit(&arena);
}

static void mime_stops_at_its_number_of_parts_and_says_so(void **state)
{
    enum { PARTS = 3000 };
    static char text[64 + PARTS * 8];
    struct mm_arena arena;
    struct mm_mime mime;
    char *at = text + sprintf(text, "Content-Type: multipart/mixed; boundary=b\n\n");
    (void)state;
    mm_arena_init(&arena, 64 << 20);
    for (size_t i = 0; i < PARTS; i++)
        at += sprintf(at, "--b\n\nx\n");
    assert_int_equal(mm_mime_walk(&mime, (struct mm_view){text, (size_t)(at - text)}, &arena),
                     MM_OK);
    MM_CHECK_INT("parts", mime.count, MM_MIME_PARTS_MAX);
    MM_CHECK_INT("limit", mime.limit, MM_MIME_TOO_MANY);
    mm_arena_deinit(&arena);
}

static void mime_takes_a_part_with_an_endless_header_as_text(void **state)
{
    struct mm_arena arena;
    struct mm_mime mime;
    size_t len = (size_t)MM_HEADER_MAX_BYTES + 100;
    char *text = malloc(len);
    (void)state;
    mm_arena_init(&arena, 64 << 20);
    memset(text, 'a', len);
    memcpy(text, "Subject: ", 9);
    assert_int_equal(mm_mime_walk(&mime, (struct mm_view){text, len}, &arena), MM_OK);
    MM_CHECK_INT("parts", mime.count, 1);
    MM_CHECK_INT("limit", mime.limit, MM_MIME_LONG_HEADER);
    MM_CHECK_INT("body", mime.parts[0].body.len, len);
    free(text);
    mm_arena_deinit(&arena);
}

static void mime_opens_no_more_than_two_encoded_messages_in_each_other(void **state)
{
    static const char head[] =
        "Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n";
    char text[8 * sizeof head] = "";
    struct mm_arena arena;
    struct mm_mime mime;
    (void)state;
    mm_arena_init(&arena, 64 << 20);
    for (size_t i = 0; i < 8; i++)
        strcat(text, head);
    assert_int_equal(mm_mime_walk(&mime, mm_view_of(text), &arena), MM_OK);
    MM_CHECK_INT("parts", mime.count, 3);
    MM_CHECK_INT("limit", mime.limit, MM_MIME_TOO_DEEP);
    MM_CHECK_TRUE("said", mime.parts[1].flags & MM_PART_IN_DECODED);
    mm_arena_deinit(&arena);
}

MM_TEST_MAIN(MM_TEST(mime_finds_the_parts_and_their_bodies),
             MM_TEST(mime_finds_the_same_parts_whatever_the_line_ends),
             MM_TEST(mime_gives_names_in_every_form_as_utf8),
             MM_TEST(mime_says_where_a_part_is_and_what_its_fields_are),
             MM_TEST(mime_stops_at_its_depth_and_says_so),
             MM_TEST(mime_stops_at_its_number_of_parts_and_says_so),
             MM_TEST(mime_takes_a_part_with_an_endless_header_as_text),
             MM_TEST(mime_opens_no_more_than_two_encoded_messages_in_each_other))
