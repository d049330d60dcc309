/*
 * dataset_out.h - a dataset on its way: a folder of tables that appears whole, or not at all.
 * SPDX-License-Identifier: Apache-2.0
 *
 * PATH.part holds one folder a table until everything in it is on disk; then it is renamed to PATH.
 * A reader never sees half a dataset, and what a crash leaves has a name that no reader looks at.
 *
 * A dataset that is added to gets its new files in its work folder. Once they and a record of
 * where they belong are on disk, they are renamed, a table at a time; a run that is killed in
 * between is completed by the next one. A file that takes the place of another does so by a rename
 * onto its name, so that a reader finds the one or the other.
 */
#ifndef MM_DATASET_DATASET_OUT_H
#define MM_DATASET_DATASET_OUT_H

#include "columnar/table_writer.h"
#include "io/work_folder.h"

struct mm_dataset_out;

/*
 * Refuse what exists, make PATH.part and lock it. What an earlier run left there is removed; a
 * folder of that name that no run of ours has made is refused.
 * form     of all tables. Parquet: TABLE/part-00000.parquet; others: TABLE.ndjson, TABLE.csv.
 * Returns  MM_OK; MM_E_EXISTS: PATH is there, or another run writes to it; MM_E_IO; MM_E_NOMEM.
 */
enum mm_status mm_dataset_out_new(const char *path, const struct mm_table_form *form,
                                  struct mm_dataset_out **out, struct mm_error *err) MM_MUST_CHECK;
/*
 * As mm_dataset_out_new(), but go on with what a run has left in PATH.part: its journal, and the
 * rows that it saved, stay, whatever happens.
 */
enum mm_status mm_dataset_out_go_on(const char *path, const struct mm_table_form *form,
                                    struct mm_dataset_out **out,
                                    struct mm_error *err) MM_MUST_CHECK;
/* From now on what is not committed stays, for a run that goes on. */
void mm_dataset_out_keep(struct mm_dataset_out *out);
/*
 * Lock PATH, a dataset of Parquet, and complete what a killed run had committed to it; what one had
 * not is removed. Nothing that readers look at changes before the commit.
 * Returns  as above; MM_E_SYNTAX where what a run left is not what any leaves.
 */
enum mm_status mm_dataset_out_add(const char *path, struct mm_dataset_out **out,
                                  struct mm_error *err) MM_MUST_CHECK;
/* What was not committed is removed. Quiet on NULL. */
void mm_dataset_out_free(struct mm_dataset_out **out);

/* A folder inside for temporary files, and for what later runs need to know: PATH/.mailmill. */
const char *mm_dataset_out_work_folder(const struct mm_dataset_out *out);

/* One table at a time: begin, append rows, end, which reads the file back where it is Parquet.
 * After an error of any of them the dataset is given up. `writer` is owned by `out`. */
enum mm_status mm_dataset_out_begin(struct mm_dataset_out *out,
                                    const struct mm_table_schema *schema,
                                    const struct mm_table_options *options,
                                    struct mm_table_writer **writer,
                                    struct mm_error *err) MM_MUST_CHECK;
/* The same for a table that readers do not look for: it lies in the work folder, always Parquet. */
enum mm_status mm_dataset_out_begin_hidden(struct mm_dataset_out *out,
                                           const struct mm_table_schema *schema, unsigned threads,
                                           struct mm_table_writer **writer,
                                           struct mm_error *err) MM_MUST_CHECK;
enum mm_status mm_dataset_out_end(struct mm_dataset_out *out, struct mm_table_totals *totals,
                                  struct mm_error *err) MM_MUST_CHECK;
/*
 * Adding: the file of a table that was written becomes TABLE/PART, in place of what has that name;
 * and a part goes, its rows being in that file. In the order of these calls.
 */
void mm_dataset_out_put(struct mm_dataset_out *out, const struct mm_table_schema *schema,
                        const char *part);
void mm_dataset_out_drop(struct mm_dataset_out *out, const struct mm_table_schema *schema,
                         const char *part);

/* Called when all but the name is on disk: a journal says so. */
struct mm_dataset_named {
    enum mm_status (*before)(void *context, struct mm_error *err);
    void *context;
};

/* Write `about` as _mailmill.json, bring everything to disk and give folder or files their names.
 * Rows that were saved are dropped before that. named: NULL for none, as when adding.
 * Adding, after MM_E_IO too: the next run that adds completes what was committed. */
enum mm_status mm_dataset_out_commit(struct mm_dataset_out *out, struct mm_view about,
                                     const struct mm_dataset_named *named,
                                     struct mm_error *err) MM_MUST_CHECK;
/* Do what is left of a commit that ended behind named->before(). */
enum mm_status mm_dataset_out_name(const char *path, struct mm_error *err) MM_MUST_CHECK;

#define MM_DATASET_ABOUT   "_mailmill.json"
#define MM_DATASET_JOURNAL MM_JOURNAL_NAME /* in the work folder */

#endif /* MM_DATASET_DATASET_OUT_H */
