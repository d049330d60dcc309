/*
 * mail_folder.c - folders of Maildir and MH, told by what they hold: which names are no mail.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/mail_folder.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

static const struct {
    struct mm_view name;
    uint8_t kind;
    unsigned mark;
} MARKS[] = {
    {{"new", 3}, DT_DIR, MM_FOLDER_HAS_NEW},  {{"cur", 3}, DT_DIR, MM_FOLDER_HAS_CUR},
    {{"tmp", 3}, DT_DIR, MM_FOLDER_HAS_TMP},  {{".mh_sequences", 13}, DT_REG, MM_FOLDER_MH},
    {{".xmhcache", 9}, DT_REG, MM_FOLDER_MH},
};

unsigned mm_folder_mark(struct mm_view name, uint8_t kind)
{
    for (size_t i = 0; i < MM_COUNT(MARKS); i++)
        if (kind == MARKS[i].kind && mm_view_eq(name, MARKS[i].name))
            return MARKS[i].mark;
    return 0;
}

static bool is_maildir(unsigned marks)
{
    return (marks & MM_FOLDER_MAILDIR) == MM_FOLDER_MAILDIR;
}

unsigned mm_folder_mark_below(unsigned marks_above, struct mm_view name)
{
    bool holds_mail = mm_view_eq(name, MM_VIEW("new")) || mm_view_eq(name, MM_VIEW("cur"));
    return is_maildir(marks_above) && holds_mail ? MM_FOLDER_IN_MAILDIR : 0;
}

bool mm_folder_leaves_out(unsigned marks, struct mm_view name, uint8_t kind)
{
    if (is_maildir(marks))
        return kind == DT_REG || (kind == DT_DIR && mm_view_eq(name, MM_VIEW("tmp")));
    if (kind == DT_DIR)
        return false;
    return ((marks & MM_FOLDER_IN_MAILDIR) && name.data[0] == '.') ||
           ((marks & MM_FOLDER_MH) && memchr(".,#", name.data[0], 3));
}

bool mm_is_maildir(const char *path)
{
    char part[PATH_MAX + 8];
    struct stat st;
    unsigned marks = 0;
    for (size_t i = 0; i < MM_COUNT(MARKS); i++) {
        snprintf(part, sizeof part, "%s/%s", path, MARKS[i].name.data);
        if (lstat(part, &st) == 0)
            marks |= mm_folder_mark(MARKS[i].name, (uint8_t)IFTODT(st.st_mode));
    }
    return is_maildir(marks);
}
