/*
 * dmarc_elements.c - which elements an aggregate report has, and where their texts go.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Elements are known by their local name. Each list is in the order in which reporters write, and
 * the search for a name begins behind the one before, so that it is mostly the first that is looked
 * at.
 */
#include <assert.h>

#include "base/error.h"
#include "base/word.h"
#include "report/dmarc_reader.h"

struct element {
    struct mm_view name;
    /* The element's start is the event; its end is when it returns. `target` is what the section
     * fills, `offset` the place in it. MM_AGAIN where another start is to be read next. */
    enum mm_status (*read)(struct mm_dmarc_reader *r, const struct element *element, void *target);
    size_t offset;
    bool many; /* may occur more than once */
    const struct part *part;
};

struct section {
    const struct element *elements;
    uint32_t count;
    bool of_texts; /* most of them are texts */
};

/* One of many results or reasons of a record: it is added to a pool, filled, and finished. */
struct part {
    struct section section;
    size_t pool, first; /* its pool in the reader; in the draft, where this record's begin */
    enum mm_status (*finish)(struct mm_dmarc_reader *r, struct mm_dmarc_draft *draft, void *part);
};

#define NAME(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
#define TEXT(name, type, member)                                                                   \
    {                                                                                              \
        NAME(name), read_text, offsetof(type, member), false, NULL                                 \
    }
#define ONCE(name, read)                                                                           \
    {                                                                                              \
        NAME(name), read, 0, false, NULL                                                           \
    }
#define MANY(name, read)                                                                           \
    {                                                                                              \
        NAME(name), read, 0, true, NULL                                                            \
    }
#define PARTS(name, part)                                                                          \
    {                                                                                              \
        NAME(name), read_part, 0, true, part                                                       \
    }
#define TEXTS(array)    ((const struct section){array, MM_COUNT(array), true})
#define SECTIONS(array) ((const struct section){array, MM_COUNT(array), false})

/* Where damage has swallowed the end of a section, these show that it is over. */
static bool is_of_feedback(struct mm_view name)
{
    return mm_view_eq(name, MM_VIEW("record")) || mm_view_eq(name, MM_VIEW("policy_published")) ||
           mm_view_eq(name, MM_VIEW("report_metadata"));
}

/* Step over an unknown element. In recovery it ends where a section of the report begins. */
static enum mm_status skip(struct mm_dmarc_reader *r)
{
    uint32_t outside = r->xml.depth - 1;
    if (r->xml.mode == MM_XML_STRICT)
        return mm_xml_pull_skip(&r->xml);
    while (r->xml.depth > outside) {
        enum mm_status st = mm_xml_pull_tag(&r->xml);
        if (st != MM_OK)
            return st;
        if (r->xml.event == MM_XML_START && is_of_feedback(r->xml.name.local)) {
            while (r->xml.depth > outside + 1)
                mm_xml_pull_close_outer(&r->xml);
            return MM_OK;
        }
    }
    return MM_OK;
}

/* An element that lost the '<' of its end tag has that tag at the end of its text. */
static struct mm_view without_lost_end(struct mm_view text, struct mm_view name)
{
    size_t end = name.len + 2;
    if (text.len >= end && text.data[text.len - 1] == '>' && text.data[text.len - end] == '/' &&
        mm_view_eq(mm_view_sub(text, text.len - end + 1, name.len), name))
        text = mm_view_trim_fws(mm_view_sub(text, 0, text.len - end));
    return text;
}

static struct mm_view *text_at(void *target, const struct element *element)
{
    return (struct mm_view *)(void *)((char *)target + element->offset);
}

static enum mm_status read_text(struct mm_dmarc_reader *r, const struct element *element,
                                void *target)
{
    struct mm_view text;
    enum mm_status st = mm_xml_pull_text(&r->xml, r->arena, &text);
    if (st == MM_AGAIN)
        text = without_lost_end(text, element->name);
    if (st >= 0) {
        *text_at(target, element) = text;
        mm_xml_shapes_note(r->shapes, element, text);
    }
    return st;
}

static bool is_name(const struct element *element, struct mm_view name)
{
    return element->name.len == name.len && mm_word_same(element->name.data, name.data, name.len);
}

/* The element of that name, searched from `first` on, round to where it began; NULL for none. */
static const struct element *find(const struct section *s, struct mm_view name, uint32_t first)
{
    for (uint32_t i = first; i < s->count; i++)
        if (is_name(&s->elements[i], name))
            return &s->elements[i];
    for (uint32_t i = 0; i < first; i++)
        if (is_name(&s->elements[i], name))
            return &s->elements[i];
    return NULL;
}

/* What of the section has been read. */
struct progress {
    uint32_t next; /* the element that is expected */
    uint32_t seen; /* bits */
};

static void note_element(struct progress *so_far, uint32_t place, bool many)
{
    so_far->seen |= 1u << place;
    so_far->next = many ? place : place + 1;
}

/* What most sections are made of: a text, for the first time, in a leaf. False for all else. */
static bool read_leaf(struct mm_dmarc_reader *r, struct section s, void *target,
                      struct progress *so_far)
{
    size_t child = mm_xml_pull_child(&r->xml);
    for (uint32_t i = 0, place = so_far->next; child && i < s.count; i++, place++) {
        place = place < s.count ? place : 0;
        const struct element *e = &s.elements[place];
        struct mm_view *to = text_at(target, e);
        if (e->read == read_text && !(so_far->seen >> place & 1) &&
            mm_xml_pull_leaf(&r->xml, child, e->name, to)) {
            note_element(so_far, place, false);
            mm_xml_shapes_note(r->shapes, e, *to);
            return true;
        }
    }
    return false;
}

/* What a shape says where a part ends. */
static const struct element end_of_part;

static enum mm_status begin_part(struct mm_dmarc_reader *r, const struct mm_dmarc_draft *draft,
                                 const struct part *kind, void **part)
{
    struct mm_row_pool *pool = (struct mm_row_pool *)(void *)((char *)r + kind->pool);
    uint32_t first;
    *part = NULL;
    memcpy(&first, (const char *)draft + kind->first, sizeof first);
    if (pool->count - first == MM_DMARC_PARTS_MAX)
        return mm_dmarc_fail(r, MM_E_LIMIT, MM_REPORT_FAULT_DMARC_PARTS, r->xml.offset);
    *part = mm_row_pool_add(pool, r->arena);
    return *part ? MM_OK : MM_E_NOMEM;
}

/* A record that begins at `offset`. */
static struct mm_dmarc_draft draft_of(const struct mm_dmarc_reader *r, size_t offset)
{
    return (struct mm_dmarc_draft){.record = {.offset = offset,
                                              .first_dkim = r->dkims.count,
                                              .first_spf = r->spfs.count,
                                              .first_reason = r->reasons.count}};
}

/* Do what reading the record did that is written like this one. */
static enum mm_status retrace(struct mm_dmarc_reader *r, struct mm_dmarc_draft *draft,
                              const struct mm_xml_step *steps, size_t count)
{
    const struct part *kind = NULL;
    void *target = draft;
    for (size_t i = 0; i < count; i++) {
        const struct element *element = steps[i].what;
        if (steps[i].text.data) {
            *text_at(target, element) = steps[i].text;
        } else if (element == &end_of_part) {
            assert(kind);
            MM_TRY(kind->finish(r, draft, target));
            target = draft;
        } else {
            kind = element->part;
            MM_TRY(begin_part(r, draft, kind, &target));
        }
    }
    return MM_OK;
}

enum { SOURCE_IP, COUNT, POLICY_EVALUATED, ROW_ELEMENTS };
static const struct element elements_of_row[ROW_ELEMENTS];

/* The record begins with its address and its count. */
static bool begins_as_usual(const struct mm_xml_taken *taken)
{
    return taken->count >= 2 && taken->steps[0].what == &elements_of_row[SOURCE_IP] &&
           taken->steps[1].what == &elements_of_row[COUNT];
}

static enum mm_status read_record_alike(struct mm_dmarc_reader *r, const struct mm_xml_taken *taken)
{
    struct mm_dmarc_draft draft = draft_of(r, taken->offset);
    MM_TRY(retrace(r, &draft, taken->steps, taken->count));
    if (taken->ending != MM_XML_NO_ENDING)
        return mm_dmarc_finish_like(r, &draft, taken->ending);
    uint32_t index = r->records.count;
    MM_TRY(mm_dmarc_finish_record(r, &draft, true));
    if (r->records.count > index && begins_as_usual(taken))
        mm_xml_shapes_keep_ending(r->shapes, &r->xml, index);
    return MM_OK;
}

/* Records that are written like others before them; what follows may be like none. */
static enum mm_status read_records_alike(struct mm_dmarc_reader *r)
{
    struct mm_xml_taken taken;
    while (mm_xml_shapes_take(r->shapes, &r->xml, &taken))
        MM_TRY(read_record_alike(r, &taken));
    mm_xml_shapes_begin(r->shapes, &r->xml);
    return MM_OK;
}

static enum mm_status read_section(struct mm_dmarc_reader *r, struct section s, bool is_feedback,
                                   void *target)
{
    struct progress so_far = {0, 0};
    for (;;) {
        while (s.of_texts && read_leaf(r, s, target, &so_far))
            ;
        if (is_feedback)
            MM_TRY(read_records_alike(r));
        enum mm_status st = mm_xml_pull_tag(&r->xml);
        if (st != MM_OK || r->xml.event == MM_XML_END)
            return st;
        struct mm_view name = r->xml.name.local;
        const struct element *element = find(&s, name, so_far.next);
        if (!element && r->xml.mode == MM_XML_RECOVER && !is_feedback && is_of_feedback(name)) {
            mm_xml_pull_close_outer(&r->xml);
            return MM_OK;
        }
        uint32_t place = element ? (uint32_t)(element - s.elements) : 0;
        bool again = element && !element->many && (so_far.seen >> place & 1);
        mm_dmarc_note(&r->report.flags, MM_DMARC_FLAG_REPEATED, again);
        if (!element || again) {
            mm_xml_shapes_drop(r->shapes);
            st = skip(r);
        } else {
            note_element(&so_far, place, element->many);
            st = element->read(r, element, target);
        }
        if (st < 0)
            return st;
    }
}

/* ---- a record ---- */

static enum mm_status read_part(struct mm_dmarc_reader *r, const struct element *element,
                                void *target)
{
    struct mm_dmarc_draft *draft = target;
    void *part;
    mm_xml_shapes_note(r->shapes, element, (struct mm_view){NULL, 0});
    MM_TRY(begin_part(r, draft, element->part, &part));
    MM_TRY(read_section(r, element->part->section, false, part));
    mm_xml_shapes_note(r->shapes, &end_of_part, (struct mm_view){NULL, 0});
    return element->part->finish(r, draft, part);
}

static const struct element elements_of_reason[] = {
    TEXT("type", struct mm_dmarc_reason, type.raw),
    TEXT("comment", struct mm_dmarc_reason, comment)};
static const struct part reason = {
    .section = {elements_of_reason, MM_COUNT(elements_of_reason), true},
    .pool = offsetof(struct mm_dmarc_reader, reasons),
    .first = offsetof(struct mm_dmarc_draft, record.first_reason),
    .finish = mm_dmarc_finish_reason};

static const struct element elements_of_dkim[] = {
    TEXT("domain", struct mm_dmarc_dkim, domain), TEXT("selector", struct mm_dmarc_dkim, selector),
    TEXT("result", struct mm_dmarc_dkim, result.raw),
    TEXT("human_result", struct mm_dmarc_dkim, human_result)};
static const struct part dkim = {.section = {elements_of_dkim, MM_COUNT(elements_of_dkim), true},
                                 .pool = offsetof(struct mm_dmarc_reader, dkims),
                                 .first = offsetof(struct mm_dmarc_draft, record.first_dkim),
                                 .finish = mm_dmarc_finish_dkim};

static const struct element elements_of_spf[] = {
    TEXT("domain", struct mm_dmarc_spf, domain), TEXT("scope", struct mm_dmarc_spf, scope.raw),
    TEXT("result", struct mm_dmarc_spf, result.raw),
    TEXT("human_result", struct mm_dmarc_spf, human_result)};
static const struct part spf = {.section = {elements_of_spf, MM_COUNT(elements_of_spf), true},
                                .pool = offsetof(struct mm_dmarc_reader, spfs),
                                .first = offsetof(struct mm_dmarc_draft, record.first_spf),
                                .finish = mm_dmarc_finish_spf};

static enum mm_status read_evaluated(struct mm_dmarc_reader *r, const struct element *element,
                                     void *target)
{
    static const struct element elements[] = {
        TEXT("disposition", struct mm_dmarc_draft, record.disposition.raw),
        TEXT("dkim", struct mm_dmarc_draft, record.dkim.raw),
        TEXT("spf", struct mm_dmarc_draft, record.spf.raw), PARTS("reason", &reason)};
    (void)element;
    return read_section(r, TEXTS(elements), false, target);
}

static const struct element elements_of_row[] = {
    [SOURCE_IP] = TEXT("source_ip", struct mm_dmarc_draft, record.source_ip_raw),
    [COUNT] = TEXT("count", struct mm_dmarc_draft, count_text),
    [POLICY_EVALUATED] = ONCE("policy_evaluated", read_evaluated)};

static enum mm_status read_row(struct mm_dmarc_reader *r, const struct element *element,
                               void *target)
{
    (void)element;
    return read_section(r, TEXTS(elements_of_row), false, target);
}

static enum mm_status read_identifiers(struct mm_dmarc_reader *r, const struct element *element,
                                       void *target)
{
    static const struct element elements[] = {
        TEXT("envelope_to", struct mm_dmarc_draft, record.envelope_to),
        TEXT("envelope_from", struct mm_dmarc_draft, record.envelope_from),
        TEXT("header_from", struct mm_dmarc_draft, record.header_from)};
    struct mm_dmarc_draft *draft = target;
    if (mm_view_eq(element->name, MM_VIEW("identities"))) {
        mm_dmarc_note(&draft->record.flags, MM_DMARC_FLAG_IDENTITIES, true);
        mm_xml_shapes_drop(r->shapes);
    }
    return read_section(r, TEXTS(elements), false, draft);
}

static enum mm_status read_results(struct mm_dmarc_reader *r, const struct element *element,
                                   void *target)
{
    static const struct element elements[] = {PARTS("dkim", &dkim), PARTS("spf", &spf)};
    (void)element;
    return read_section(r, SECTIONS(elements), false, target);
}

static enum mm_status read_record(struct mm_dmarc_reader *r, const struct element *element,
                                  void *target)
{
    static const struct element elements[] = {
        ONCE("row", read_row), ONCE("identifiers", read_identifiers),
        MANY("auth_results", read_results), ONCE("identities", read_identifiers)};
    struct mm_dmarc_draft draft = draft_of(r, r->xml.offset);
    uint64_t damage = r->xml.damage_count, repairs = r->xml.repair_count;
    (void)element;
    (void)target;
    MM_TRY(read_section(r, SECTIONS(elements), false, &draft));
    mm_xml_shapes_end(r->shapes, &r->xml);
    mm_dmarc_note(&draft.record.flags, MM_DMARC_FLAG_TEXT_REPAIRED, r->xml.repair_count > repairs);
    return mm_dmarc_finish_record(r, &draft, r->xml.damage_count == damage);
}

/* ---- the report ---- */

static enum mm_status read_error(struct mm_dmarc_reader *r, const struct element *element,
                                 void *target)
{
    struct mm_view text;
    (void)element;
    (void)target;
    if (r->report.errors.count == MM_DMARC_PARTS_MAX)
        return mm_dmarc_fail(r, MM_E_LIMIT, MM_REPORT_FAULT_DMARC_PARTS, r->xml.offset);
    enum mm_status st = mm_xml_pull_text(&r->xml, r->arena, &text);
    if (st < 0)
        return st;
    MM_TRY(mm_text_list_add(&r->report.errors, text, r->arena));
    return st;
}

static enum mm_status read_range(struct mm_dmarc_reader *r, const struct element *element,
                                 void *target)
{
    static const struct element elements[] = {TEXT("begin", struct mm_dmarc_reader, begin_text),
                                              TEXT("end", struct mm_dmarc_reader, end_text)};
    (void)element;
    return read_section(r, TEXTS(elements), false, target);
}

static enum mm_status read_metadata(struct mm_dmarc_reader *r, const struct element *element,
                                    void *target)
{
    static const struct element elements[] = {
        TEXT("org_name", struct mm_dmarc_reader, report.org_name),
        TEXT("email", struct mm_dmarc_reader, report.org_email),
        TEXT("extra_contact_info", struct mm_dmarc_reader, report.extra_contact_info),
        TEXT("report_id", struct mm_dmarc_reader, report.report_id_raw),
        ONCE("date_range", read_range),
        MANY("error", read_error),
        TEXT("generator", struct mm_dmarc_reader, report.generator)};
    (void)element;
    r->metadata_seen = true;
    return read_section(r, TEXTS(elements), false, target);
}

static enum mm_status read_policy(struct mm_dmarc_reader *r, const struct element *element,
                                  void *target)
{
    static const struct element elements[] = {
        TEXT("domain", struct mm_dmarc_reader, report.policy_domain),
        TEXT("adkim", struct mm_dmarc_reader, report.adkim.raw),
        TEXT("aspf", struct mm_dmarc_reader, report.aspf.raw),
        TEXT("p", struct mm_dmarc_reader, report.p.raw),
        TEXT("sp", struct mm_dmarc_reader, report.sp.raw),
        TEXT("np", struct mm_dmarc_reader, report.np.raw),
        TEXT("pct", struct mm_dmarc_reader, pct_text),
        TEXT("fo", struct mm_dmarc_reader, report.fo),
        TEXT("testing", struct mm_dmarc_reader, report.testing.raw),
        TEXT("discovery_method", struct mm_dmarc_reader, report.discovery_method.raw)};
    (void)element;
    r->policy_seen = true;
    return read_section(r, TEXTS(elements), false, target);
}

static enum mm_status read_extension(struct mm_dmarc_reader *r, const struct element *element,
                                     void *target)
{
    (void)element;
    (void)target;
    r->extension_seen = true;
    return skip(r);
}

enum mm_status mm_dmarc_read_feedback(struct mm_dmarc_reader *r)
{
    static const struct element elements[] = {
        TEXT("version", struct mm_dmarc_reader, report.xml_version),
        ONCE("report_metadata", read_metadata), ONCE("policy_published", read_policy),
        MANY("record", read_record), MANY("extension", read_extension)};
    r->feedback_seen = true;
    if (r->xml.name.uri.len > 0)
        r->report.xml_namespace = r->xml.name.uri;
    return read_section(r, SECTIONS(elements), true, r);
}
