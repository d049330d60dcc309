/*
 * key_record_write.c - the record that publishes a key (RFC 6376 section 3.6.1).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dkim/key_record_write.h"

#include "dkim/domain_name.h"
#include "dns/recorded_line.h"
#include "dns/zone_line.h"
#include "text/base64.h"

/* What a zone is given where nobody says otherwise: long enough to be cached, short enough to roll
 * a key within a day. */
enum { TTL_S = 3600 };

enum mm_status mm_key_record_write(struct mm_buf *out, const struct mm_public_key *key,
                                   const struct mm_key_record_tags *tags)
{
    struct mm_buf octets;
    mm_buf_init(&octets, MM_KEY_RECORD_MAX_BYTES);
    enum mm_status status = mm_public_key_octets(key, &octets);
    mm_buf_append_str(out, "v=DKIM1; k=");
    mm_buf_append_str(out, mm_public_key_type(key) == MM_KEY_RSA ? "rsa; " : "ed25519; ");
    if (tags->email_only)
        mm_buf_append_str(out, "s=email; ");
    if (tags->testing || tags->no_subdomains)
        mm_buf_printf(out, "t=%s%s%s; ", tags->testing ? "y" : "",
                      tags->testing && tags->no_subdomains ? ":" : "",
                      tags->no_subdomains ? "s" : "");
    mm_buf_append_str(out, "p=");
    if (status == MM_OK && mm_buf_reserve(out, MM_BASE64_ENCODED_BYTES(octets.len)))
        out->len +=
            mm_base64_encode(out->data + out->len, (const uint8_t *)octets.data, octets.len);
    mm_buf_deinit(&octets);
    return status == MM_OK && out->failed ? MM_E_NOMEM : status;
}

const char *mm_key_name_fault(const char *domain, const char *selector)
{
    return mm_key_name_check(mm_view_of(domain), mm_view_of(selector));
}

static void write_line(struct mm_buf *out, struct mm_view record,
                       const struct mm_key_record_options *options)
{
    char text[MM_DOMAIN_MAX_BYTES];
    struct mm_view name =
        mm_key_name(mm_view_of(options->selector), mm_view_of(options->domain), text);
    if (options->format == MM_KEY_RECORD_ZONE)
        mm_zone_line_write(out, name, record);
    else
        mm_recorded_line_write(out, &(struct mm_recorded_line){.name = name,
                                                               .status = MM_TXT_NOERROR,
                                                               .ttl_s = TTL_S,
                                                               .time = options->time,
                                                               .records = &record,
                                                               .record_count = 1});
}

enum mm_status mm_key_record_text(const struct mm_public_key *key,
                                  const struct mm_key_record_options *options, char **text,
                                  struct mm_error *err)
{
    const struct mm_key_record_tags tags = {.testing = options->testing,
                                            .no_subdomains = options->no_subdomains,
                                            .email_only = options->email_only};
    bool named = options->format != MM_KEY_RECORD_BARE;
    const char *fault = named ? mm_key_name_fault(options->domain, options->selector) : NULL;
    struct mm_buf record, out;
    *text = NULL;
    if (fault)
        return mm_fail(err, MM_E_ARG, "%s", fault);
    mm_buf_init(&record, MM_KEY_RECORD_MAX_BYTES);
    mm_buf_init(&out, (size_t)4 * MM_KEY_RECORD_MAX_BYTES);
    enum mm_status status = mm_key_record_write(&record, key, &tags);
    if (status == MM_OK && named) {
        write_line(&out, mm_buf_view(&record), options);
    } else {
        mm_buf_append(&out, mm_buf_view(&record));
        mm_buf_append_char(&out, '\n');
    }
    mm_buf_append_char(&out, '\0');
    mm_buf_deinit(&record);
    if (status == MM_OK && out.failed)
        status = MM_E_NOMEM;
    if (status == MM_OK) {
        *text = out.data;
        return MM_OK;
    }
    mm_buf_deinit(&out);
    return mm_fail(err, status, "no record could be made: %s", mm_status_text(status));
}
