/*
 * expat_report.c - an aggregate report by expat, as a competent C programmer reads it: record by
 * record.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "reports/expat_report.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 16, TEXT_MAX = 64 * 1024 };
#define RECORD_FIRST FIELD_SOURCE_IP

/* Sections in which the same name means different things. */
enum section { NOWHERE, METADATA, POLICY, EVALUATED, REASON, IDENTIFIERS, RESULT_DKIM, RESULT_SPF };

struct expat_reader {
    XML_Parser parser;
    expat_record_fn *record;
    void *context;
    struct expat_text fields[FIELD_COUNT_ALL];
    enum section sections[DEPTH_MAX];
    int depth, in_results;
    enum expat_field field; /* whose text comes */
    char text[TEXT_MAX];
    size_t text_len, text_start, head_len; /* texts of the report are kept in front */
};

static enum section section_of(const struct expat_reader *r, const char *name)
{
    switch (name[0]) {
    case 'r':
        return strcmp(name, "report_metadata") == 0 ? METADATA
               : strcmp(name, "reason") == 0        ? REASON
                                                    : NOWHERE;
    case 'p':
        return strcmp(name, "policy_published") == 0   ? POLICY
               : strcmp(name, "policy_evaluated") == 0 ? EVALUATED
                                                       : NOWHERE;
    case 'i':
        return strcmp(name, "identifiers") == 0 ? IDENTIFIERS : NOWHERE;
    case 'd':
        return r->in_results && strcmp(name, "dkim") == 0 ? RESULT_DKIM : NOWHERE;
    case 's':
        return r->in_results && strcmp(name, "spf") == 0 ? RESULT_SPF : NOWHERE;
    default:
        return NOWHERE;
    }
}

static enum expat_field field_of(enum section section, const char *name)
{
    static const struct {
        enum section section;
        const char *name;
        enum expat_field field;
    } fields[] = {
        {METADATA, "org_name", FIELD_ORG},
        {METADATA, "email", FIELD_EMAIL},
        {METADATA, "report_id", FIELD_REPORT_ID},
        {POLICY, "domain", FIELD_DOMAIN},
        {POLICY, "p", FIELD_P},
        {POLICY, "sp", FIELD_SP},
        {POLICY, "pct", FIELD_PCT},
        {EVALUATED, "disposition", FIELD_DISPOSITION},
        {EVALUATED, "dkim", FIELD_DKIM},
        {EVALUATED, "spf", FIELD_SPF},
        {REASON, "type", FIELD_REASON},
        {IDENTIFIERS, "header_from", FIELD_HEADER_FROM},
        {IDENTIFIERS, "envelope_from", FIELD_ENVELOPE_FROM},
        {RESULT_DKIM, "domain", FIELD_DKIM_DOMAIN},
        {RESULT_DKIM, "selector", FIELD_DKIM_SELECTOR},
        {RESULT_DKIM, "result", FIELD_DKIM_RESULT},
        {RESULT_SPF, "domain", FIELD_SPF_DOMAIN},
        {RESULT_SPF, "result", FIELD_SPF_RESULT},
        {NOWHERE, "source_ip", FIELD_SOURCE_IP},
        {NOWHERE, "count", FIELD_COUNT},
        {NOWHERE, "begin", FIELD_BEGIN},
        {NOWHERE, "end", FIELD_END},
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (fields[i].section == section && strcmp(fields[i].name, name) == 0)
            return fields[i].field;
    return FIELD_NONE;
}

static void on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct expat_reader *r = context;
    (void)attributes;
    if (r->depth + 1 >= DEPTH_MAX) {
        XML_StopParser(r->parser, XML_FALSE);
        return;
    }
    if (strcmp(name, "record") == 0) {
        memset(r->fields + RECORD_FIRST, 0, sizeof r->fields - RECORD_FIRST * sizeof r->fields[0]);
        r->text_len = r->head_len;
    } else if (strcmp(name, "auth_results") == 0) {
        r->in_results = 1;
    }
    r->field = field_of(r->sections[r->depth], name);
    r->text_start = r->text_len;
    r->sections[++r->depth] = section_of(r, name);
}

static void on_text(void *context, const XML_Char *text, int len)
{
    struct expat_reader *r = context;
    if (r->field == FIELD_NONE)
        return;
    if (r->text_len + (size_t)len + 1 > sizeof r->text) {
        XML_StopParser(r->parser, XML_FALSE);
        return;
    }
    memcpy(r->text + r->text_len, text, (size_t)len);
    r->text_len += (size_t)len;
}

static void on_end(void *context, const XML_Char *name)
{
    struct expat_reader *r = context;
    r->depth--;
    if (r->field != FIELD_NONE) {
        r->text[r->text_len] = 0;
        r->fields[r->field] =
            (struct expat_text){r->text + r->text_start, r->text_len - r->text_start};
        r->text_len++;
        if (r->field < RECORD_FIRST)
            r->head_len = r->text_len;
        r->field = FIELD_NONE;
    } else if (strcmp(name, "record") == 0) {
        r->record(r->context, r->fields);
    } else if (strcmp(name, "auth_results") == 0) {
        r->in_results = 0;
    }
}

struct expat_reader *expat_reader_new(expat_record_fn *record, void *context)
{
    struct expat_reader *r = calloc(1, sizeof *r);
    if (!r || !(r->parser = XML_ParserCreate(NULL))) {
        free(r);
        return NULL;
    }
    r->record = record;
    r->context = context;
    return r;
}

void expat_reader_free(struct expat_reader *r)
{
    XML_ParserFree(r->parser);
    free(r);
}

int expat_reader_read(struct expat_reader *r, const char *data, size_t len)
{
    XML_ParserReset(r->parser, NULL);
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_start, on_end);
    XML_SetCharacterDataHandler(r->parser, on_text);
    memset(r->fields, 0, sizeof r->fields);
    r->depth = r->in_results = 0;
    r->field = FIELD_NONE;
    r->text_len = r->head_len = 0;
    return XML_Parse(r->parser, data, (int)len, 1) == XML_STATUS_OK ? 0 : -1;
}
