/*
 * mail_folder.h - folders of Maildir and MH, told by what they hold: which names are no mail.
 * SPDX-License-Identifier: Apache-2.0
 *
 * A folder with folders new, cur and tmp is a Maildir: its tmp and the files beside them are left
 * out, and in new and cur the names with a dot before them. A folder with .mh_sequences or
 * .xmhcache is one of MH: names with a dot, ',' or '#' before them are left out. Other folders in
 * both are walked, those of Maildir++ (".Name") among them. Source: maildir(5), "How a message is
 * delivered" and "How mail is read"; nmh's mh-sequence(5) and rmm(1).
 */
#ifndef MM_IO_MAIL_FOLDER_H
#define MM_IO_MAIL_FOLDER_H

#include "base/view.h"

/* What a folder is: a set, made of the marks of its names. */
enum {
    MM_FOLDER_HAS_NEW = 1,
    MM_FOLDER_HAS_CUR = 2,
    MM_FOLDER_HAS_TMP = 4,
    MM_FOLDER_MAILDIR = MM_FOLDER_HAS_NEW | MM_FOLDER_HAS_CUR | MM_FOLDER_HAS_TMP,
    MM_FOLDER_MH = 8,
    MM_FOLDER_IN_MAILDIR = 16 /* new or cur of one */
};

/* kind: d_type. */
unsigned mm_folder_mark(struct mm_view name, uint8_t kind);
/* The mark that a folder has from the one above it. */
unsigned mm_folder_mark_below(unsigned marks_above, struct mm_view name);
/* True of a name that is no mail, in a folder of these marks. */
bool mm_folder_leaves_out(unsigned marks, struct mm_view name, uint8_t kind);

/* True of a folder with the three folders of a Maildir. */
bool mm_is_maildir(const char *path);

#endif /* MM_IO_MAIL_FOLDER_H */
