/*
 * fuzz_zip.c - any bytes as a zip: by memory and by file the same members, and no byte beside them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/zip.h"

enum { SIZE_MAX_BYTES = 1 << 20 };

/* All that a reader sees, added up. */
static uint64_t sum_of(struct mm_zip *zip, enum mm_status *end)
{
    struct mm_zip_member m;
    struct mm_error err;
    uint64_t sum = mm_zip_claimed_bytes(zip) + mm_zip_is_cut_short(zip);
    while ((*end = mm_zip_next(zip, &m, &err)) == MM_OK) {
        sum = sum * 31 + m.offset + (uint64_t)m.kind + m.name_too_long;
        for (size_t i = 0; i < m.name.len; i++)
            sum = sum * 31 + (unsigned char)m.name.data[i];
        if (m.kind != MM_ZIP_FILE || m.size > SIZE_MAX_BYTES)
            continue;
        char *bytes = malloc(m.size + 1);
        assert(bytes);
        enum mm_status st = mm_zip_read(zip, &m, bytes, &err);
        assert(st == MM_OK || st == MM_E_SYNTAX);
        for (size_t i = 0; st == MM_OK && i < m.size; i++)
            sum = sum * 31 + (unsigned char)bytes[i];
        free(bytes);
    }
    assert(*end == MM_END || *end == MM_E_SYNTAX);
    struct mm_zip_cut cut;
    enum mm_status st = mm_zip_find_cut(zip, &cut, &err);
    assert(st == MM_END || (st == MM_OK && *end == MM_E_SYNTAX));
    if (st == MM_OK)
        sum = sum * 31 + cut.offset + cut.data_at + cut.packed + cut.deflated + cut.name.len;
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mm_zip *zip;
    struct mm_error err;
    enum mm_status end, end_of_file;
    if (mm_zip_open_bytes((struct mm_view){(const char *)data, size}, &zip, &err) != MM_OK) {
        assert(err.status == MM_E_LIMIT);
        return 0;
    }
    uint64_t sum = sum_of(zip, &end);
    mm_zip_free(&zip);
    int fd = memfd_create("zip", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size ||
        mm_zip_open_file(fd, &zip, &err) != MM_OK)
        abort();
    uint64_t sum_of_file = sum_of(zip, &end_of_file);
    assert(sum == sum_of_file && end == end_of_file);
    mm_zip_free(&zip);
    close(fd);
    return 0;
}
