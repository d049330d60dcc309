/*
 * test_text_xml_pull.c - what is XML and what is not, what is read of the damaged, the limits.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/xml_pull.h"

#include "base/cpu.h"
#include "support/mm_test.h"
#include "support/xml_events.h"

static struct mm_buf events;

static enum mm_xml_fault read_events(struct mm_view document, enum mm_xml_mode mode)
{
    struct mm_guard g = mm_guard_copy(document);
    mm_buf_init(&events, 1 << 20);
    enum mm_xml_fault fault = mm_xml_events(g.view, mode, &events);
    mm_guard_free(&g);
    return fault;
}

static const struct {
    const char *label, *document, *want;
} good[] = {
    {"an element", "<a/>", "(||a\n)||a\n"},
    {"white space in tags", "<a ><b\t/>x</a\n>", "(||a\n(||b\n)||b\n-x\n)||a\n"},
    {"text", "<a>x y</a>", "(||a\n-x y\n)||a\n"},
    {"the five entities", "<a>&lt;&gt;&amp;&apos;&quot;</a>", "(||a\n-<>&'\"\n)||a\n"},
    {"numbers of characters", "<a>&#65;&#x42;&#x20aC;</a>", "(||a\n-AB\xe2\x82\xac\n)||a\n"},
    {"a reference is decoded once", "<a>&amp;lt;</a>", "(||a\n-&lt;\n)||a\n"},
    {"CDATA", "<a><![CDATA[<x>&amp;]] ]]></a>", "(||a\n-<x>&amp;]] \n)||a\n"},
    {"comments and instructions are stepped over", "<?x y?><a>1<!-- <b> -->2<?p ?>3</a><!-- -->",
     "(||a\n-123\n)||a\n"},
    {"a declaration", "<?xml version=\"1.0\" encoding='UTF-8' standalone=\"no\" ?>\n<a></a>\n",
     "(||a\n)||a\n"},
    {"line ends are LF", "<a>1\r\n2\r3\n\r4</a>", "(||a\n-1\n2\n3\n\n4\n)||a\n"},
    {"line ends in CDATA", "<a><![CDATA[\r\n]]></a>", "(||a\n-\n\n)||a\n"},
    {"attributes", "<a b='1' c = \"2'\"/>", "(||a\nA ||b=1\nA ||c=2'\n)||a\n"},
    {"white space in values", "<a b='\t1\r\n2&#10;'/>", "(||a\nA ||b= 1 2\n\n)||a\n"},
    {"a namespace by default", "<a xmlns='u:1'><b/></a>", "(u:1||a\n(u:1||b\n)u:1||b\n)u:1||a\n"},
    {"a prefix", "<p:a xmlns:p='u:1' p:b='1' b='2'/>",
     "(u:1|p|a\nA u:1|p|b=1\nA ||b=2\n)u:1|p|a\n"},
    {"a binding ends with its element", "<a xmlns='u:1'><b xmlns='u:2'/><c xmlns=''/><d/></a>",
     "(u:1||a\n(u:2||b\n)u:2||b\n(||c\n)||c\n(u:1||d\n)u:1||d\n)u:1||a\n"},
    {"xml is always bound", "<a xml:lang='de'/>",
     "(||a\nA http://www.w3.org/XML/1998/namespace|xml|lang=de\n)||a\n"},
    {"letters outside ASCII in names", "<\xc3\xa9t\xc3\xa9 \xc3\xa0='1'/>",
     "(||\xc3\xa9t\xc3\xa9\nA ||\xc3\xa0=1\n)||\xc3\xa9t\xc3\xa9\n"},
    {"brackets are text", "<a>]] > ]></a>", "(||a\n-]] > ]>\n)||a\n"},
    {"U+FFFD is a character", "<a>\xef\xbf\xbd\xef\xbb\xbf</a>",
     "(||a\n-\xef\xbf\xbd\xef\xbb\xbf\n)||a\n"},
};

static void documents_become_events(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(good); i++) {
        MM_CHECK_INT(good[i].label, read_events(mm_view_of(good[i].document), MM_XML_STRICT),
                     MM_XML_FAULT_NONE);
        MM_CHECK_VIEW(good[i].label, mm_buf_view(&events), mm_view_of(good[i].want));
        mm_buf_deinit(&events);
    }
}

static const struct {
    const char *label, *document;
    enum mm_xml_fault fault;
    size_t offset;
} bad[] = {
    {"nothing", "", MM_XML_FAULT_EMPTY, 0},
    {"white space alone", " \n", MM_XML_FAULT_EMPTY, 2},
    {"text alone", "hello", MM_XML_FAULT_OUTSIDE, 0},
    {"text behind the root", "<a/>x", MM_XML_FAULT_OUTSIDE, 4},
    {"a second root", "<a/><b/>", MM_XML_FAULT_OUTSIDE, 4},
    {"CDATA outside", "<![CDATA[x]]><a/>", MM_XML_FAULT_OUTSIDE, 0},
    {"an element that is not closed", "<a><b></b>", MM_XML_FAULT_UNCLOSED, 10},
    {"another end tag", "<a><b></a></b>", MM_XML_FAULT_MISMATCH, 6},
    {"an end tag alone", "</a>", MM_XML_FAULT_MISMATCH, 0},
    {"an end tag with an attribute", "<a></a b='1'>", MM_XML_FAULT_MARKUP, 3},
    {"a tag that does not end", "<a><b", MM_XML_FAULT_MARKUP, 5},
    {"a '<' before a blank", "<a>1 < 2</a>", MM_XML_FAULT_MARKUP, 5},
    {"a name that begins with a digit", "<1/>", MM_XML_FAULT_MARKUP, 0},
    {"a name with two colons", "<a:b:c xmlns:a='u'/>", MM_XML_FAULT_MARKUP, 4},
    {"a name that ends in a colon", "<a:/>", MM_XML_FAULT_MARKUP, 0},
    {"'&' before a blank", "<a>1 & 2</a>", MM_XML_FAULT_REFERENCE, 5},
    {"an entity that is not declared", "<a>&nbsp;</a>", MM_XML_FAULT_REFERENCE, 3},
    {"the number of no character", "<a>&#0;</a>", MM_XML_FAULT_REFERENCE, 3},
    {"the number of a surrogate", "<a>&#xD800;</a>", MM_XML_FAULT_REFERENCE, 3},
    {"a number beyond all", "<a>&#99999999999999999999;</a>", MM_XML_FAULT_REFERENCE, 3},
    {"a control character", "<a>\x01</a>", MM_XML_FAULT_CHARACTER, 3},
    {"U+FFFE", "<a>\xef\xbf\xbe</a>", MM_XML_FAULT_CHARACTER, 3},
    {"a control character in a comment", "<a><!-- \x02 --></a>", MM_XML_FAULT_CHARACTER, 8},
    {"']]>' in text", "<a>]]></a>", MM_XML_FAULT_CDATA_END, 3},
    {"'--' in a comment", "<a><!-- -- --></a>", MM_XML_FAULT_MARKUP, 8},
    {"a comment that does not end", "<a><!-- </a>", MM_XML_FAULT_MARKUP, 3},
    {"an attribute without quotes", "<a b=1/>", MM_XML_FAULT_ATTRIBUTE, 5},
    {"an attribute without value", "<a b/>", MM_XML_FAULT_ATTRIBUTE, 4},
    {"attributes without a blank between", "<a b='1'c='2'/>", MM_XML_FAULT_MARKUP, 8},
    {"'<' in a value", "<a b='<'/>", MM_XML_FAULT_ATTRIBUTE, 6},
    {"an attribute twice", "<a b='1' b='2'/>", MM_XML_FAULT_ATTRIBUTE, 0},
    {"an attribute twice by its namespace", "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>",
     MM_XML_FAULT_ATTRIBUTE, 0},
    {"a binding twice", "<a xmlns='u' xmlns='v'/>", MM_XML_FAULT_ATTRIBUTE, 22},
    {"a prefix that is not bound", "<p:a/>", MM_XML_FAULT_PREFIX, 0},
    {"an attribute's prefix that is not bound", "<a p:b='1'/>", MM_XML_FAULT_PREFIX, 0},
    {"a prefix taken back", "<a xmlns:p=''/>", MM_XML_FAULT_PREFIX, 13},
    {"xmlns as a prefix", "<a xmlns:xmlns='u'/>", MM_XML_FAULT_PREFIX, 18},
    {"a declaration behind a blank", " <?xml version='1.0'?><a/>", MM_XML_FAULT_DECLARATION, 1},
    {"a declaration without version", "<?xml encoding='UTF-8'?><a/>", MM_XML_FAULT_DECLARATION, 0},
    {"a declaration with something else", "<?xml version='1.0' x='y'?><a/>",
     MM_XML_FAULT_DECLARATION, 0},
    {"a DOCTYPE", "<!DOCTYPE a><a/>", MM_XML_FAULT_DOCTYPE, 0},
    {"external entities",
     "<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><a>&b;</a>",
     MM_XML_FAULT_DOCTYPE, 22},
    {"an entity declared in passing", "<a><!ENTITY b 'c'></a>", MM_XML_FAULT_ENTITY, 3},
};

static void what_is_no_xml_is_refused_by_name_and_place(void **state)
{
    (void)state;
    struct mm_xml_pull p;
    for (size_t i = 0; i < MM_COUNT(bad); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(bad[i].document));
        enum mm_status st;
        mm_xml_pull_init(&p, g.view, MM_XML_STRICT);
        do
            st = mm_xml_pull_next(&p);
        while (st == MM_OK);
        MM_CHECK_INT(bad[i].label, st, MM_E_SYNTAX);
        MM_CHECK_INT(bad[i].label, p.fault, bad[i].fault);
        MM_CHECK_INT(bad[i].label, p.fault_offset, bad[i].offset);
        MM_CHECK_INT("and again", mm_xml_pull_next(&p), MM_E_SYNTAX);
        mm_guard_free(&g);
    }
}

static const struct {
    const char *label, *document, *want;
    unsigned repairs, damage;
} damaged[] = {
    {"nothing wrong", "<a>x</a>", "(||a\n-x\n)||a\n", 0, 0},
    {"'<' in text", "<a>1 < 2</a>", "(||a\n-1 < 2\n)||a\n", 1, 0},
    {"an address for a tag", "<a><me@example.com></a>", "(||a\n-<me@example.com>\n)||a\n", 1, 0},
    {"a name cut by an end tag", "<a>x<foo</a>", "(||a\n-x<foo\n)||a\n", 1, 0},
    {"'&' in text", "<a>b & c &nbsp; &lt;</a>", "(||a\n-b & c &nbsp; <\n)||a\n", 2, 0},
    {"control characters", "<a>\x01x\x02</a>", "(||a\n-\xef\xbf\xbdx\xef\xbf\xbd\n)||a\n", 2, 0},
    {"a missing end tag", "<a><b>x</a>", "(||a\n(||b\n-x\n)||b\n)||a\n", 0, 1},
    {"an end tag too many", "<a>x</b></a>", "(||a\n-x\n)||a\n", 0, 1},
    {"a document cut short", "<a><b>x", "(||a\n(||b\n-x\n)||b\n)||a\n", 0, 2},
    {"two roots", "<a/>t<b/>", "(||a\n)||a\n-t\n(||b\n)||b\n", 0, 0},
    {"a comment that does not end", "<a><!-- x<b/></a>", "(||a\n-<!-- x\n(||b\n)||b\n)||a\n", 1, 0},
    {"a prefix that is not bound", "<p:a q:b='1'>x</p:a>", "(|p|a\nA |q|b=1\n-x\n)|p|a\n", 0, 0},
    {"a wrapper that is not closed", "<x:s xmlns:x='u'>\n<a>1</a>",
     "(u|x|s\n-\n\n(||a\n-1\n)||a\n)u|x|s\n", 0, 1},
};

static void damaged_documents_are_read_in_recovery(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(damaged); i++) {
        struct mm_view document = mm_view_of(damaged[i].document);
        MM_CHECK_INT(damaged[i].label, read_events(document, MM_XML_RECOVER), MM_XML_FAULT_NONE);
        MM_CHECK_VIEW(damaged[i].label, mm_buf_view(&events), mm_view_of(damaged[i].want));
        mm_buf_deinit(&events);
        struct mm_xml_pull p;
        mm_xml_pull_init(&p, document, MM_XML_RECOVER);
        while (mm_xml_pull_next(&p) == MM_OK)
            ;
        MM_CHECK_INT(damaged[i].label, p.repair_count, damaged[i].repairs);
        MM_CHECK_INT(damaged[i].label, p.damage_count, damaged[i].damage);
    }
}

static void recovery_refuses_what_is_hostile(void **state)
{
    (void)state;
    MM_CHECK_INT("DOCTYPE", read_events(MM_VIEW("x<!DOCTYPE a><a/>"), MM_XML_RECOVER),
                 MM_XML_FAULT_DOCTYPE);
    mm_buf_deinit(&events);
    MM_CHECK_INT("ENTITY", read_events(MM_VIEW("<a><!ENTITY b 'c'></a>"), MM_XML_RECOVER),
                 MM_XML_FAULT_ENTITY);
    mm_buf_deinit(&events);
}

/* `head`, `piece` as often as it takes to be over a limit, `tail`. */
static enum mm_xml_fault read_long(const char *head, const char *piece, size_t times,
                                   const char *tail, enum mm_xml_mode mode)
{
    struct mm_buf document;
    mm_buf_init(&document, (size_t)1 << 30);
    mm_buf_append_str(&document, head);
    for (size_t i = 0; i < times; i++)
        mm_buf_append_str(&document, piece);
    mm_buf_append_str(&document, tail);
    MM_CHECK_TRUE("room", !document.failed);
    struct mm_xml_pull p;
    mm_xml_pull_init(&p, mm_buf_view(&document), mode);
    enum mm_status st;
    do
        st = mm_xml_pull_next(&p);
    while (st == MM_OK);
    mm_buf_deinit(&document);
    MM_CHECK_INT("status", st,
                 p.fault == MM_XML_FAULT_NONE    ? MM_END
                 : p.fault >= MM_XML_FAULT_DEPTH ? MM_E_LIMIT
                                                 : MM_E_SYNTAX);
    return p.fault;
}

static void limits_are_named(void **state)
{
    (void)state;
    for (int mode = MM_XML_STRICT; mode <= MM_XML_RECOVER; mode++) {
        MM_CHECK_INT("32 elements deep", read_long("<a>", "<a>", 30, "<b/>", mode),
                     mode == MM_XML_STRICT ? MM_XML_FAULT_UNCLOSED : MM_XML_FAULT_NONE);
        MM_CHECK_INT("33", read_long("<a>", "<a>", 31, "<b/>", mode), MM_XML_FAULT_DEPTH);
        MM_CHECK_INT("10,000", read_long("", "<a>", 10000, "", mode), MM_XML_FAULT_DEPTH);
        MM_CHECK_INT("attribute of 64 KiB", read_long("<a b='", "x", 65536, "'/>", mode),
                     MM_XML_FAULT_NONE);
        MM_CHECK_INT("and a byte", read_long("<a b='", "x", 65537, "'/>", mode),
                     MM_XML_FAULT_VALUE_LENGTH);
        MM_CHECK_INT("a large attribute",
                     read_long("<a b='", "0123456789abcdef", 1 << 22, "'/>", mode),
                     MM_XML_FAULT_VALUE_LENGTH);
        MM_CHECK_INT("name of 1 KiB", read_long("<", "n", 1024, "/>", mode), MM_XML_FAULT_NONE);
        MM_CHECK_INT("and a byte", read_long("<", "n", 1025, "/>", mode), MM_XML_FAULT_NAME_LENGTH);
        MM_CHECK_INT("text of 1 MiB", read_long("<a>", "0123456789abcdef", 65536, "</a>", mode),
                     MM_XML_FAULT_NONE);
        MM_CHECK_INT("and a byte", read_long("<a>-", "0123456789abcdef", 65536, "</a>", mode),
                     MM_XML_FAULT_TEXT_LENGTH);
        MM_CHECK_INT("many bindings", read_long("<a", " xmlns:p='u'", 1, "/>", mode),
                     MM_XML_FAULT_NONE);
    }
}

static void too_many_attributes_are_refused(void **state)
{
    (void)state;
    for (int count = 31; count <= 33; count++)
        for (int binding = 0; binding < 2; binding++) {
            struct mm_buf document;
            mm_buf_init(&document, 10000);
            mm_buf_append_str(&document, "<a");
            for (int i = 0; i < count; i++)
                mm_buf_printf(&document, " %sn%d='u'", binding ? "xmlns:" : "", i);
            mm_buf_append_str(&document, "/>");
            MM_CHECK_INT(binding ? "bindings" : "attributes",
                         read_events(mm_buf_view(&document), MM_XML_STRICT),
                         count <= 32 ? MM_XML_FAULT_NONE : MM_XML_FAULT_ATTRIBUTES);
            mm_buf_deinit(&events);
            mm_buf_deinit(&document);
        }
}

/* Openings without an end must not each search the whole document: a million times some megabytes
 * would not end. */
static void damage_is_read_in_linear_time(void **state)
{
    (void)state;
    static const char *const pieces[] = {"<!--", "<![CDATA[", "<?x",  "<a b=\"", "</",
                                         "&#",   "]]",        "<a <", "</b>"};
    for (size_t i = 0; i < MM_COUNT(pieces); i++)
        MM_CHECK_TRUE(pieces[i], read_long("<a>", pieces[i], 1000000, "", MM_XML_RECOVER) <=
                                     MM_XML_FAULT_TEXT_LENGTH);
}

static void texts_are_gathered(void **state)
{
    (void)state;
    static const struct {
        const char *label, *document, *want;
    } cases[] = {
        {"plain", "<a>x y</a>", "x y"},
        {"white space around", "<a>\r\n  x y\t</a>", "x y"},
        {"empty", "<a></a>", ""},
        {"an empty element", "<a/>", ""},
        {"a reference", "<a>x &amp; y</a>", "x & y"},
        {"pieces", "<a> x<!-- c -->y<![CDATA[ <z> ]]></a>", "xy <z>"},
        {"elements in it", "<a>x<b>no<c/></b>y</a>", "xy"},
        {"white space that was written as a number", "<a>&#32;x&#10;</a>", "x"},
    };
    struct mm_arena arena;
    mm_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_guard g = mm_guard_copy(mm_view_of(cases[i].document));
        struct mm_xml_pull p;
        struct mm_view text;
        mm_xml_pull_init(&p, g.view, MM_XML_STRICT);
        MM_CHECK_INT(cases[i].label, mm_xml_pull_next(&p), MM_OK);
        MM_CHECK_INT(cases[i].label, mm_xml_pull_text(&p, &arena, &text), MM_OK);
        MM_CHECK_VIEW(cases[i].label, text, mm_view_of(cases[i].want));
        MM_CHECK_INT("the element has ended", p.depth, 0);
        MM_CHECK_INT("and the document", mm_xml_pull_next(&p), MM_END);
        mm_guard_free(&g);
    }
    mm_arena_deinit(&arena);
}

static void an_inner_start_ends_a_text_in_recovery(void **state)
{
    (void)state;
    struct mm_arena arena;
    struct mm_xml_pull p;
    struct mm_view text;
    mm_arena_init(&arena, 1 << 20);
    mm_xml_pull_init(&p, MM_VIEW("<m><id>7/id><date>8</date></m>"), MM_XML_RECOVER);
    MM_CHECK_INT("m", mm_xml_pull_tag(&p), MM_OK);
    MM_CHECK_INT("id", mm_xml_pull_tag(&p), MM_OK);
    MM_CHECK_INT("text", mm_xml_pull_text(&p, &arena, &text), MM_AGAIN);
    MM_CHECK_VIEW("text", text, MM_VIEW("7/id>"));
    MM_CHECK_INT("damage", p.damage_count, 1);
    MM_CHECK_INT("date", mm_xml_pull_tag(&p), MM_OK);
    MM_CHECK_VIEW("date", p.name.local, MM_VIEW("date"));
    MM_CHECK_INT("date is in m", p.depth, 2);
    MM_CHECK_INT("text", mm_xml_pull_text(&p, &arena, &text), MM_OK);
    MM_CHECK_VIEW("text", text, MM_VIEW("8"));
    MM_CHECK_INT("end", mm_xml_pull_tag(&p), MM_OK);
    MM_CHECK_INT("of m", p.event, MM_XML_END);
    MM_CHECK_TRUE("which is there", !p.implied);
    MM_CHECK_INT("the end", mm_xml_pull_next(&p), MM_END);
    mm_arena_deinit(&arena);
}

/* ---- leaves ---- */

static const struct mm_view leaf_names[] = {{"a", 1}, {"domain", 6}, {"extra_contact_info", 18}};

static bool is_leaf_name(struct mm_view name)
{
    for (size_t i = 0; i < MM_COUNT(leaf_names); i++)
        if (mm_view_eq(leaf_names[i], name))
            return true;
    return false;
}

/* Pieces of documents, but one of `rarely` as reports have them. */
static void put_random_document(struct mm_buf *out, uint64_t *random, uint64_t rarely)
{
    static const char *const pieces[] = {
        "<a>",
        "</a>",
        "<domain>",
        "</domain>",
        "<extra_contact_info>",
        "<row>",
        "</row>",
        "<a/>",
        "<a x='1'>",
        "</extra_contact_info>",
        "<p:a>",
        "</a >",
        "<domains>",
        "</domains>",
        "<a>1</a>",
        "\n  ",
        "\r\n\t",
        "text",
        "a < b",
        "<domain> example.com </domain>",
        "&amp;",
        "]]>",
        "<!-- c -->",
        "\x01",
        "<domain>\xc3\xa9\r\n</domain>",
        "<a></a>",
        "<b>2</b>",
        "<a>3</b>",
        "<![CDATA[<a>]]>",
    };
    mm_buf_clear(out);
    mm_buf_append_str(out, "<r>");
    for (uint64_t left = mm_random(random) % 60; left > 0; left--) {
        uint64_t piece = mm_random(random) % (rarely * MM_COUNT(pieces));
        const char *usual = piece % 2 ? "<domain>example.com</domain>" : "\n    ";
        mm_buf_append_str(out, piece < MM_COUNT(pieces) ? pieces[piece] : usual);
    }
    for (uint64_t blanks = mm_random(random) % 4 * 700; blanks > 0; blanks--)
        mm_buf_append_char(out, ' ');
    mm_buf_append_str(out, "<a>4</a></r>");
}

/* Tags, but of what has one of the names above: its text. Returns how many leaves were taken. */
static size_t walk(struct mm_xml_pull *p, struct mm_arena *arena, bool leaves, struct mm_buf *out)
{
    size_t taken = 0;
    struct mm_view name, text;
    for (enum mm_status st = MM_OK; st >= 0 && st != MM_END;) {
        size_t child = leaves ? mm_xml_pull_child(p) : 0, i = 0;
        while (child && i < MM_COUNT(leaf_names) &&
               !mm_xml_pull_leaf(p, child, leaf_names[i], &text))
            i++;
        if (child && i < MM_COUNT(leaf_names)) {
            taken++;
            mm_buf_printf(out, "%s=%.*s\n", leaf_names[i].data, (int)text.len, text.data);
            continue;
        }
        st = mm_xml_pull_tag(p);
        if (st != MM_OK)
            break;
        name = p->name.local;
        if (p->event == MM_XML_END || !is_leaf_name(name)) {
            mm_buf_printf(out, "%c%.*s\n", p->event == MM_XML_END ? ')' : '(', (int)name.len,
                          name.data);
            continue;
        }
        st = mm_xml_pull_text(p, arena, &text);
        mm_buf_printf(out, "%.*s=%.*s\n", (int)name.len, name.data, st >= 0 ? (int)text.len : 0,
                      text.data);
    }
    return taken;
}

static void leaves_are_what_events_say_they_are(void **state)
{
    (void)state;
    static struct mm_xml_pull with, without;
    uint64_t random = 20261122;
    struct mm_buf document, a, b;
    struct mm_arena arena;
    size_t taken = 0;
    mm_buf_init(&document, 1 << 20);
    mm_buf_init(&a, 1 << 20);
    mm_buf_init(&b, 1 << 20);
    mm_arena_init(&arena, 1 << 20);
    for (int i = 0; i < 4000; i++) {
        enum mm_xml_mode mode = i % 2 ? MM_XML_RECOVER : MM_XML_STRICT;
        put_random_document(&document, &random, mode == MM_XML_RECOVER ? 3 : 100);
        struct mm_guard g = mm_guard_copy(mm_buf_view(&document));
        mm_buf_clear(&a);
        mm_buf_clear(&b);
        mm_arena_reset(&arena);
        mm_xml_pull_init(&with, g.view, mode);
        mm_xml_pull_init(&without, g.view, mode);
        taken += walk(&with, &arena, true, &a);
        (void)walk(&without, &arena, false, &b);
        MM_CHECK_VIEW(document.data, mm_buf_view(&a), mm_buf_view(&b));
        MM_CHECK_INT(document.data, with.fault, without.fault);
        MM_CHECK_INT(document.data, with.fault_offset, without.fault_offset);
        MM_CHECK_INT(document.data, with.damage_count, without.damage_count);
        MM_CHECK_INT(document.data, with.repair_count, without.repair_count);
        mm_guard_free(&g);
    }
    MM_CHECK_TRUE("there were leaves", taken > 10000);
    mm_arena_deinit(&arena);
    mm_buf_deinit(&document);
    mm_buf_deinit(&a);
    mm_buf_deinit(&b);
}

MM_TEST_MAIN(MM_TEST(documents_become_events), MM_TEST(what_is_no_xml_is_refused_by_name_and_place),
             MM_TEST(damaged_documents_are_read_in_recovery),
             MM_TEST(recovery_refuses_what_is_hostile), MM_TEST(limits_are_named),
             MM_TEST(too_many_attributes_are_refused), MM_TEST(damage_is_read_in_linear_time),
             MM_TEST(texts_are_gathered), MM_TEST(an_inner_start_ends_a_text_in_recovery),
             MM_TEST(leaves_are_what_events_say_they_are))
