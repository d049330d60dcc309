/*
 * items.c - from what a worker has read to the items that a job works on.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "pipeline/items.h"

#include <string.h>

#include "mail/bsmtp.h"
#include "mail/mbox.h"
#include "mail/wrapping.h"

/* Records of three bytes may become lines of seventeen. */
enum { ENVELOPE_MAX_BYTES = 16 * MM_WRAPPING_TOP_MAX_BYTES };

static const char NO_SEPARATOR[] = "no `From ` line at its start: no mbox";
static const char TOO_LARGE[] = "larger than a message may be (256 MiB, or what --memory leaves)";

static void reject_read(struct mm_item *item, const struct mm_read *r)
{
    static const struct {
        const char *slug, *detail;
    } WORDS[] = {
        [MM_READ_VANISHED] = {"vanished", "it was there when its folder was listed"},
        [MM_READ_DENIED] = {"permission-denied", "no right to read it"},
        [MM_READ_NOT_FILE] = {"not-a-file", "a folder, link or special file by now"},
        [MM_READ_CHANGED] = {"changed-while-read", "it grew or shrank while it was read"},
        [MM_READ_TOO_LARGE] = {"message-too-large", TOO_LARGE},
        [MM_READ_FAILED] = {"read-error", NULL},
    };
    const char *detail = WORDS[r->outcome].detail;
    mm_item_reject(item, WORDS[r->outcome].slug, detail ? detail : strerror(r->os_errno),
                   MM_NO_OFFSET);
}

const char *mm_item_scan_words(const char *slug)
{
    static const struct {
        const char *slug, *detail;
    } WORDS[] = {
        {"link-outside",
         "a link that leads out of the tree, or that a list names (--follow reads it)"},
        {"dangling-link", "a link to nothing"},
        {"special-file", "a FIFO, socket or device"},
        {"not-a-file", "a folder, where a file is wanted"},
        {"path-too-long", "a path longer than the system takes"},
        {"message-too-large", TOO_LARGE},
        {"no-separator", NO_SEPARATOR},
        {"sparse-member", "a sparse file of a tar: its holes are left out"},
        {"encrypted-member", "a member of a zip that wants a password"},
        {"unknown-packing", "packed in a form that is not read: unpack it first"},
        {"unknown-compression", "a member of a zip that is neither stored nor deflated"},
        {"overlapping-member", "it shares its bytes with another member, or with the directory"},
        {"damaged-member", "its bytes are not those that the zip's directory tells of"},
        {"too-many-members",
         "a zip of more than 65535 members whose directory has another order than the file"},
        {"truncated-archive", "the archive ends in the middle of a message"},
        {"empty-archive", "the archive has no file in it"},
        {"damaged-archive", "from here on the archive cannot be read"},
        {"wrong-form", "not of the form that --source-format names"},
        {"not-in-place",
         "an emlx or a queue file holds more than its message: sign it to a new OUT"},
        {"no-such-member", "the archive holds no message of this name"},
    };
    for (size_t i = 0; i < MM_COUNT(WORDS); i++)
        if (strcmp(slug, WORDS[i].slug) == 0)
            return WORDS[i].detail;
    return NULL;
}

static void reject_scanned(struct mm_item *item, const struct mm_entry *entry)
{
    const char *words = mm_item_scan_words(entry->slug);
    if (!words)
        words = entry->os_errno ? strerror(entry->os_errno) : "";
    mm_item_reject(item, entry->slug, words, entry->offset);
}

void mm_item_set_member(struct mm_item *item, struct mm_view stored, enum mm_member_form form,
                        bool keep_quotes)
{
    struct mm_mbox_message m;
    char *own = (char *)(uintptr_t)stored.data; /* the batch's block, or what a reader gave */
    switch (form) {
    case MM_MEMBER_FILE:
        item->bytes = stored;
        return;
    case MM_MEMBER_BSMTP:
        item->bytes = (struct mm_view){own, mm_bsmtp_unstuff(own, stored.len)};
        return;
    case MM_MEMBER_MBOX:
    case MM_MEMBER_MBOXCL2:
        m = mm_mbox_trim(stored);
        item->from_line = m.from_line;
        item->bytes = m.quoted;
        item->quoted = keep_quotes && m.body_quotes_only && form == MM_MEMBER_MBOX;
        if (m.has_quotes && form == MM_MEMBER_MBOX && !item->quoted)
            item->bytes.len = mm_mbox_unquote((char *)(uintptr_t)m.quoted.data, m.quoted.len);
        return;
    }
}

void mm_item_fill(struct mm_item *item, const struct mm_batch *batch, const struct mm_entry *entry,
                  const struct mm_read *read, bool with_root, bool keep_quotes)
{
    *item = (struct mm_item){.message = mm_batch_text(batch, entry->name_at, entry->name_len),
                             .member_at = entry->member_at,
                             .out_path = mm_batch_text(batch, entry->out_at, entry->out_len),
                             .out_prefix_len = entry->out_prefix_len,
                             .offset = MM_NO_OFFSET};
    if (with_root)
        item->root = mm_batch_text(batch, entry->root_at, entry->root_len);
    if (entry->kind == MM_ENTRY_REJECT) {
        reject_scanned(item, entry);
        return;
    }
    if (entry->kind == MM_ENTRY_READ) {
        item->source = item->message;
        item->bytes = read->bytes;
        item->source_bytes = read->bytes.len;
        if (read->outcome != MM_READ_OK)
            reject_read(item, read);
        return;
    }
    mm_item_set_member(item, (struct mm_view){batch->block + entry->block_at, entry->block_len},
                       entry->form, keep_quotes);
    item->in_container = !entry->lone;
    item->envelope = (struct mm_view){batch->block + entry->envelope_at, entry->envelope_len};
}

static enum mm_wrapping wrapping_of(enum mm_source_format format)
{
    return format == MM_SOURCE_EMLX      ? MM_WRAPPING_EMLX
           : format == MM_SOURCE_PICKUP  ? MM_WRAPPING_PICKUP
           : format == MM_SOURCE_POSTFIX ? MM_WRAPPING_POSTFIX
                                         : MM_WRAPPING_NONE;
}

static bool keep_envelope(struct mm_item *item, struct mm_arena *arena, const struct mm_buf *text)
{
    if (!text->len)
        return true;
    item->envelope = mm_arena_copy(arena, mm_buf_view(text));
    return item->envelope.data != NULL;
}

static void take_unwrapped(struct mm_item *item, const struct mm_unwrapped *u)
{
    if (u->damage) {
        mm_item_reject(item, "damaged-wrapping", u->damage, u->damage_at);
        return;
    }
    item->bytes = u->message;
    if (u->top.len) {
        item->from_line = u->top;
        item->has_pickup_lines = true;
    }
}

bool mm_item_unwrap(struct mm_item *item, enum mm_source_format format, bool by_content,
                    bool in_place, struct mm_arena *arena)
{
    enum mm_wrapping wanted = wrapping_of(format);
    bool asks_content = by_content && format == MM_SOURCE_AUTO;
    if (item->outcome != MM_OUTCOME_PENDING || item->from_line.len ||
        (wanted == MM_WRAPPING_NONE && !asks_content))
        return true;
    enum mm_wrapping found = mm_wrapping_sniff(item->bytes);
    if (wanted != MM_WRAPPING_NONE && found != wanted) {
        mm_item_reject(item, "wrong-form", mm_item_scan_words("wrong-form"), 0);
        return true;
    }
    if (found == MM_WRAPPING_NONE)
        return true;
    if (in_place && found != MM_WRAPPING_PICKUP) {
        mm_item_reject(item, "not-in-place", mm_item_scan_words("not-in-place"), MM_NO_OFFSET);
        return true;
    }
    struct mm_unwrapped u;
    struct mm_buf envelope;
    mm_buf_init(&envelope, ENVELOPE_MAX_BYTES);
    mm_unwrap(found, (char *)(uintptr_t)item->bytes.data, item->bytes.len, &envelope, &u);
    take_unwrapped(item, &u);
    bool kept = !envelope.failed && keep_envelope(item, arena, &envelope);
    mm_buf_deinit(&envelope);
    return kept;
}
