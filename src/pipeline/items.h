/*
 * items.h - from what a worker has read to the items that a job works on.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MM_PIPELINE_ITEMS_H
#define MM_PIPELINE_ITEMS_H

#include "io/reader.h"
#include "pipeline/batch.h"

/* What a slug of the scanner means, in words; NULL for one that has none of its own. */
const char *mm_item_scan_words(const char *slug);

/*
 * Make the item of an entry, once. read: its outcome, for MM_ENTRY_READ. Texts and bytes are
 * borrowed from batch and read; the quoting of an mbox is undone in the batch's block.
 * keep_quotes: see mm_item_set_member().
 */
void mm_item_fill(struct mm_item *item, const struct mm_batch *batch, const struct mm_entry *entry,
                  const struct mm_read *read, bool with_root, bool keep_quotes);

/* Make a member's bytes, as its container stores them, those of the item: quoting and stuffing are
 * undone in place, the memory is changed. keep_quotes: for a job that reads_quotes. */
void mm_item_set_member(struct mm_item *item, struct mm_view stored, enum mm_member_form form,
                        bool keep_quotes);

/*
 * Take the message out of what wraps it: emlx, pickup file, Postfix queue file.
 * by_content  without a format that names one, the content tells.
 * in_place    the file is to be replaced: only what can be put back is taken apart.
 * arena       holds the envelope until it is reset. False without memory.
 */
bool mm_item_unwrap(struct mm_item *item, enum mm_source_format format, bool by_content,
                    bool in_place, struct mm_arena *arena) MM_MUST_CHECK;

#endif /* MM_PIPELINE_ITEMS_H */
