/*
 * test_report_dmarc.c - each rule for aggregate reports, and what is done with those that break it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report/dmarc_report.h"

#include "support/dmarc_same.h"
#include "support/mm_test.h"

#define METADATA                                                                                   \
    "<report_metadata><org_name>Example Org</org_name><email>dmarc@example.org</email>"            \
    "<report_id>id-1</report_id><date_range><begin>1700000000</begin><end>1700086399</end>"        \
    "</date_range></report_metadata>"
#define POLICY                                                                                     \
    "<policy_published><domain>example.com</domain><adkim>r</adkim><aspf>r</aspf><p>none</p>"      \
    "<sp>reject</sp><pct>100</pct></policy_published>"
#define RECORD                                                                                     \
    "<record><row><source_ip>192.0.2.1</source_ip><count>2</count><policy_evaluated>"              \
    "<disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row>"     \
    "<identifiers><header_from>example.com</header_from></identifiers><auth_results><dkim>"        \
    "<domain>example.com</domain><selector>s1</selector><result>pass</result></dkim><spf>"         \
    "<domain>example.net</domain><result>fail</result></spf></auth_results></record>"
#define REPORT(inside) "<feedback>" METADATA POLICY inside "</feedback>"
/* One record with a row, the other sections as usual. */
#define ROW(inside) REPORT("<record><row>" inside "</row></record>")

static struct mm_arena arena, other_arena;
static struct mm_xml_shapes *shapes;
static struct mm_dmarc_report report;
static struct mm_report_fault fault;

/* Read without shapes, then with those of all documents before it, then with its own too: three
 * times the same. */
static enum mm_status parse_bytes(struct mm_view document, const struct mm_report_hints *hints)
{
    static struct mm_guard last;
    if (last.map)
        mm_guard_free(&last);
    last = mm_guard_copy(document);
    mm_arena_reset(&arena);
    arena.limit_bytes = 256 * 1024 * 1024;
    memset(&report, 0, sizeof report);
    memset(&fault, 0, sizeof fault);
    enum mm_status st = mm_dmarc_parse(last.view, hints, NULL, &arena, &report, &fault);
    for (unsigned i = 0; i < 2; i++) {
        struct mm_dmarc_report again;
        struct mm_report_fault other = {.offset = 0};
        mm_arena_reset(&other_arena);
        other_arena.limit_bytes = arena.limit_bytes;
        MM_CHECK_INT("with shapes",
                     mm_dmarc_parse(last.view, hints, shapes, &other_arena, &again, &other), st);
        const char *what = st == MM_OK ? mm_dmarc_difference(&report, &again) : NULL;
        MM_CHECK_VIEW("difference with shapes", mm_view_of(what ? what : ""), MM_VIEW(""));
        MM_CHECK_INT("fault with shapes", other.reason, fault.reason);
        MM_CHECK_INT("its place with shapes", other.offset, fault.offset);
    }
    return st;
}

static void read_bytes(const char *label, struct mm_view document)
{
    enum mm_status st = parse_bytes(document, NULL);
    if (st != MM_OK)
        print_error("%s: %s\n", label, mm_report_fault_slug(fault.reason));
    MM_CHECK_INT(label, st, MM_OK);
}

static void read(const char *label, const char *document)
{
    read_bytes(label, mm_view_of(document));
}

static void refuse(const char *label, const char *document, enum mm_report_fault_reason reason)
{
    MM_CHECK_TRUE(label, parse_bytes(mm_view_of(document), NULL) < 0);
    if (fault.reason != reason)
        print_error("%s: %s\n", label, mm_report_fault_slug(fault.reason));
    MM_CHECK_INT(label, fault.reason, reason);
}

static bool flagged(enum mm_dmarc_flag flag)
{
    return (report.flags | report.record_flags) >> flag & 1;
}

#define TEXT_IS(label, value, text)                                                                \
    do {                                                                                           \
        MM_CHECK_TRUE(label, (value).data);                                                        \
        MM_CHECK_VIEW(label, value, mm_view_of(text));                                             \
    } while (0)
#define ABSENT(label, value) MM_CHECK_TRUE(label, !(value).data)

/* The checklist's numbers begin the names. */

static void line_06_declarations_and_entities_are_refused(void **state)
{
    (void)state;
    refuse("DOCTYPE", "<!DOCTYPE feedback>" REPORT(RECORD), MM_REPORT_FAULT_XML_DOCTYPE);
    refuse("a billion laughs",
           "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]>"
           "<feedback>&b;</feedback>",
           MM_REPORT_FAULT_XML_DOCTYPE);
    refuse("an external entity",
           "<!DOCTYPE f [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><feedback>&x;</feedback>",
           MM_REPORT_FAULT_XML_DOCTYPE);
    refuse("an ENTITY", "<feedback><!ENTITY a 'b'>" METADATA "</feedback>",
           MM_REPORT_FAULT_XML_ENTITY);
    read("comments, instructions, CDATA, numbers",
         "<?xml version='1.0'?><!-- c --><feedback><?p i?><report_metadata><org_name>"
         "<![CDATA[A & B]]> &#67;&#x44;</org_name><report_id>&lt;1&gt;</report_id><date_range>"
         "<begin>1</begin><end>2</end></date_range></report_metadata>" RECORD "</feedback>");
    TEXT_IS("text", report.org_name, "A & B CD");
    MM_CHECK_TRUE("well-formed", !flagged(MM_DMARC_FLAG_SALVAGED));
    read("an entity that nobody declares is text", REPORT("<x>&nbsp;</x>" RECORD));
    MM_CHECK_TRUE("and damage", flagged(MM_DMARC_FLAG_SALVAGED));
}

static void line_11_elements_are_known_by_local_name_in_any_order(void **state)
{
    (void)state;
    read("a namespace by default",
         "<feedback xmlns='urn:ietf:params:xml:ns:dmarc-2.0'>" METADATA POLICY RECORD
         "</feedback>");
    TEXT_IS("URI", report.xml_namespace, "urn:ietf:params:xml:ns:dmarc-2.0");
    MM_CHECK_INT("shape", report.shape, MM_DMARC_RFC9990);
    MM_CHECK_INT("records", report.record_count, 1);
    uint64_t content = report.content_hash;
    read("a prefix, another namespace",
         "<n:feedback xmlns:n='http://example.org/x'><n:record><n:row><n:count>1</n:count></n:row>"
         "</n:record>" METADATA "</n:feedback>");
    TEXT_IS("URI", report.xml_namespace, "http://example.org/x");
    MM_CHECK_INT("records", report.record_count, 1);
    read("another order, unknown elements, an extension",
         "<feedback>" RECORD "<x><record/></x>" POLICY
         "<extension><record><row><count>9</count></row></record></extension>" METADATA
         "</feedback>");
    ABSENT("no namespace", report.xml_namespace);
    MM_CHECK_INT("records", report.record_count, 1);
    MM_CHECK_INT("sum", report.message_count, 2);
    MM_CHECK_INT("the same content all the same", report.content_hash, content);
    TEXT_IS("org", report.org_name, "Example Org");
}

static void line_12_character_sets_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        struct mm_view head;
        const char *want;
    } cases[] = {
        {"Latin-1", {"<?xml version='1.0' encoding='ISO-8859-1'?><feedback>", 53}, "caf\xc3\xa9"},
        {"windows-1252",
         {"<?xml version='1.0' encoding='windows-1252'?><feedback>", 55},
         "caf\xc3\xa9"},
    };
    char document[2000];
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        snprintf(
            document, sizeof document,
            "%s<report_metadata><org_name>caf\xe9</org_name><report_id>1</report_id><date_range>"
            "<begin>1</begin><end>2</end></date_range></report_metadata>" RECORD "</feedback>",
            cases[i].head.data);
        read(cases[i].label, document);
        TEXT_IS(cases[i].label, report.org_name, cases[i].want);
        MM_CHECK_TRUE("no damage",
                      !flagged(MM_DMARC_FLAG_RECOVERED) && !flagged(MM_DMARC_FLAG_SALVAGED));
    }
    read("a mark of UTF-8", "\xef\xbb\xbf" REPORT(RECORD));
    MM_CHECK_INT("the record's place counts the mark", report.records[0].offset,
                 3 + strlen("<feedback>" METADATA POLICY));
    static const char text[] = REPORT(RECORD);
    char wide[2 * sizeof text + 2] = "\xff\xfe";
    for (size_t i = 0; text[i]; i++)
        wide[2 + 2 * i] = text[i];
    read_bytes("UTF-16", (struct mm_view){wide, 2 * sizeof text});
    MM_CHECK_INT("the record's place counts bytes", report.records[0].offset,
                 2 + 2 * strlen("<feedback>" METADATA POLICY));
    read("UTF-16 that is none", "<?xml version='1.0' encoding='UTF-16'?>" REPORT(RECORD));
    MM_CHECK_TRUE("flag", flagged(MM_DMARC_FLAG_ENCODING));
    read("a byte that is no UTF-8",
         "<feedback>" METADATA POLICY "<record><row><count>1</count></row>"
         "<identifiers><header_from>bad\x91</header_from></identifiers></record></feedback>");
    TEXT_IS("U+FFFD", report.records[0].header_from, "bad\xef\xbf\xbd");
    MM_CHECK_INT("counted", report.replaced_count, 1);
    MM_CHECK_TRUE("flags", flagged(MM_DMARC_FLAG_RECOVERED) && flagged(MM_DMARC_FLAG_SALVAGED));
}

static void line_13_damage_leaves_what_is_whole(void **state)
{
    (void)state;
    read("a schema around it",
         "<?xml version=\"1.0\"?> <xs:schema xmlns:xs='http://example.org/s'>\n" REPORT(RECORD));
    MM_CHECK_TRUE("salvaged", flagged(MM_DMARC_FLAG_SALVAGED));
    MM_CHECK_TRUE("nothing is cut", !flagged(MM_DMARC_FLAG_TRUNCATED));
    MM_CHECK_INT("records", report.record_count, 1);
    read("a schema around it, whole", "<s:schema xmlns:s='u'>" REPORT(RECORD) "</s:schema>");
    MM_CHECK_TRUE("salvaged", flagged(MM_DMARC_FLAG_SALVAGED));
    read("'<' and '&' in text",
         "<feedback><report_metadata><org_name>A & B</org_name><email><me@example.com></email>"
         "<report_id>1</report_id><date_range><begin>1</begin><end>2</end></date_range>"
         "</report_metadata><record><row><count>1</count></row><identifiers>"
         "<header_from>bad<xml.example</header_from></identifiers></record></feedback>");
    TEXT_IS("'&'", report.org_name, "A & B");
    TEXT_IS("'<'", report.org_email, "<me@example.com>");
    TEXT_IS("in a record", report.records[0].header_from, "bad<xml.example");
    MM_CHECK_TRUE("told", report.records[0].flags >> MM_DMARC_FLAG_TEXT_REPAIRED & 1);
    read("cut between records", "<feedback>" METADATA POLICY RECORD RECORD);
    MM_CHECK_INT("records", report.record_count, 2);
    MM_CHECK_TRUE("cut", flagged(MM_DMARC_FLAG_TRUNCATED) && flagged(MM_DMARC_FLAG_SALVAGED));
    read("cut in a record",
         "<feedback>" METADATA POLICY RECORD "<record><row><count>7</count></row>");
    MM_CHECK_INT("whole records", report.record_count, 1);
    MM_CHECK_INT("sum", report.message_count, 2);
    MM_CHECK_INT("others", report.skipped_count, 1);
    MM_CHECK_INT("why", report.skips[0].reason, MM_DMARC_SKIP_NOT_WHOLE);
    MM_CHECK_INT("where", report.skips[0].offset, strlen("<feedback>" METADATA POLICY RECORD));
    read("an end tag lost in a record",
         REPORT("<record><row><count>5<policy_evaluated/></row></record>" RECORD));
    MM_CHECK_INT("the other", report.message_count, 2);
    MM_CHECK_INT("left out", report.skipped_count, 1);
    read("a record that does not end", REPORT("<record><row><count>5</count></row>" RECORD));
    MM_CHECK_INT("the other", report.message_count, 2);
    read("an unknown element that does not end", REPORT("<x><y>" RECORD RECORD));
    MM_CHECK_INT("both", report.record_count, 2);
    read("report_id without '<'",
         "<feedback><report_metadata><org_name>o</org_name><report_id>17/report_id><date_range>"
         "<begin>1</begin><end>2</end></date_range></report_metadata>" POLICY RECORD "</feedback>");
    TEXT_IS("id", report.report_id, "17");
    MM_CHECK_INT("begin", report.begin_time, 1);
    refuse("cut behind policy_published", "<feedback>" METADATA POLICY,
           MM_REPORT_FAULT_DMARC_NO_RECORD);
    MM_CHECK_VIEW("of whom", fault.org_name, MM_VIEW("Example Org"));
    MM_CHECK_VIEW("which", fault.report_id, MM_VIEW("id-1"));
    MM_CHECK_VIEW("about whom", fault.domain, MM_VIEW("example.com"));
    struct mm_buf said;
    mm_buf_init(&said, 1024);
    mm_report_fault_describe(&fault, &said);
    MM_CHECK_VIEW("in words", mm_buf_view(&said),
                  MM_VIEW("the document is damaged and has no record that is whole (org_name "
                          "Example Org, report_id id-1, domain example.com)"));
    char name[257];
    memset(name, 'n', sizeof name);
    fault.org_name = fault.domain = (struct mm_view){NULL, 0};
    fault.report_id = (struct mm_view){name, sizeof name};
    mm_buf_clear(&said);
    mm_report_fault_describe(&fault, &said);
    MM_CHECK_VIEW("without what is too long", mm_buf_view(&said),
                  MM_VIEW("the document is damaged and has no record that is whole"));
    mm_buf_deinit(&said);
    MM_CHECK_INT("where", fault.offset, strlen("<feedback>" METADATA POLICY));
    refuse("a hole from policy to record",
           "<feedback>" METADATA
           "<policy_published><domain>example.com</domain><result></result></spf>"
           "</auth_results></record></feedback>",
           MM_REPORT_FAULT_DMARC_NO_RECORD);
}

static void line_14_what_makes_no_report_is_refused(void **state)
{
    (void)state;
    refuse("nothing", "", MM_REPORT_FAULT_EMPTY);
    refuse("blanks", " \r\n", MM_REPORT_FAULT_EMPTY);
    refuse("no XML", "hello", MM_REPORT_FAULT_XML_SYNTAX);
    refuse("damaged, and no report", "x <feedbac", MM_REPORT_FAULT_XML_SYNTAX);
    refuse("a page", "<html><body>", MM_REPORT_FAULT_DMARC_ROOT);
    refuse("another root", "<html/>", MM_REPORT_FAULT_DMARC_ROOT);
    refuse("no metadata", "<feedback>" POLICY RECORD "</feedback>", MM_REPORT_FAULT_DMARC_METADATA);
    read("no records", REPORT(""));
    MM_CHECK_TRUE("flag", flagged(MM_DMARC_FLAG_NO_RECORDS));
    read("no policy_published", "<feedback>" METADATA RECORD "</feedback>");
    MM_CHECK_TRUE("flags",
                  flagged(MM_DMARC_FLAG_NO_POLICY) && flagged(MM_DMARC_FLAG_NO_POLICY_DOMAIN));
    ABSENT("domain", report.policy_domain);
}

#define WHO(org, email, id)                                                                        \
    "<feedback><report_metadata><org_name>" org "</org_name>" email "<report_id>" id               \
    "</report_id><date_range><begin>1</begin><end>2</end></date_range></report_metadata></"        \
    "feedback>"

static void line_15_org_and_id_have_fallbacks(void **state)
{
    (void)state;
    struct mm_report_hints hints = {.file_name = MM_VIEW("mx.example!example.com!1!2.xml.gz")};
    read("blanks", WHO("\n Example \t", "", " Id.1 "));
    TEXT_IS("org", report.org_name, "Example");
    read("brackets", WHO("o", "", " &lt;Id.1@x&gt; "));
    TEXT_IS("id", report.report_id, "Id.1@x");
    TEXT_IS("as written", report.report_id_raw, "<Id.1@x>");
    MM_CHECK_TRUE("flag", flagged(MM_DMARC_FLAG_ID_TRIMMED));
    read("no id", WHO("o", "", ""));
    ABSENT("id", report.report_id);
    MM_CHECK_TRUE("flag", flagged(MM_DMARC_FLAG_ID_MISSING));
    MM_CHECK_INT("email first",
                 parse_bytes(mm_view_of(WHO("", "<email>a@b@example.net</email>", "1")), &hints),
                 MM_OK);
    TEXT_IS("org", report.org_name, "example.net");
    MM_CHECK_TRUE("flag", flagged(MM_DMARC_FLAG_ORG_GUESSED));
    MM_CHECK_INT("then the file", parse_bytes(mm_view_of(WHO(" ", "<email/>", "1")), &hints),
                 MM_OK);
    TEXT_IS("org", report.org_name, "mx.example");
    hints.file_name = MM_VIEW("report.xml");
    MM_CHECK_INT("then nothing", parse_bytes(mm_view_of(WHO("", "", "1")), &hints), MM_OK);
    ABSENT("org", report.org_name);
    MM_CHECK_TRUE("flag", flagged(MM_DMARC_FLAG_ORG_MISSING));
}

#define WHEN(begin, end)                                                                           \
    "<feedback><report_metadata><org_name>o</org_name><report_id>1</"                              \
    "report_id><date_range><begin>" begin "</begin><end>" end                                      \
    "</end></date_range></report_metadata>" RECORD "</feedback>"

static void line_16_date_ranges_are_seconds(void **state)
{
    (void)state;
    static const struct {
        const char *label, *document;
        int64_t begin, end;
        uint64_t flags;
    } cases[] = {
        {"integers", WHEN("1700000000", "1700086399"), 1700000000, 1700086399, 0},
        {"blanks", WHEN(" 1700000000\n", "\t1700086399 "), 1700000000, 1700086399, 0},
        {"a fraction of zero", WHEN("1337270400.0", "1337356799.00"), 1337270400, 1337356799,
         MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_DATE_FRACTION)},
        {"reversed", WHEN("1700000001", "1700000000"), 1700000001, 1700000000,
         MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_RANGE_REVERSED)},
        {"no time", WHEN("1700000000", "1700000000"), 1700000000, 1700000000,
         MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_RANGE_ZERO)},
        {"zero", WHEN("0", "86399"), 0, 86399, MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_DATE_EPOCH)},
        {"25 hours", WHEN("1700000000", "1700090000"), 1700000000, 1700090000, 0},
        {"and a second", WHEN("1700000000", "1700090001"), 1700000000, 1700090001,
         MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_RANGE_LONG)},
        {"the year 2100", WHEN("4102444800", "4102444801"), 4102444800, 4102444801,
         MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_DATE_FUTURE)},
        {"the last second of 9999", WHEN("253402300799", "253402300799"), 253402300799,
         253402300799,
         MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_DATE_FUTURE) |
             MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_RANGE_ZERO)},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        uint64_t others = MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_NO_POLICY) |
                          MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_NO_POLICY_DOMAIN);
        read(cases[i].label, cases[i].document);
        MM_CHECK_INT(cases[i].label, report.begin_time, cases[i].begin);
        MM_CHECK_INT(cases[i].label, report.end_time, cases[i].end);
        MM_CHECK_INT(cases[i].label, report.flags & ~others, cases[i].flags);
    }
    static const char *const bad[] = {WHEN("yesterday", "2"),
                                      WHEN("1", "2.5"),
                                      WHEN("-1", "2"),
                                      WHEN("1", "2."),
                                      WHEN("0x1", "2"),
                                      WHEN("1,000", "2"),
                                      WHEN("253402300800", "253402300801"),
                                      WHEN("1e9", "2"),
                                      WHEN("99999999999999999999", "2"),
                                      WHEN("+1", "2")};
    for (size_t i = 0; i < MM_COUNT(bad); i++)
        refuse(bad[i] + 90, bad[i], MM_REPORT_FAULT_DMARC_BAD_DATE);
    refuse("where", WHEN("1", "never"), MM_REPORT_FAULT_DMARC_BAD_DATE);
    MM_CHECK_INT("offset", fault.offset, strstr(WHEN("1", "never"), "never") - WHEN("1", "never"));
    refuse("no begin", WHEN("", "2"), MM_REPORT_FAULT_DMARC_DATES);
    refuse("no range", "<feedback><report_metadata/></feedback>", MM_REPORT_FAULT_DMARC_DATES);
}

static void line_18_words_have_any_case_and_known_aliases(void **state)
{
    (void)state;
    static const struct {
        const char *written;
        enum mm_dmarc_word dkim, spf;
        uint64_t flags;
    } cases[] = {
        {"pass", MM_DMARC_PASS, MM_DMARC_PASS, 0},
        {"Pass", MM_DMARC_PASS, MM_DMARC_PASS, 0},
        {"PERMERROR", MM_DMARC_PERMERROR, MM_DMARC_PERMERROR, 0},
        {"TempError", MM_DMARC_TEMPERROR, MM_DMARC_TEMPERROR, 0},
        {"neutral", MM_DMARC_NEUTRAL, MM_DMARC_NEUTRAL, 0},
        {"policy", MM_DMARC_POLICY, MM_DMARC_POLICY, 0},
        {"softfail", MM_DMARC_OTHER, MM_DMARC_SOFTFAIL,
         MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_RESULT_WORD)},
        {"hardfail", MM_DMARC_FAIL, MM_DMARC_FAIL, MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_RESULT_ALIAS)},
        {"Unknown", MM_DMARC_TEMPERROR, MM_DMARC_TEMPERROR,
         MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_RESULT_ALIAS)},
        {"error", MM_DMARC_PERMERROR, MM_DMARC_PERMERROR,
         MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_RESULT_ALIAS)},
        {"invalid", MM_DMARC_PERMERROR, MM_DMARC_PERMERROR,
         MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_RESULT_ALIAS)},
        {"", MM_DMARC_NONE, MM_DMARC_NONE, MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_RESULT_EMPTY)},
        {"none", MM_DMARC_NONE, MM_DMARC_NONE, 0},
        {"pas", MM_DMARC_OTHER, MM_DMARC_OTHER, MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_RESULT_WORD)},
        {"passes", MM_DMARC_OTHER, MM_DMARC_OTHER, MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_RESULT_WORD)},
        {"permerroR ", MM_DMARC_PERMERROR, MM_DMARC_PERMERROR, 0},
        {"permerrox", MM_DMARC_OTHER, MM_DMARC_OTHER, MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_RESULT_WORD)},
    };
    uint64_t results = MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_RESULT_WORD) |
                       MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_RESULT_ALIAS) |
                       MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_RESULT_EMPTY);
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        char document[3000];
        const char *word = cases[i].written;
        snprintf(
            document, sizeof document,
            "<feedback>" METADATA
            "<record><row><count>1</count></row><auth_results><dkim><result>%s"
            "</result></dkim><spf><result>%s</result></spf></auth_results></record></feedback>",
            word, word);
        read(word, document);
        const struct mm_dmarc_record *record = &report.records[0];
        MM_CHECK_INT(word, record->dkim_results[0].result.word, cases[i].dkim);
        MM_CHECK_INT(word, record->spf_results[0].result.word, cases[i].spf);
        MM_CHECK_INT(word, record->flags & results, cases[i].flags);
        MM_CHECK_TRUE("as written", record->spf_results[0].result.raw.data);
        MM_CHECK_INT("as written", record->spf_results[0].result.raw.len, strcspn(word, " "));
    }
    MM_CHECK_VIEW("text", mm_dmarc_word_text(MM_DMARC_TEMPERROR), MM_VIEW("temperror"));
    MM_CHECK_VIEW("text", mm_dmarc_word_text(MM_DMARC_OTHER), MM_VIEW("other"));
    ABSENT("text", mm_dmarc_word_text(MM_DMARC_ABSENT));
}

static void line_19_what_was_not_evaluated_is_absent(void **state)
{
    (void)state;
    read("empty", ROW("<count>1</count><policy_evaluated></policy_evaluated>"));
    MM_CHECK_INT("disposition", report.records[0].disposition.word, MM_DMARC_ABSENT);
    ABSENT("disposition", report.records[0].disposition.raw);
    MM_CHECK_TRUE("not aligned", !mm_dmarc_pass(&report.records[0]));
    MM_CHECK_TRUE("flag", flagged(MM_DMARC_FLAG_NO_EVALUATION));
    read("absent", ROW("<count>1</count>"));
    MM_CHECK_TRUE("flag", flagged(MM_DMARC_FLAG_NO_EVALUATION));
    read("an empty disposition",
         ROW("<count>1</count><policy_evaluated><disposition/><spf>pass</spf></policy_evaluated>"));
    MM_CHECK_INT("disposition", report.records[0].disposition.word, MM_DMARC_ABSENT);
    MM_CHECK_TRUE("aligned", mm_dmarc_pass(&report.records[0]) &&
                                 mm_dmarc_spf_aligned(&report.records[0]) &&
                                 !mm_dmarc_dkim_aligned(&report.records[0]));
    read("pass", ROW("<count>1</count><policy_evaluated><disposition>pass</disposition><dkim>Pass</"
                     "dkim></policy_evaluated>"));
    MM_CHECK_INT("disposition", report.records[0].disposition.word, MM_DMARC_PASS);
    MM_CHECK_INT("sum", report.dkim_aligned_count, 1);
    read("softfail is no evaluation",
         ROW("<count>1</count><policy_evaluated><dkim>softfail</dkim></policy_evaluated>"));
    MM_CHECK_TRUE("flag",
                  flagged(MM_DMARC_FLAG_EVALUATION_WORD) && !mm_dmarc_pass(&report.records[0]));
}

static void line_20_records_without_a_count_are_left_out_and_named(void **state)
{
    (void)state;
    static const struct {
        const char *count;
        int64_t want; /* -1: left out */
        enum mm_dmarc_skip_reason why;
    } cases[] = {
        {"<count>0</count>", 0, 0},
        {"<count>1</count>", 1, 0},
        {"<count> 7\n</count>", 7, 0},
        {"<count>4294967296</count>", 4294967296, 0},
        {"<count>3.0</count>", 3, 0},
        {"<count>1000000000001</count>", 1000000000001, 0},
        {"<count>35184372088831</count>", MM_DMARC_COUNT_MAX, 0},
        {"<count>35184372088832</count>", -1, MM_DMARC_SKIP_BAD_COUNT},
        {"<count>99999999999999999999999</count>", -1, MM_DMARC_SKIP_BAD_COUNT},
        {"<count>-1</count>", -1, MM_DMARC_SKIP_BAD_COUNT},
        {"<count>1,234</count>", -1, MM_DMARC_SKIP_BAD_COUNT},
        {"<count>3.5</count>", -1, MM_DMARC_SKIP_BAD_COUNT},
        {"<count>many</count>", -1, MM_DMARC_SKIP_BAD_COUNT},
        {"<count></count>", -1, MM_DMARC_SKIP_NO_COUNT},
        {"", -1, MM_DMARC_SKIP_NO_COUNT},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        char document[3000];
        snprintf(document, sizeof document,
                 "<feedback>" METADATA POLICY RECORD "<record><row>%s</row></record></feedback>",
                 cases[i].count);
        read(cases[i].count, document);
        bool kept = cases[i].want >= 0;
        MM_CHECK_INT(cases[i].count, report.record_count, 1 + kept);
        MM_CHECK_INT(cases[i].count, report.message_count, 2 + (kept ? cases[i].want : 0));
        MM_CHECK_INT(cases[i].count, report.skipped_count, !kept);
        MM_CHECK_INT(cases[i].count, flagged(MM_DMARC_FLAG_RECORDS_SKIPPED), !kept);
        if (!kept) {
            MM_CHECK_INT(cases[i].count, report.skips[0].reason, cases[i].why);
            MM_CHECK_INT("where", report.skips[0].offset,
                         strlen("<feedback>" METADATA POLICY RECORD));
        }
    }
    read("flags", ROW("<count>0.0</count>"));
    MM_CHECK_TRUE("flags",
                  flagged(MM_DMARC_FLAG_COUNT_ZERO) && flagged(MM_DMARC_FLAG_COUNT_FRACTION));
    static char many[200 * 60];
    size_t len = (size_t)snprintf(many, sizeof many, "<feedback>" METADATA);
    for (int i = 0; i < 100; i++)
        len += (size_t)snprintf(many + len, sizeof many - len, "<record/>");
    snprintf(many + len, sizeof many - len, "</feedback>");
    read("many", many);
    MM_CHECK_INT("all are counted, some are named", report.skipped_count, 100);
    int64_t sum;
    MM_CHECK_TRUE("a sum of the most records of the largest count is one still",
                  !__builtin_mul_overflow(MM_DMARC_COUNT_MAX, (int64_t)MM_DMARC_RECORDS_MAX, &sum));
    char most[32];
    snprintf(most, sizeof most, "from 0 to %lld", (long long)MM_DMARC_COUNT_MAX);
    MM_CHECK_TRUE("which the words tell",
                  strstr(mm_dmarc_skip_words(MM_DMARC_SKIP_BAD_COUNT), most) != NULL);
}

static void line_21_addresses_have_one_form(void **state)
{
    (void)state;
    static const struct {
        const char *written, *text;
        uint64_t flag;
        uint8_t last; /* byte of the 16; of an invalid one nothing is said */
    } cases[] = {
        {"192.0.2.1", "192.0.2.1", 0, 1},
        {"2001:db8::1", "2001:db8::1", 0, 1},
        {"2001:DB8:0:0:0:0:0:A", "2001:db8::a", 0, 10},
        {"::ffff:192.0.2.2", "192.0.2.2", MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_IP_MAPPED), 2},
        {"::FFFF:C000:0203", "192.0.2.3", MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_IP_MAPPED), 3},
        {"[2001:db8::4]", "2001:db8::4", MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_IP_TRIMMED), 4},
        {"192.0.2.5:25", "192.0.2.5", MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_IP_TRIMMED), 5},
        {"[2001:db8::6]:25", "2001:db8::6", MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_IP_TRIMMED), 6},
        {"192.0.2.7 (mx.example.com)", "192.0.2.7", MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_IP_TRIMMED), 7},
        {"108r.166.27.220", "108r.166.27.220", MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_IP_INVALID), 0},
        {"1.2.3", "1.2.3", MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_IP_INVALID), 0},
        {"1.2.3.256", "1.2.3.256", MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_IP_INVALID), 0},
        {"01.2.3.4", "01.2.3.4", MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_IP_INVALID), 0},
        {"x.x.x.x", "x.x.x.x", MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_IP_INVALID), 0},
        {"", "", MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_IP_INVALID), 0},
    };
    uint64_t all = MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_IP_INVALID) |
                   MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_IP_TRIMMED) |
                   MM_DMARC_FLAG_BIT(MM_DMARC_FLAG_IP_MAPPED);
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        char document[3000];
        const char *written = cases[i].written;
        snprintf(document, sizeof document,
                 "<feedback>" METADATA
                 "<record><row><source_ip>%s</source_ip><count>1</count></row></record></feedback>",
                 written);
        read(written, document);
        const struct mm_dmarc_record *record = &report.records[0];
        TEXT_IS(written, record->source_ip_text, cases[i].text);
        TEXT_IS("as written", record->source_ip_raw, written);
        MM_CHECK_INT(written, record->flags & all, cases[i].flag);
        MM_CHECK_INT(written, record->source_ip.present,
                     !(cases[i].flag >> MM_DMARC_FLAG_IP_INVALID & 1));
        if (record->source_ip.present)
            MM_CHECK_INT(written, record->source_ip.bytes[15], cases[i].last);
    }
    read("absent", ROW("<count>1</count>"));
    ABSENT("text", report.records[0].source_ip_text);
    MM_CHECK_TRUE("flag", flagged(MM_DMARC_FLAG_IP_INVALID));
}

#define NAMES(inside) REPORT("<record><row><count>1</count></row>" inside "</record>")

static void line_22_identifiers_are_names_in_one_form(void **state)
{
    (void)state;
    read("plain",
         NAMES("<identifiers><header_from>Example.COM.</header_from><envelope_from></envelope_from>"
               "<envelope_to>b\xc3\xbc"
               "cher.example</envelope_to></identifiers>"));
    TEXT_IS("header_from", report.records[0].header_from, "example.com");
    TEXT_IS("the null sender", report.records[0].envelope_from, "");
    TEXT_IS("envelope_to", report.records[0].envelope_to, "xn--bcher-kva.example");
    MM_CHECK_TRUE("no flag",
                  !flagged(MM_DMARC_FLAG_IDENTITIES) && !flagged(MM_DMARC_FLAG_BAD_DOMAIN));
    read("identities", NAMES("<identities><header_from>example.com</header_from></identities>"));
    TEXT_IS("header_from", report.records[0].header_from, "example.com");
    ABSENT("envelope_from", report.records[0].envelope_from);
    MM_CHECK_TRUE("flag", flagged(MM_DMARC_FLAG_IDENTITIES));
    read("none", NAMES(""));
    ABSENT("header_from", report.records[0].header_from);
    MM_CHECK_TRUE("flag", flagged(MM_DMARC_FLAG_NO_HEADER_FROM));
    read("an A-label, an address, what is no name",
         NAMES("<identifiers><header_from>XN--BCHER-KVA.example</"
               "header_from><envelope_from>User@EXAMPLE.org."
               "</envelope_from><envelope_to>\xef\xbf\xbd.example</envelope_to></identifiers>"));
    TEXT_IS("A-label", report.records[0].header_from, "xn--bcher-kva.example");
    TEXT_IS("address", report.records[0].envelope_from, "User@example.org");
    TEXT_IS("kept", report.records[0].envelope_to, "\xef\xbf\xbd.example");
    MM_CHECK_TRUE("flag", flagged(MM_DMARC_FLAG_BAD_DOMAIN));
}

static void line_23_results_are_lists_in_their_order(void **state)
{
    (void)state;
    read("none", NAMES("<auth_results/>"));
    MM_CHECK_INT("dkim", report.records[0].dkim_count, 0);
    MM_CHECK_INT("spf", report.records[0].spf_count, 0);
    read("several",
         NAMES("<auth_results><spf><domain/><scope>HELO</scope><result>none</result></spf>"
               "<dkim><domain>B.example</domain><result>fail</result><human_result>bad &amp; "
               "worse</human_result></dkim>"
               "<dkim><domain>a.example</domain><selector>S2</selector><result>pass</result></"
               "dkim></auth_results>"
               "<auth_results><spf><domain>c.example</domain><scope>mfrom</scope><result>Pass</"
               "result></spf>"
               "<spf><scope>pra</scope></spf></auth_results>"));
    const struct mm_dmarc_record *record = &report.records[0];
    MM_CHECK_INT("dkim", record->dkim_count, 2);
    TEXT_IS("first", record->dkim_results[0].domain, "b.example");
    ABSENT("selector", record->dkim_results[0].selector);
    TEXT_IS("human_result", record->dkim_results[0].human_result, "bad & worse");
    TEXT_IS("second", record->dkim_results[1].domain, "a.example");
    TEXT_IS("selector", record->dkim_results[1].selector, "S2");
    MM_CHECK_INT("spf", record->spf_count, 3);
    TEXT_IS("no domain", record->spf_results[0].domain, "");
    MM_CHECK_INT("scope", record->spf_results[0].scope.word, MM_DMARC_HELO);
    MM_CHECK_INT("scope", record->spf_results[1].scope.word, MM_DMARC_MFROM);
    MM_CHECK_INT("another scope", record->spf_results[2].scope.word, MM_DMARC_OTHER);
    TEXT_IS("kept", record->spf_results[2].scope.raw, "pra");
    MM_CHECK_INT("no result", record->spf_results[2].result.word, MM_DMARC_ABSENT);
    MM_CHECK_TRUE("no warning for RFC 7489", !flagged(MM_DMARC_FLAG_NO_SELECTOR));
    read("RFC 9990", "<feedback xmlns='urn:ietf:params:xml:ns:dmarc-2.0'>" METADATA
                     "<record><row><count>1</count></row><auth_results><dkim><result>pass</"
                     "result></dkim></auth_results></record>" RECORD "</feedback>");
    MM_CHECK_TRUE("a warning", report.records[0].flags >> MM_DMARC_FLAG_NO_SELECTOR & 1);
    MM_CHECK_TRUE("only there", !(report.records[1].flags >> MM_DMARC_FLAG_NO_SELECTOR & 1));
    TEXT_IS("each has its own", report.records[1].dkim_results[0].selector, "s1");
    MM_CHECK_INT("and no more", report.records[1].dkim_count, 1);
}

static void line_24_reasons_are_decoded_once(void **state)
{
    (void)state;
    read("reasons", ROW("<count>1</count><policy_evaluated><reason><type>mailing_list</"
                        "type><comment lang='en'>a &amp;lt; b"
                        "</comment></reason><reason><type/><comment/></reason><reason><type>Other</"
                        "type></reason>"
                        "<reason><type>arc</type></reason></policy_evaluated>"));
    const struct mm_dmarc_record *record = &report.records[0];
    MM_CHECK_INT("count", record->reason_count, 4);
    MM_CHECK_INT("type", record->reasons[0].type.word, MM_DMARC_MAILING_LIST);
    TEXT_IS("comment", record->reasons[0].comment, "a &lt; b");
    MM_CHECK_INT("empty type", record->reasons[1].type.word, MM_DMARC_ABSENT);
    TEXT_IS("empty comment", record->reasons[1].comment, "");
    MM_CHECK_INT("other", record->reasons[2].type.word, MM_DMARC_OTHER);
    ABSENT("no comment", record->reasons[2].comment);
    TEXT_IS("unknown", record->reasons[3].type.raw, "arc");
    MM_CHECK_TRUE("flag", flagged(MM_DMARC_FLAG_REASON_WORD));
    read("a known one", ROW("<count>1</count><policy_evaluated><reason><type>other</type></"
                            "reason></policy_evaluated>"));
    MM_CHECK_TRUE("no flag", !flagged(MM_DMARC_FLAG_REASON_WORD));
}

static void line_25_what_is_not_published_stays_absent(void **state)
{
    (void)state;
    read("nothing",
         "<feedback>" METADATA
         "<policy_published><domain>Example.COM</domain><sp></sp></policy_published></feedback>");
    TEXT_IS("domain", report.policy_domain, "example.com");
    MM_CHECK_INT("p", report.p.word, MM_DMARC_ABSENT);
    ABSENT("p", report.p.raw);
    MM_CHECK_INT("sp", report.sp.word, MM_DMARC_ABSENT);
    TEXT_IS("sp is there, empty", report.sp.raw, "");
    MM_CHECK_INT("pct", report.pct, MM_NO_NUMBER);
    ABSENT("fo", report.fo);
    MM_CHECK_TRUE("no flag", !flagged(MM_DMARC_FLAG_POLICY_WORD));
    MM_CHECK_INT("shape", report.shape, MM_DMARC_RFC7489);
    read("all",
         "<feedback><version>1.0</version><report_metadata><org_name>o</org_name><report_id>1</"
         "report_id>"
         "<extra_contact_info>x</extra_contact_info><generator>g "
         "1</generator><error>e1</error><error>e2</error>"
         "<date_range><begin>1</begin><end>2</end></date_range></report_metadata><policy_published>"
         "<domain>example.com</domain><p>Reject</p><sp>quarantine</sp><np>none</np><adkim>s</adkim>"
         "<aspf>relaxed</aspf><fo>1:d:s</fo><pct>50</pct><testing>y</"
         "testing><discovery_method>treewalk"
         "</discovery_method></policy_published></feedback>");
    MM_CHECK_INT("p", report.p.word, MM_DMARC_REJECT);
    MM_CHECK_INT("sp", report.sp.word, MM_DMARC_QUARANTINE);
    MM_CHECK_INT("np", report.np.word, MM_DMARC_NONE);
    MM_CHECK_INT("adkim", report.adkim.word, MM_DMARC_S);
    MM_CHECK_INT("aspf", report.aspf.word, MM_DMARC_R);
    MM_CHECK_INT("pct", report.pct, 50);
    TEXT_IS("fo", report.fo, "1:d:s");
    MM_CHECK_INT("testing", report.testing.word, MM_DMARC_Y);
    MM_CHECK_INT("discovery_method", report.discovery_method.word, MM_DMARC_TREEWALK);
    TEXT_IS("version", report.xml_version, "1.0");
    TEXT_IS("generator", report.generator, "g 1");
    TEXT_IS("extra_contact_info", report.extra_contact_info, "x");
    MM_CHECK_INT("errors", report.errors.count, 2);
    TEXT_IS("error", report.errors.items[1], "e2");
    MM_CHECK_INT("shape", report.shape, MM_DMARC_RFC9990);
    MM_CHECK_TRUE("no flag", !flagged(MM_DMARC_FLAG_POLICY_WORD));
    read("unknown words",
         "<feedback>" METADATA
         "<policy_published><p>monitor</p><pct>101</pct></policy_published></feedback>");
    MM_CHECK_INT("p", report.p.word, MM_DMARC_OTHER);
    TEXT_IS("kept", report.p.raw, "monitor");
    MM_CHECK_INT("pct", report.pct, MM_NO_NUMBER);
    MM_CHECK_TRUE("flag", flagged(MM_DMARC_FLAG_POLICY_WORD));
    read("two policies",
         "<feedback>" METADATA POLICY
         "<policy_published><domain>example.net</domain></policy_published>" RECORD "</feedback>");
    TEXT_IS("the first", report.policy_domain, "example.com");
    MM_CHECK_TRUE("flag", flagged(MM_DMARC_FLAG_REPEATED));
    read("two counts", ROW("<count>1</count><count>2</count>"));
    MM_CHECK_INT("the first", report.message_count, 1);
    MM_CHECK_TRUE("flag", flagged(MM_DMARC_FLAG_REPEATED));
}

static void line_26_alignment_is_as_reported(void **state)
{
    (void)state;
    read("results that contradict",
         REPORT("<record><row><count>5</count><policy_evaluated><dkim>fail</dkim><spf>pass</spf>"
                "</policy_evaluated></row><auth_results><dkim><domain>example.com</"
                "domain><result>pass</result></dkim>"
                "</auth_results></record>" RECORD));
    MM_CHECK_INT("dkim", report.dkim_aligned_count, 2);
    MM_CHECK_INT("spf", report.spf_aligned_count, 5);
    MM_CHECK_INT("either", report.dmarc_pass_count, 7);
    MM_CHECK_INT("all", report.message_count, 7);
}

static void line_27_the_same_report_is_found_again(void **state)
{
    (void)state;
    read("one", REPORT(RECORD));
    uint64_t key = report.report_key, content = report.content_hash;
    read("the same in other clothes",
         "<?xml version='1.0'?>\n<n:feedback xmlns:n='u'>\n\n" POLICY
         "<n:record>\n <row><count>2</count> "
         "<source_ip>&#49;92.0.2.1</source_ip><policy_evaluated>"
         "<disposition>none</disposition><spf>FAIL</spf><dkim>Pass</dkim></policy_evaluated></row>"
         "<identifiers><header_from>EXAMPLE.com</header_from></identifiers><auth_results><spf>"
         "<domain>example.net</domain><result>fail</result></spf><dkim>"
         "<domain>example.com</domain><selector>s1</selector><result>pass</result></dkim></"
         "auth_results></n:record>" METADATA "</n:feedback>");
    MM_CHECK_INT("key", report.report_key, key);
    MM_CHECK_INT("content", report.content_hash, content);
    read("another record", REPORT(RECORD RECORD));
    MM_CHECK_INT("key", report.report_key, key);
    MM_CHECK_TRUE("content", report.content_hash != content);
    static const char *const others[] = {
        "<feedback><report_metadata><org_name>Example "
        "Orh</org_name><report_id>id-1</report_id><date_range><begin>1700000000</"
        "begin><end>1700086399</end></date_range></report_metadata>" POLICY "</feedback>",
        "<feedback><report_metadata><org_name>Example "
        "Org</org_name><report_id>id-2</report_id><date_range><begin>1700000000</"
        "begin><end>1700086399</end></date_range></report_metadata>" POLICY "</feedback>",
        "<feedback><report_metadata><org_name>Example "
        "Org</org_name><report_id>id-1</report_id><date_range><begin>1700000001</"
        "begin><end>1700086399</end></date_range></report_metadata>" POLICY "</feedback>",
        "<feedback><report_metadata><org_name>Example "
        "Org</org_name><report_id>id-1</report_id><date_range><begin>1700000000</"
        "begin><end>1700086398</end></date_range></report_metadata>" POLICY "</feedback>",
        "<feedback>" METADATA "</feedback>",
        "<feedback><report_metadata><org_name>Example "
        "Orgi</org_name><report_id>d-1</report_id><date_range><begin>1700000000</"
        "begin><end>1700086399</end></date_range></report_metadata>" POLICY "</feedback>",
    };
    for (size_t i = 0; i < MM_COUNT(others); i++) {
        read("another report", others[i]);
        MM_CHECK_TRUE("key", report.report_key != key);
    }
}

/* A document of `times` pieces, and how it ends. */
static enum mm_status read_long(const char *head, const char *piece, size_t times, const char *tail)
{
    size_t size = strlen(head) + strlen(piece) * times + strlen(tail), at;
    char *text = malloc(size + 1);
    assert_non_null(text);
    strcpy(text, head);
    at = strlen(head);
    for (size_t i = 0; i < times; i++, at += strlen(piece))
        strcpy(text + at, piece);
    strcpy(text + at, tail);
    mm_arena_reset(&arena);
    arena.limit_bytes = (size_t)1 << 30;
    enum mm_status st =
        mm_dmarc_parse((struct mm_view){text, size}, NULL, shapes, &arena, &report, &fault);
    free(text);
    return st;
}

static void limits_are_named(void **state)
{
    (void)state;
    static const char record[] = "<record><row><count>1</count></row></record>",
                      end[] = "</feedback>";
    MM_CHECK_INT("the most records",
                 read_long("<feedback>" METADATA, record, MM_DMARC_RECORDS_MAX, end), MM_OK);
    MM_CHECK_INT("sum", report.message_count, MM_DMARC_RECORDS_MAX);
    MM_CHECK_INT("and one", read_long("<feedback>" METADATA, record, MM_DMARC_RECORDS_MAX + 1, end),
                 MM_E_LIMIT);
    MM_CHECK_INT("and one", fault.reason, MM_REPORT_FAULT_DMARC_RECORDS);
    static const struct {
        const char *head, *piece, *tail;
    } parts[] = {{"<feedback>" METADATA "<record><row><count>1</count><policy_evaluated>",
                  "<reason/>", "</policy_evaluated></row></record></feedback>"},
                 {"<feedback>" METADATA "<record><row><count>1</count></row><auth_results>",
                  "<dkim/>", "</auth_results></record></feedback>"},
                 {"<feedback>" METADATA "<record><row><count>1</count></row><auth_results>",
                  "<spf/>", "</auth_results></record></feedback>"}};
    for (size_t i = 0; i < MM_COUNT(parts); i++) {
        MM_CHECK_INT(parts[i].piece,
                     read_long(parts[i].head, parts[i].piece, MM_DMARC_PARTS_MAX, parts[i].tail),
                     MM_OK);
        MM_CHECK_INT(
            parts[i].piece,
            read_long(parts[i].head, parts[i].piece, MM_DMARC_PARTS_MAX + 1, parts[i].tail),
            MM_E_LIMIT);
        MM_CHECK_INT(parts[i].piece, fault.reason, MM_REPORT_FAULT_DMARC_PARTS);
    }
    MM_CHECK_INT("deep", read_long("<feedback>", "<a>", 10000, ""), MM_E_LIMIT);
    MM_CHECK_INT("deep", fault.reason, MM_REPORT_FAULT_XML_DEPTH);
    MM_CHECK_INT("a long attribute", read_long("<feedback a='", "0123456789", 1000000, "'/>"),
                 MM_E_LIMIT);
    MM_CHECK_INT("a long attribute", fault.reason, MM_REPORT_FAULT_XML_VALUE_LENGTH);
    MM_CHECK_INT("a long text",
                 read_long("<feedback><version>", "0123456789", 1000000, "</version></feedback>"),
                 MM_E_LIMIT);
    MM_CHECK_INT("a long text", fault.reason, MM_REPORT_FAULT_XML_TEXT_LENGTH);
}

/* Each record of a document that is converted has its place; looking for all from the front would
 * not end. */
static void places_in_converted_documents_are_found_in_linear_time(void **state)
{
    (void)state;
    static const char head[] = "<?xml version='1.0' encoding='windows-1252'?><feedback>" METADATA,
                      record[] = "<record>\xe9<row><count>1</count></row></record>";
    MM_CHECK_INT("read", read_long(head, record, 200000, "</feedback>"), MM_OK);
    for (uint32_t i = 0; i < report.record_count; i++)
        MM_CHECK_INT("place", report.records[i].offset, strlen(head) + i * strlen(record));
}

static void memory_that_is_refused_is_told(void **state)
{
    (void)state;
    static const char document[] = REPORT(RECORD RECORD RECORD);
    struct mm_view view = mm_view_of(document);
    size_t refused = 0;
    for (size_t limit = 0; limit < 20000; limit += 64) {
        struct mm_arena small;
        mm_arena_init(&small, limit);
        enum mm_status st = mm_dmarc_parse(view, NULL, shapes, &small, &report, &fault);
        MM_CHECK_TRUE("refused or read", st == MM_E_NOMEM || st == MM_OK);
        refused += st == MM_E_NOMEM;
        mm_arena_deinit(&small);
    }
    MM_CHECK_TRUE("some are refused", refused > 0);
}

/* A second record like the first but for one byte, each byte and each value that might matter. */
static void records_that_differ_in_a_byte_are_read_as_without_shapes(void **state)
{
    (void)state;
    static const char bytes[] = "<>/&]a \n\r\t\x01\xe9\xef";
    char document[] = REPORT(RECORD "\n  " RECORD "\n  " RECORD);
    char *second = strstr(strstr(document, "<record>") + 1, "<record>");
    size_t len = strlen("\n  " RECORD);
    read("alike", document);
    MM_CHECK_INT("alike", report.record_count, 3);
    for (size_t at = 0; at < len; at++)
        for (size_t k = 0; k < sizeof bytes; k++) {
            char was = second[at];
            second[at] = bytes[k]; /* the last one is NUL */
            (void)parse_bytes((struct mm_view){document, sizeof document - 1}, NULL);
            second[at] = was;
        }
    for (size_t cut = 0; cut <= sizeof document - 1; cut++)
        (void)parse_bytes((struct mm_view){document, cut}, NULL);
}

/* What a shape must not take for what it knows. */
static void records_without_shape_are_read_as_ever(void **state)
{
    (void)state;
    static const char *const records[] = {
        RECORD RECORD,
        "<record><row><count>1</count><count>2</count></row></record>",
        "<record><row><count>1</count><other>2</other></row></record>",
        "<record><row><count>1<!-- 2 --></count></row></record>",
        "<record><row><count><![CDATA[1]]></count></row></record>",
        "<record><row><count>1<b></b></count></row></record>",
        "<record><row><count><b></b>1</count></row></record>",
        "<record><row><count>&#49;</count></row></record>",
        "<record><row><count/><source_ip>192.0.2.1</source_ip></row></record>",
        "<record><row><count> 1\n</count></row ></record >",
        "<record a='1'><row><count>1</count></row></record>",
        "<record xmlns='u:1'><row><count>1</count></row></record>",
        "<p:record xmlns:p='u:1'><p:row><p:count>1</p:count></p:row></p:record>",
        "<!-- x --><record><row><count>1</count></row></record><?y?>",
        "x<record>y<row>z<count>1</count></row></record>",
        "<record><identities><header_from>a.example</header_from></identities><row><count>1</count>"
        "</row></record>",
        "<record></record><record/><record> </record>",
        "<record><row><count>1</count></row><auth_results><dkim></dkim><dkim/></auth_results>"
        "</record>",
        "<record><row><count>1</count><policy_evaluated><reason><type>other</type></reason><reason>"
        "</reason></policy_evaluated></row></record>",
    };
    char document[8192];
    for (size_t i = 0; i < MM_COUNT(records); i++)
        for (size_t k = 0; k < MM_COUNT(records); k++) {
            snprintf(document, sizeof document, REPORT("%s%s%s"), records[i], records[k],
                     records[i]);
            (void)parse_bytes(mm_view_of(document), NULL);
        }
}

/* Two texts, then what others have too: whatever the two are. */
static void records_that_end_alike_are_read_as_without_shapes(void **state)
{
    (void)state;
    static const char *const orders[] = {
        "<row><source_ip>%s</source_ip><count>%s</count></row>"
        "<identifiers><header_from>A.example</header_from></identifiers>"
        "<auth_results><dkim><domain>b.example</domain><result>pass</result></dkim></auth_results>",
        "<row><count>%s</count><source_ip>%s</source_ip><policy_evaluated><dkim>pass</dkim>"
        "</policy_evaluated></row>",
        "<identifiers><header_from>%s</header_from><envelope_from>%s</envelope_from></identifiers>"
        "<row><source_ip>192.0.2.1</source_ip><count>4</count></row>",
        "<auth_results><dkim><domain>%s</domain><result>%s</result></dkim></auth_results>"
        "<row><source_ip>192.0.2.1</source_ip><count>4</count></row>",
        "<row><policy_evaluated><dkim>%s</dkim><spf>%s</spf><reason><comment>c</comment></reason>"
        "</policy_evaluated><source_ip>192.0.2.1</source_ip><count>4</count></row>",
    };
    static const char *const texts[] = {"192.0.2.1", "7", "pass", "A.example.", "x y", "7.0", "0"};
    char document[16384];
    uint64_t random = 3;
    for (size_t round = 0; round < 200; round++) {
        size_t len = 0;
        char records[8192];
        for (size_t i = 0; i < 20; i++) {
            len += (size_t)sprintf(records + len, "<record>");
            len += (size_t)sprintf(records + len,
                                   orders[(round + i % (1 + round % 3)) % MM_COUNT(orders)],
                                   texts[mm_random(&random) % MM_COUNT(texts)],
                                   texts[mm_random(&random) % MM_COUNT(texts)]);
            len += (size_t)sprintf(records + len, "</record>");
        }
        snprintf(document, sizeof document, REPORT("%s"), records);
        (void)parse_bytes(mm_view_of(document), NULL);
    }
}

static int start(void **state)
{
    (void)state;
    shapes = mm_xml_shapes_new();
    return shapes ? 0 : -1;
}

static int finish(void **state)
{
    (void)state;
    mm_xml_shapes_free(&shapes);
    mm_arena_deinit(&other_arena);
    mm_arena_deinit(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MM_TEST(line_06_declarations_and_entities_are_refused),
        MM_TEST(line_11_elements_are_known_by_local_name_in_any_order),
        MM_TEST(line_12_character_sets_are_read),
        MM_TEST(line_13_damage_leaves_what_is_whole),
        MM_TEST(line_14_what_makes_no_report_is_refused),
        MM_TEST(line_15_org_and_id_have_fallbacks),
        MM_TEST(line_16_date_ranges_are_seconds),
        MM_TEST(line_18_words_have_any_case_and_known_aliases),
        MM_TEST(line_19_what_was_not_evaluated_is_absent),
        MM_TEST(line_20_records_without_a_count_are_left_out_and_named),
        MM_TEST(line_21_addresses_have_one_form),
        MM_TEST(line_22_identifiers_are_names_in_one_form),
        MM_TEST(line_23_results_are_lists_in_their_order),
        MM_TEST(line_24_reasons_are_decoded_once),
        MM_TEST(line_25_what_is_not_published_stays_absent),
        MM_TEST(line_26_alignment_is_as_reported),
        MM_TEST(line_27_the_same_report_is_found_again),
        MM_TEST(limits_are_named),
        MM_TEST(places_in_converted_documents_are_found_in_linear_time),
        MM_TEST(records_that_differ_in_a_byte_are_read_as_without_shapes),
        MM_TEST(records_without_shape_are_read_as_ever),
        MM_TEST(records_that_end_alike_are_read_as_without_shapes),
        MM_TEST(memory_that_is_refused_is_told),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
