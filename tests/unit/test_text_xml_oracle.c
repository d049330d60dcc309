/*
 * test_text_xml_oracle.c - the same events as expat, document by document, and the same refusals.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Differences that are meant: a DOCTYPE and what is over our limits is refused here; names outside
 * ASCII follow the fifth edition of XML 1.0, expat's the fourth.
 */
#include <dirent.h>

#include "support/mm_test.h"
#include "support/xml_events.h"
#include "text/xml_document.h"

static const char *const seeds[] = {
    "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<feedback>\r\n <version>1.0</version>\n"
    " <report_metadata><org_name>A &amp; B &#x20ac;</org_name><email/></report_metadata>\n"
    " <!-- c - c --><record><count>1</count><source_ip>2001:db8::1</source_ip></record>\n"
    "</feedback>\n<!-- end -->",
    "<f xmlns=\"urn:x\" xmlns:v='urn:v' v:a=\"1 &lt; 2\" a='&quot;'><v:b xml:lang='en'>x]y</v:b>"
    "<?pi data ?><c xmlns=''><![CDATA[ <raw> & ]] ]]></c><d xmlns:v='urn:w'><v:e v:f='1'/></d></f>",
    "<ns1:feedback xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xmlns:ns1='http://x/0.1' "
    "xsi:schemaLocation='http://x/0.1 x.xsd'><a>\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80</a>"
    "<b>&#65;&#x1F600;\r\n\r</b></ns1:feedback>\n",
    "<a><b><c><d><e>1</e><e>2</e></d></c></b><b/><b></b>&gt;&apos;</a>",
};
static const char *const pieces[] = {
    "<",
    ">",
    "/",
    "&",
    ";",
    "'",
    "\"",
    "=",
    ":",
    "]",
    "]]>",
    "--",
    "-->",
    "<!--",
    "<![CDATA[",
    "?>",
    "<?",
    "<?xml",
    "&amp;",
    "&#0;",
    "&#65;",
    "&#xffff;",
    "xmlns=''",
    " xmlns:p='u'",
    " p:x=''",
    "<p:q/>",
    "</",
    "\r",
    "\n",
    "\t",
    " ",
    "\x01",
    "\xef\xbf\xbe",
    "\xef\xbf\xbd",
    "a",
    "1",
    "-",
    ".",
    "xml",
    "\x7f",
};

/* Names outside ASCII can only be where markup is. */
static bool wide_markup(struct mm_view document)
{
    bool markup = false;
    for (size_t i = 0; i < document.len; i++) {
        char c = document.data[i];
        if (c == '<' || c == '>')
            markup = c == '<';
        if (markup && (unsigned char)c >= 0x80)
            return true;
    }
    return false;
}

static size_t accepted, refused;

/* The document is valid UTF-8. */
static void compare(const char *label, struct mm_view document)
{
    static struct mm_buf ours, theirs;
    mm_buf_init(&ours, 1 << 26);
    mm_buf_init(&theirs, 1 << 26);
    struct mm_guard g = mm_guard_copy(document);
    enum mm_xml_fault fault = mm_xml_events(g.view, MM_XML_STRICT, &ours);
    bool whole = mm_expat_events(g.view, &theirs);
    bool meant = fault == MM_XML_FAULT_DOCTYPE || fault >= MM_XML_FAULT_DEPTH ||
                 (!whole && wide_markup(document));
    if (!meant && (fault == MM_XML_FAULT_NONE) != whole)
        print_error("%s: %s here, %s by expat:\n%.*s\n", label,
                    fault ? mm_xml_fault_words(fault) : "accepted", whole ? "accepted" : "refused",
                    (int)document.len, document.data);
    if (!meant) {
        MM_CHECK_INT(label, fault == MM_XML_FAULT_NONE, whole);
        if (whole)
            MM_CHECK_VIEW(label, mm_buf_view(&ours), mm_buf_view(&theirs));
        whole ? accepted++ : refused++;
    }
    mm_guard_free(&g);
    mm_buf_deinit(&ours);
    mm_buf_deinit(&theirs);
}

/* One change: a piece put in, put over, or bytes taken out, or doubled. */
static size_t mutate(char *text, size_t len, size_t cap, uint64_t *seed)
{
    size_t at = mm_random(seed) % (len + 1), span = mm_random(seed) % 9;
    const char *piece = pieces[mm_random(seed) % MM_COUNT(pieces)];
    size_t piece_len = strlen(piece);
    if (span > len - at)
        span = len - at;
    switch (mm_random(seed) % 4) {
    case 0:
        span = 0;
        break;
    case 1:
        break;
    case 2:
        piece_len = 0;
        break;
    default:
        piece = text + at;
        piece_len = span;
        span = 0;
    }
    if (len - span + piece_len > cap)
        return len;
    char copy[16];
    memcpy(copy, piece, piece_len);
    memmove(text + at + piece_len, text + at + span, len - at - span);
    memcpy(text + at, copy, piece_len);
    return len - span + piece_len;
}

static void random_damage_is_judged_as_by_expat(void **state)
{
    (void)state;
    enum { CAP = 2048, ROUNDS = 40000 };
    char text[CAP];
    uint64_t seed = 2026;
    struct mm_arena arena;
    mm_arena_init(&arena, 1 << 20);
    for (size_t round = 0; round < ROUNDS; round++) {
        const char *from = seeds[round % MM_COUNT(seeds)];
        size_t len = strlen(from);
        struct mm_charset utf8 = {.kind = MM_CHARSET_UTF8};
        struct mm_view document;
        uint64_t replaced;
        memcpy(text, from, len);
        for (size_t i = 0; i <= mm_random(&seed) % 3; i++)
            len = mutate(text, len, CAP, &seed);
        MM_CHECK_INT(
            "utf-8",
            mm_charset_to_utf8(&utf8, (struct mm_view){text, len}, &arena, &document, &replaced),
            MM_OK);
        compare("mutation", document);
        mm_arena_reset(&arena);
    }
    mm_arena_deinit(&arena);
    MM_CHECK_TRUE("many were accepted", accepted > ROUNDS / 10);
    MM_CHECK_TRUE("many were refused", refused > ROUNDS / 10);
}

static void compare_file(const char *path)
{
    struct mm_view bytes = mm_test_read_file(path);
    struct mm_arena arena;
    struct mm_xml_document document;
    mm_arena_init(&arena, 1 << 26);
    MM_CHECK_INT(path, mm_xml_document_init(&document, bytes, &arena), MM_OK);
    compare(path, document.text);
    mm_arena_deinit(&arena);
    free((char *)(uintptr_t)bytes.data);
}

static void compare_folder(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        char below[4096];
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            compare_folder(below);
        else if (mm_view_ends(mm_view_of(entry->d_name), MM_VIEW(".xml")))
            compare_file(below);
    }
    if (dir)
        closedir(dir);
}

static void documents_are_read_as_by_expat(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(seeds); i++)
        compare("seed", mm_view_of(seeds[i]));
    if (mm_test_corpus()) {
        char path[4096];
        snprintf(path, sizeof path, "%s/reports", mm_test_corpus());
        compare_folder(path);
    }
    MM_CHECK_TRUE("the seeds are XML", accepted >= MM_COUNT(seeds));
}

MM_TEST_MAIN(MM_TEST(documents_are_read_as_by_expat), MM_TEST(random_damage_is_judged_as_by_expat))
