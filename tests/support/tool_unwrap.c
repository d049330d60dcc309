/*
 * tool_unwrap.c - what is found in inputs, for tests that compare it with what is known of them.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   unwrap < NAMES
 *
 * Prints a line each: file, "document", kind, member, offset, bytes, file name, sender's domain; or
 * file, "reject", reason, member, offset. Mails and texts are taken for what they are not known to
 * be: the caller knows which of them are notices.
 */
#include <inttypes.h>

#include "report/unwrap.h"
#include "support/mm_test.h"

static void print_view(struct mm_view v)
{
    printf("\t%.*s", (int)v.len, v.data ? v.data : "");
}

static enum mm_status print_document(void *context, const struct mm_document *d)
{
    printf("%s\tdocument\t%s", (const char *)context, mm_document_kind_word(d->kind));
    print_view(d->member);
    printf("\t%" PRIu64 "\t%zu", d->offset, d->bytes.len);
    print_view(d->hints.file_name);
    print_view(d->reporter_domain);
    putchar('\n');
    return MM_OK;
}

static enum mm_status print_reject(void *context, const struct mm_unwrap_reject *r)
{
    printf("%s\treject\t%s", (const char *)context, r->reason);
    print_view(r->member);
    printf("\t%" PRIu64 "\n", r->offset);
    return MM_OK;
}

int main(void)
{
    char name[4096];
    struct mm_unwrapper *u = mm_unwrapper_new();
    while (u && fgets(name, sizeof name, stdin)) {
        name[strcspn(name, "\n")] = '\0';
        struct mm_view bytes = mm_test_read_file(name);
        struct mm_unwrap_sink sink = {
            .context = name, .document = print_document, .reject = print_reject};
        const char *slash = strrchr(name, '/');
        if (mm_unwrap_input(u, bytes, mm_view_of(slash ? slash + 1 : name), &sink, NULL) != MM_OK)
            return 1;
        free((void *)(uintptr_t)bytes.data);
    }
    mm_unwrapper_free(&u);
    return 0;
}
