/*
 * dmarc_elements.c - which elements an aggregate report has, and where their texts go.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Elements are known by their local name. Each list is in the order in which reporters write, and
 * the search for a name begins behind the one before, so that it is mostly the first that is looked
 * at.
 */
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
};

struct section {
    const struct element *elements;
    uint32_t count;
    bool of_texts; /* most of them are texts */
};

#define NAME(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
#define TEXT(name, type, member)                                                                   \
    {                                                                                              \
        NAME(name), read_text, offsetof(type, member), false                                       \
    }
#define ONCE(name, read)                                                                           \
    {                                                                                              \
        NAME(name), read, 0, false                                                                 \
    }
#define MANY(name, read)                                                                           \
    {                                                                                              \
        NAME(name), read, 0, true                                                                  \
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

static enum mm_status read_text(struct mm_dmarc_reader *r, const struct element *element,
                                void *target)
{
    struct mm_view *to = (struct mm_view *)(void *)((char *)target + element->offset), text;
    enum mm_status st = mm_xml_pull_text(&r->xml, r->arena, &text);
    if (st == MM_AGAIN)
        text = without_lost_end(text, element->name);
    if (st >= 0)
        *to = text;
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
        struct mm_view *to = (struct mm_view *)(void *)((char *)target + e->offset);
        if (e->read == read_text && !(so_far->seen >> place & 1) &&
            mm_xml_pull_leaf(&r->xml, child, e->name, to)) {
            note_element(so_far, place, false);
            return true;
        }
    }
    return false;
}

static enum mm_status read_section(struct mm_dmarc_reader *r, struct section s, bool is_feedback,
                                   void *target)
{
    struct progress so_far = {0, 0};
    for (;;) {
        while (s.of_texts && read_leaf(r, s, target, &so_far))
            ;
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

static enum mm_status too_many_parts(struct mm_dmarc_reader *r)
{
    return mm_dmarc_fail(r, MM_E_LIMIT, MM_REPORT_FAULT_DMARC_PARTS, r->xml.offset);
}

static enum mm_status read_reason(struct mm_dmarc_reader *r, const struct element *element,
                                  void *target)
{
    static const struct element elements[] = {TEXT("type", struct mm_dmarc_reason, type.raw),
                                              TEXT("comment", struct mm_dmarc_reason, comment)};
    struct mm_dmarc_draft *draft = target;
    (void)element;
    if (r->reasons.count - draft->first_reason == MM_DMARC_PARTS_MAX)
        return too_many_parts(r);
    struct mm_dmarc_reason *reason = mm_row_pool_add(&r->reasons, r->arena);
    if (!reason)
        return MM_E_NOMEM;
    MM_TRY(read_section(r, TEXTS(elements), false, reason));
    mm_dmarc_finish_reason(draft, reason);
    return MM_OK;
}

static enum mm_status read_evaluated(struct mm_dmarc_reader *r, const struct element *element,
                                     void *target)
{
    static const struct element elements[] = {
        TEXT("disposition", struct mm_dmarc_draft, record.disposition.raw),
        TEXT("dkim", struct mm_dmarc_draft, record.dkim.raw),
        TEXT("spf", struct mm_dmarc_draft, record.spf.raw), MANY("reason", read_reason)};
    (void)element;
    return read_section(r, TEXTS(elements), false, target);
}

static enum mm_status read_row(struct mm_dmarc_reader *r, const struct element *element,
                               void *target)
{
    static const struct element elements[] = {
        TEXT("source_ip", struct mm_dmarc_draft, record.source_ip_raw),
        TEXT("count", struct mm_dmarc_draft, count_text), ONCE("policy_evaluated", read_evaluated)};
    (void)element;
    return read_section(r, TEXTS(elements), false, target);
}

static enum mm_status read_identifiers(struct mm_dmarc_reader *r, const struct element *element,
                                       void *target)
{
    static const struct element elements[] = {
        TEXT("envelope_to", struct mm_dmarc_draft, record.envelope_to),
        TEXT("envelope_from", struct mm_dmarc_draft, record.envelope_from),
        TEXT("header_from", struct mm_dmarc_draft, record.header_from)};
    struct mm_dmarc_draft *draft = target;
    mm_dmarc_note(&draft->record.flags, MM_DMARC_FLAG_IDENTITIES,
                  mm_view_eq(element->name, MM_VIEW("identities")));
    return read_section(r, TEXTS(elements), false, draft);
}

static enum mm_status read_dkim(struct mm_dmarc_reader *r, const struct element *element,
                                void *target)
{
    static const struct element elements[] = {
        TEXT("domain", struct mm_dmarc_dkim, domain),
        TEXT("selector", struct mm_dmarc_dkim, selector),
        TEXT("result", struct mm_dmarc_dkim, result.raw),
        TEXT("human_result", struct mm_dmarc_dkim, human_result)};
    struct mm_dmarc_draft *draft = target;
    (void)element;
    if (r->dkims.count - draft->first_dkim == MM_DMARC_PARTS_MAX)
        return too_many_parts(r);
    struct mm_dmarc_dkim *dkim = mm_row_pool_add(&r->dkims, r->arena);
    if (!dkim)
        return MM_E_NOMEM;
    MM_TRY(read_section(r, TEXTS(elements), false, dkim));
    return mm_dmarc_finish_dkim(r, draft, dkim);
}

static enum mm_status read_spf(struct mm_dmarc_reader *r, const struct element *element,
                               void *target)
{
    static const struct element elements[] = {
        TEXT("domain", struct mm_dmarc_spf, domain), TEXT("scope", struct mm_dmarc_spf, scope.raw),
        TEXT("result", struct mm_dmarc_spf, result.raw),
        TEXT("human_result", struct mm_dmarc_spf, human_result)};
    struct mm_dmarc_draft *draft = target;
    (void)element;
    if (r->spfs.count - draft->first_spf == MM_DMARC_PARTS_MAX)
        return too_many_parts(r);
    struct mm_dmarc_spf *spf = mm_row_pool_add(&r->spfs, r->arena);
    if (!spf)
        return MM_E_NOMEM;
    MM_TRY(read_section(r, TEXTS(elements), false, spf));
    return mm_dmarc_finish_spf(r, draft, spf);
}

static enum mm_status read_results(struct mm_dmarc_reader *r, const struct element *element,
                                   void *target)
{
    static const struct element elements[] = {MANY("dkim", read_dkim), MANY("spf", read_spf)};
    (void)element;
    return read_section(r, SECTIONS(elements), false, target);
}

static enum mm_status read_record(struct mm_dmarc_reader *r, const struct element *element,
                                  void *target)
{
    static const struct element elements[] = {
        ONCE("row", read_row), ONCE("identifiers", read_identifiers),
        MANY("auth_results", read_results), ONCE("identities", read_identifiers)};
    struct mm_dmarc_draft draft = {
        .first_dkim = r->dkims.count, .first_spf = r->spfs.count, .first_reason = r->reasons.count};
    uint64_t damage = r->xml.damage_count, repairs = r->xml.repair_count;
    (void)element;
    (void)target;
    draft.record.offset = r->xml.offset;
    MM_TRY(read_section(r, SECTIONS(elements), false, &draft));
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
        return too_many_parts(r);
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
