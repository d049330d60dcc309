/*
 * mm_test.c - what every unit test uses.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "support/mm_test.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void mm_check_int(const char *label, const char *expr, long long value, long long want,
                  const char *file, int line)
{
    if (value == want)
        return;
    print_error("%s: %s is %lld, expected %lld\n", label, expr, value, want);
    _fail(file, line);
}

static void print_bytes(struct mm_view v)
{
    for (size_t i = 0; i < v.len && i < 400; i++) {
        unsigned char c = (unsigned char)v.data[i];
        if (c >= 0x20 && c < 0x7f && c != '\\')
            print_error("%c", c);
        else
            print_error("\\x%02x", c);
    }
}

void mm_check_view(const char *label, const char *expr, struct mm_view value, struct mm_view want,
                   const char *file, int line)
{
    if (mm_view_eq(value, want))
        return;
    print_error("%s: %s is (%zu bytes) '", label, expr, value.len);
    print_bytes(value);
    print_error("'\n  expected (%zu bytes) '", want.len);
    print_bytes(want);
    print_error("'\n");
    _fail(file, line);
}

static struct mm_guard guard(struct mm_view bytes, int front)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t body = (bytes.len + page - 1) / page * page;
    struct mm_guard g = {.map_bytes = body + 2 * page};
    g.map = mmap(NULL, g.map_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (g.map == MAP_FAILED)
        fail_msg("mmap of %zu bytes", g.map_bytes);
    char *first = (char *)g.map + page;
    if (body && mprotect(first, body, PROT_READ | PROT_WRITE) != 0)
        fail_msg("mprotect of %zu bytes", body);
    char *at = front ? first : first + body - bytes.len;
    if (bytes.len)
        memcpy(at, bytes.data, bytes.len);
    g.view = (struct mm_view){at, bytes.len};
    return g;
}

struct mm_guard mm_guard_copy(struct mm_view bytes)
{
    return guard(bytes, 0);
}

struct mm_guard mm_guard_copy_front(struct mm_view bytes)
{
    return guard(bytes, 1);
}

void mm_guard_free(struct mm_guard *g)
{
    if (g->map)
        munmap(g->map, g->map_bytes);
    *g = (struct mm_guard){.map = NULL};
}

uint64_t mm_random(uint64_t *state)
{
    uint64_t x = *state ? *state : 1;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * 0x2545f4914f6cdd1dULL;
}

struct mm_view mm_test_read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct stat st;
    if (!f || fstat(fileno(f), &st) != 0)
        fail_msg("cannot open %s", path);
    char *data = malloc((size_t)st.st_size + 1);
    size_t len = data ? fread(data, 1, (size_t)st.st_size, f) : 0;
    fclose(f);
    if (!data || len != (size_t)st.st_size)
        fail_msg("cannot read %s", path);
    data[len] = '\0';
    return (struct mm_view){data, len};
}

const char *mm_test_corpus(void)
{
    const char *path = getenv("MAILMILL_CORPUS");
    return path && access(path, R_OK) == 0 ? path : NULL;
}

const char *mm_test_source_dir(void)
{
    const char *path = getenv("MAILMILL_SOURCE_DIR");
    return path ? path : ".";
}

const char *mm_test_emulator(void)
{
    const char *program = getenv("MAILMILL_EMULATOR");
    return program ? program : "";
}

size_t mm_test_split_tabs(char *line, char **fields, size_t cap)
{
    size_t count = 0;
    line[strcspn(line, "\r\n")] = '\0';
    for (char *at = line; count < cap; at++) {
        fields[count++] = at;
        at += strcspn(at, "\t");
        if (!*at)
            break;
        *at = '\0';
    }
    return count;
}
