/*
 * test_text_xml_shapes.c - elements that are written alike are taken whole, and nothing else is.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text/xml_shapes.h"

#include "support/mm_test.h"

static struct mm_xml_shapes *shapes;
static struct mm_xml_pull pull;
static char told[65536];

/* What a step is, by its address. */
static const char LEAF, INNER;

static void tell(const char *how, struct mm_view text)
{
    size_t len = strlen(told);
    snprintf(told + len, sizeof told - len, "%s%.*s;", how, (int)text.len, text.data);
}

static void note(const void *what, struct mm_view text)
{
    mm_xml_shapes_note(shapes, what, text);
    tell(what == &LEAF ? "leaf " : "inner", text);
}

/* A reader of <list> with <item>s: in an item and its <inner>s, <leaf>s are texts. */
static enum mm_status read_item(struct mm_arena *arena)
{
    enum mm_status st;
    while ((st = mm_xml_pull_tag(&pull)) == MM_OK && pull.event == MM_XML_START) {
        struct mm_view text;
        if (mm_view_eq(pull.name.local, MM_VIEW("leaf"))) {
            st = mm_xml_pull_text(&pull, arena, &text);
            if (st == MM_OK)
                note(&LEAF, text);
        } else if (mm_view_eq(pull.name.local, MM_VIEW("inner"))) {
            note(&INNER, (struct mm_view){NULL, 0});
            st = read_item(arena);
        } else {
            mm_xml_shapes_drop(shapes);
            st = mm_xml_pull_skip(&pull);
        }
        if (st != MM_OK)
            return st;
    }
    return st;
}

static size_t taken, alike; /* items of a list that were taken whole; with an ending of another */

/* What was told of an item that has an ending: where it begins and ends in `told`. */
static struct {
    size_t from, to;
} endings[4096];
static size_t ending_count;

/* Where in `told`, from an item's beginning on, the ending of an item begins: behind two texts. */
static size_t ending_from(const struct mm_xml_taken *item, size_t from)
{
    size_t texts = 0;
    for (size_t i = 0; i < item->count && texts < 2; i++) {
        texts += item->steps[i].what == &LEAF;
        from += strcspn(told + from, ";") + 1;
    }
    return from;
}

static void tell_taken(const struct mm_xml_taken *item)
{
    size_t from = strlen(told);
    taken++;
    for (size_t i = 0; i < item->count; i++)
        tell(item->steps[i].what == &LEAF ? "leaf " : "inner", item->steps[i].text);
    if (item->ending != MM_XML_NO_ENDING) {
        alike++;
        assert_true(item->ending < ending_count);
        size_t len = strlen(told), more = endings[item->ending].to - endings[item->ending].from;
        assert_true(len + more < sizeof told);
        memcpy(told + len, told + endings[item->ending].from, more);
        told[len + more] = 0;
    } else if (ending_count < MM_COUNT(endings)) {
        endings[ending_count].from = ending_from(item, from);
        endings[ending_count].to = strlen(told);
        mm_xml_shapes_keep_ending(shapes, &pull, (uint32_t)ending_count++);
    }
    snprintf(told + strlen(told), 32, "@%zu ", item->offset);
}

static enum mm_status read_list(struct mm_arena *arena)
{
    for (;;) {
        struct mm_xml_taken item;
        while (mm_xml_shapes_take(shapes, &pull, &item))
            tell_taken(&item);
        mm_xml_shapes_begin(shapes, &pull);
        enum mm_status st = mm_xml_pull_tag(&pull);
        if (st != MM_OK || pull.event == MM_XML_END)
            return st;
        size_t offset = pull.offset;
        if ((st = read_item(arena)) != MM_OK)
            return st;
        mm_xml_shapes_end(shapes, &pull);
        snprintf(told + strlen(told), 32, "@%zu ", offset);
    }
}

/* Read a list in `mode`; returns how the document ended. */
static enum mm_status read(struct mm_view document, enum mm_xml_mode mode)
{
    struct mm_arena arena;
    struct mm_guard g = mm_guard_copy(document);
    mm_arena_init(&arena, 1 << 20);
    mm_xml_shapes_open(shapes);
    mm_xml_pull_init(&pull, g.view, mode);
    told[0] = 0;
    taken = alike = ending_count = 0;
    enum mm_status st = mm_xml_pull_tag(&pull);
    if (st == MM_OK)
        st = read_list(&arena);
    if (st == MM_OK)
        st = mm_xml_pull_next(&pull);
    mm_arena_deinit(&arena);
    mm_guard_free(&g);
    return st;
}

/* The same with shapes as without; returns how many were taken. */
static size_t compare(const char *label, struct mm_view document)
{
    static char want[sizeof told];
    struct mm_xml_shapes *kept = shapes;
    shapes = NULL;
    enum mm_status st = read(document, MM_XML_STRICT);
    MM_CHECK_INT(label, taken, 0);
    enum mm_xml_fault fault = pull.fault;
    size_t offset = pull.fault_offset;
    strcpy(want, told);
    shapes = kept;
    MM_CHECK_INT(label, read(document, MM_XML_STRICT), st);
    MM_CHECK_INT(label, pull.fault, fault);
    MM_CHECK_INT(label, pull.fault_offset, offset);
    if (st == MM_END)
        MM_CHECK_VIEW(label, mm_view_of(told), mm_view_of(want));
    return taken;
}

static void fresh(void)
{
    mm_xml_shapes_free(&shapes);
    shapes = mm_xml_shapes_new();
    assert_non_null(shapes);
}

static const struct {
    const char *label, *document;
    size_t taken;
} lists[] = {
    {"alike",
     "<list>\n<item><leaf>1</leaf></item>\n<item><leaf> two </leaf></item>\n<item><leaf/></item>"
     "</list>",
     1},
    {"the first, behind another tag, is one of its own",
     "<list><item><leaf>1</leaf></item><item><leaf>2</leaf></item><item><leaf></leaf></item></"
     "list>",
     2},
    {"other white space", "<list><item><leaf>1</leaf></item> <item><leaf>2</leaf></item></list>",
     0},
    {"two ways, each again",
     "<list><item><leaf>1</leaf></item><item><leaf>1</leaf><inner><leaf>2</leaf></inner></item>"
     "<item><leaf>3</leaf></item><item><leaf>1</leaf><inner><leaf>4</leaf></inner></item></list>",
     2},
    {"a longer text",
     "<list><item><leaf>1</leaf></item><item><leaf>0123456789abcdefghijklmnopqrstuvwxyz</leaf>"
     "</item></list>",
     1},
    {"letters outside ASCII, brackets, tabs",
     "<list><item><leaf>1</leaf></item><item><leaf>\xc3\xa4]\t1\n2</leaf></item></list>", 0},
    {"letters outside ASCII",
     "<list><item><leaf>1</leaf></item><item><leaf>\xc3\xa4</leaf></item>"
     "</list>",
     1},
    {"references", "<list><item><leaf>1</leaf></item><item><leaf>&lt;</leaf></item></list>", 0},
    {"comments",
     "<list><item><leaf>1</leaf><!-- --></item><item><leaf>2</leaf><!-- --></item>"
     "</list>",
     0},
    {"attributes",
     "<list><item a='1'><leaf>1</leaf></item><item a='1'><leaf>1</leaf></item></list>", 0},
    {"prefixes",
     "<list xmlns:p='u'><p:item><leaf>1</leaf></p:item><p:item><leaf>1</leaf></p:item>"
     "</list>",
     0},
    {"what its reader does not know",
     "<list><item><leaf>1</leaf><x></x></item><item><leaf>1</leaf><x></x></item></list>", 0},
    {"without a text",
     "<list><item></item><item></item><item><inner></inner></item>"
     "<item><inner></inner></item></list>",
     1},
    {"text beside elements",
     "<list><item>x<leaf>1</leaf></item><item>x<leaf>1</leaf></item></list>", 0},
    {"brackets that end CDATA",
     "<list><item><leaf>1</leaf></item><item><leaf>]]></leaf></item></list>", 0},
    {"a character that is none",
     "<list><item><leaf>1</leaf></item><item><leaf>\x01</leaf></item></list>", 0},
    {"another end", "<list><item><leaf>1</leaf></item><item><leaf>1</leaf></list>", 0},
    {"cut short", "<list><item><leaf>1</leaf></item><item><leaf>1</lea", 0},
};

static void elements_written_alike_are_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(lists); i++) {
        fresh();
        MM_CHECK_INT(lists[i].label, compare(lists[i].label, mm_view_of(lists[i].document)),
                     lists[i].taken);
    }
}

/* Everything of one document is in the next one's tree. */
static void shapes_outlive_their_document(void **state)
{
    (void)state;
    fresh();
    struct mm_view document = mm_view_of(lists[3].document);
    (void)compare("first", document);
    MM_CHECK_INT("again", compare("again", document), 4);
    for (size_t i = 0; i < MM_COUNT(lists); i++)
        (void)compare(lists[i].label, mm_view_of(lists[i].document));
    MM_CHECK_INT("and again", compare("again", document), 4);
}

static const struct {
    const char *label, *document;
    size_t alike;
} ends[] = {
    {"behind two texts",
     "<list><item><leaf>1</leaf><leaf>2</leaf><leaf>3</leaf></item>"
     "<item><leaf>1</leaf><leaf>2</leaf><leaf>3</leaf></item>"
     "<item><leaf>4</leaf><leaf>5</leaf><leaf>3</leaf></item>"
     "<item><leaf>7</leaf><leaf>8</leaf><leaf>4</leaf></item>"
     "<item><leaf>7</leaf><leaf>8</leaf><leaf>3</leaf></item>"
     "<item><leaf>7</leaf><leaf>8</leaf><leaf>4</leaf></item></list>",
     3},
    {"of others than those of the first two texts",
     "<list><item><leaf>1</leaf><inner><leaf>2</leaf></inner><leaf>3</leaf></item>"
     "<item><leaf>1</leaf><inner><leaf>2</leaf></inner><leaf>3</leaf></item>"
     "<item><leaf>1</leaf><inner><leaf>2</leaf></inner><leaf>3</leaf></item>"
     "<item><leaf>1</leaf><inner><leaf>x</leaf></inner><leaf>3</leaf></item></list>",
     2},
    {"the same bytes in another place of the tree",
     "<list><item><inner><leaf>1</leaf><leaf>2</leaf></inner></item>"
     "<item><inner><leaf>1</leaf><leaf>2</leaf></inner></item>"
     "<item><leaf>1</leaf><inner><leaf>2</leaf></inner></item>"
     "<item><leaf>1</leaf><inner><leaf>2</leaf></inner></item>"
     "<item><leaf>1</leaf><inner><leaf>2</leaf></inner></item></list>",
     1},
    {"no other with one text or none",
     "<list><item><leaf>1</leaf></item><item><leaf>1</leaf></item><item><leaf>1</leaf></item>"
     "<item></item><item></item><item></item></list>",
     0},
    {"a text that goes on",
     "<list><item><leaf>1</leaf><leaf>2</leaf></item><item><leaf>1</leaf><leaf>2</leaf></item>"
     "<item><leaf>1</leaf><leaf>2</leaf></item><item><leaf>1</leaf><leaf>2 3</leaf></item></list>",
     2},
    {"more of them than are known",
     "<list><item><leaf>1</leaf><leaf>2</leaf><leaf>0</leaf></item>"
     "<item><leaf>1</leaf><leaf>2</leaf><leaf>0</leaf></item>"
     "<item><leaf>1</leaf><leaf>2</leaf><leaf>1</leaf></item>"
     "<item><leaf>1</leaf><leaf>2</leaf><leaf>2</leaf></item>"
     "<item><leaf>1</leaf><leaf>2</leaf><leaf>3</leaf></item>"
     "<item><leaf>1</leaf><leaf>2</leaf><leaf>4</leaf></item>"
     "<item><leaf>1</leaf><leaf>2</leaf><leaf>5</leaf></item>"
     "<item><leaf>1</leaf><leaf>2</leaf><leaf>6</leaf></item>"
     "<item><leaf>1</leaf><leaf>2</leaf><leaf>7</leaf></item>"
     "<item><leaf>1</leaf><leaf>2</leaf><leaf>0</leaf></item>"
     "<item><leaf>1</leaf><leaf>2</leaf><leaf>8</leaf></item>"
     "<item><leaf>1</leaf><leaf>2</leaf><leaf>1</leaf></item>"
     "<item><leaf>1</leaf><leaf>2</leaf><leaf>0</leaf></item></list>",
     2},
    {"cut short within",
     "<list><item><leaf>1</leaf><leaf>2</leaf><leaf>3</leaf></item>"
     "<item><leaf>1</leaf><leaf>2</leaf><leaf>3</leaf></item>"
     "<item><leaf>1</leaf><leaf>2</leaf><leaf>3</leaf></ite",
     0},
};

static void endings_that_are_known_are_not_read_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(ends); i++) {
        fresh();
        (void)compare(ends[i].label, mm_view_of(ends[i].document));
        MM_CHECK_INT(ends[i].label, alike, ends[i].alike);
    }
}

/* A document's bytes are gone when the next one is read, and its numbers mean others. */
static void endings_end_with_their_document(void **state)
{
    (void)state;
    fresh();
    (void)compare("first", mm_view_of(ends[0].document));
    MM_CHECK_INT("second", compare("second", mm_view_of(ends[0].document)), 6);
    MM_CHECK_INT("second", alike, 4);
}

static void damaged_documents_have_no_shapes(void **state)
{
    (void)state;
    fresh();
    struct mm_view document = mm_view_of(lists[1].document);
    (void)read(document, MM_XML_RECOVER);
    MM_CHECK_INT("none is learned", compare("recovery", document), 2);
    (void)read(document, MM_XML_RECOVER);
    MM_CHECK_INT("none is taken", taken, 0);
}

static void elements_at_another_depth_are_others(void **state)
{
    (void)state;
    fresh();
    (void)compare("first", mm_view_of(lists[1].document));
    MM_CHECK_INT("first", compare("again", mm_view_of(lists[1].document)), 3);
    char document[512];
    snprintf(document, sizeof document, "<a>%s</a>", lists[1].document);
    struct mm_guard g = mm_guard_copy(mm_view_of(document));
    struct mm_xml_taken item;
    mm_xml_pull_init(&pull, g.view, MM_XML_STRICT);
    MM_CHECK_INT("a", mm_xml_pull_tag(&pull), MM_OK);
    MM_CHECK_INT("list", mm_xml_pull_tag(&pull), MM_OK);
    MM_CHECK_INT("deeper", mm_xml_shapes_take(shapes, &pull, &item), false);
    mm_guard_free(&g);
}

/* More shapes than there is room for, more steps, more ways at one place, longer pieces. */
static void a_full_tree_forgets(void **state)
{
    (void)state;
    uint64_t random = 1;
    char *document = malloc(1 << 20);
    assert_non_null(document);
    fresh();
    for (size_t i = 0; i < 300; i++) {
        size_t len = (size_t)sprintf(document, "<list>");
        for (size_t k = 0; k < 20; k++) {
            size_t leaves = mm_random(&random) % (i % 50 == 0 ? 300 : 20);
            len += (size_t)sprintf(document + len, "<item>");
            for (size_t m = 0; m < leaves; m++)
                len += (size_t)sprintf(
                    document + len, "%*s<leaf>%zu</leaf>",
                    (int)(mm_random(&random) % (mm_random(&random) % 40 ? 3 : 100)), "", m);
            len += (size_t)sprintf(document + len, "</item>");
        }
        len += (size_t)sprintf(document + len, "</list>");
        (void)compare("random", (struct mm_view){document, len});
    }
    size_t long_piece = 300 * 1024, len = (size_t)sprintf(document, "<list><item>");
    memset(document + len, ' ', long_piece);
    len += long_piece;
    len += (size_t)sprintf(document + len, "<leaf>1</leaf></item></list>");
    MM_CHECK_INT("a long piece", compare("a long piece", (struct mm_view){document, len}), 0);
    MM_CHECK_INT("a long piece", compare("a long piece", (struct mm_view){document, len}), 0);
    (void)compare("and it learns again", mm_view_of(lists[1].document));
    MM_CHECK_INT("and it learns again",
                 compare("and it learns again", mm_view_of(lists[1].document)), 3);
    free(document);
}

static int finish(void **state)
{
    (void)state;
    mm_xml_shapes_free(&shapes);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {MM_TEST(elements_written_alike_are_taken),
                                       MM_TEST(shapes_outlive_their_document),
                                       MM_TEST(endings_that_are_known_are_not_read_again),
                                       MM_TEST(endings_end_with_their_document),
                                       MM_TEST(damaged_documents_have_no_shapes),
                                       MM_TEST(elements_at_another_depth_are_others),
                                       MM_TEST(a_full_tree_forgets)};
    return cmocka_run_group_tests(tests, NULL, finish);
}
