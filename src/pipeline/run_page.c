/*
 * run_page.c - the page of a summary: datasets in, one file out.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/whole_file.h"
#include "mailmill/run.h"
#include "mailmill/summary.h"
#include "summary/page.h"

static enum mm_status write_file(struct mm_view page, const char *path, bool overwrite,
                                 int *exit_code, struct mm_error *err)
{
    struct mm_whole_file file;
    *exit_code = MM_EXIT_CANT_CREATE;
    MM_TRY(mm_whole_file_open(&file, path, 0666, overwrite, err));
    *exit_code = MM_EXIT_IO;
    enum mm_status status = mm_whole_file_write(&file, page, err);
    if (status == MM_OK)
        status = mm_whole_file_commit(&file, err);
    if (status == MM_E_EXISTS)
        *exit_code = MM_EXIT_CANT_CREATE;
    if (status < 0)
        mm_whole_file_abort(&file);
    return status;
}

static enum mm_status make_and_write(const struct mm_summary *summary, const char *path,
                                     bool overwrite, int *exit_code, struct mm_error *err)
{
    struct mm_buf page;
    mm_buf_init(&page, MM_PAGE_BYTES_MAX);
    *exit_code = MM_EXIT_IO;
    enum mm_status status = mm_page_make(&page, summary, err);
    if (status == MM_OK)
        status = write_file(mm_buf_view(&page), path, overwrite, exit_code, err);
    mm_buf_deinit(&page);
    return status;
}

enum mm_status mm_summary_page(const struct mm_summary_options *options, const char *path,
                               bool overwrite, int *exit_code, struct mm_error *err)
{
    struct mm_summary_options own = *options;
    struct mm_summary *summary = NULL;
    own.page = true;
    *exit_code = MM_EXIT_CANT_CREATE;
    MM_TRY(mm_whole_file_check(path, overwrite, err));
    MM_TRY(mm_summary_make(&own, &summary, exit_code, err));
    enum mm_status status = make_and_write(summary, path, overwrite, exit_code, err);
    mm_summary_free(&summary);
    if (status == MM_OK)
        *exit_code = MM_EXIT_DONE;
    return status;
}
