/*
 * test_crypto_secret.c - secrets are locked, stay out of core dumps, and leave no copy behind.
 * SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's own account of the pages (smaps) is asked, and all of the process's memory is
 * searched for key bytes. Each of these checks is first shown something it must find.
 */
#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/private_key.h"
#include "crypto/secret.h"
#include "support/mm_test.h"

/* The sanitizers turn mlock into nothing, keep freed memory, and must be able to trace the process.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* Does the mapping that holds `at` have this flag in its VmFlags line? */
static bool has_flag(const void *at, const char *flag)
{
    char line[512], word[8];
    bool here = false, found = false;
    FILE *f = fopen("/proc/self/smaps", "r");
    assert_non_null(f);
    snprintf(word, sizeof word, " %s", flag);
    while (!found && fgets(line, sizeof line, f)) {
        uintptr_t from, to;
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            here = (uintptr_t)at >= from && (uintptr_t)at < to;
        found = here && strncmp(line, "VmFlags:", 8) == 0 && strstr(line, word);
    }
    fclose(f);
    return found;
}

/* Plain pages have no flags; told to, the kernel sets one. An emulator keeps such advice to itself.
 */
static bool sees_advice(void)
{
    char *plain = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MM_CHECK_INT("plain pages are not locked", has_flag(plain, "lo"), false);
    MM_CHECK_INT("plain pages are dumped", has_flag(plain, "dd"), false);
    assert_int_equal(madvise(plain, 4096, MADV_DONTDUMP), 0);
    bool sees = has_flag(plain, "dd");
    munmap(plain, 4096);
    MM_CHECK_TRUE("advice shows", sees || *mm_test_emulator());
    return sees;
}

static void secret_pages_are_locked_and_stay_out_of_core_dumps(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 4096, 4097, 65536};
    bool sees = sees_advice();
    for (size_t i = 0; i < MM_COUNT(sizes); i++) {
        size_t before = mm_secret_unlocked_count();
        char *secret = mm_secret_alloc(sizes[i]);
        assert_non_null(secret);
        char *last = secret + (sizes[i] ? sizes[i] - 1 : 0);
        if (mm_secret_unlocked_count() == before && !SANITIZED) {
            MM_CHECK_TRUE("first page locked", has_flag(secret, "lo"));
            MM_CHECK_TRUE("last page locked", has_flag(last, "lo"));
        }
        MM_CHECK_TRUE("first page not dumped", has_flag(secret, "dd") || !sees);
        MM_CHECK_TRUE("last page not dumped", has_flag(last, "dd") || !sees);
        *last = 'x';
        mm_secret_free(secret, sizes[i]);
        MM_CHECK_TRUE("gone", mincore(secret, 1, (unsigned char[1]){0}) != 0);
    }
    mm_secret_free(NULL, 100);
    MM_CHECK_TRUE("beyond all memory", mm_secret_alloc(SIZE_MAX) == NULL);
}

static void secret_wipe_leaves_zeros(void **state)
{
    (void)state;
    char *secret = mm_secret_alloc(100), zeros[100] = {0};
    memset(secret, 'k', 100);
    mm_secret_wipe(secret + 1, 98);
    MM_CHECK_INT("the byte before", secret[0], 'k');
    MM_CHECK_INT("wiped", memcmp(secret + 1, zeros, 98), 0);
    MM_CHECK_INT("the byte behind", secret[99], 'k');
    mm_secret_free(secret, 100);
    mm_secret_wipe(NULL, 0);
}

/* Run `check` in a child, whose limits and wiped state are its own; its answer is the exit code. */
static int in_child(int (*check)(void))
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(check());
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int count_refused_locks(void)
{
    enum { NOBODY = 65534 };
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || (geteuid() == 0 && setuid(NOBODY) != 0))
        return 10;
    char *secret = mm_secret_alloc(100);
    if (!secret)
        return 11;
    *secret = 'x';
    mm_secret_free(secret, 100);
    return (int)mm_secret_unlocked_count();
}

static void secret_counts_locks_that_the_system_refuses(void **state)
{
    (void)state;
    if (!SANITIZED)
        MM_CHECK_INT("one", in_child(count_refused_locks), 1);
}

static int process_init_twice(void)
{
    if (prctl(PR_GET_DUMPABLE) != 1)
        return 10;
    mm_secret_process_init();
    mm_secret_process_init();
    if (!CRYPTO_secure_malloc_initialized())
        return 11;
    return prctl(PR_GET_DUMPABLE);
}

static void secret_process_init_forbids_core_dumps(void **state)
{
    (void)state;
    if (!SANITIZED)
        MM_CHECK_INT("dumpable", in_child(process_init_twice), 0);
}

/* ---- the search for copies ---- */

enum { NEEDLE_BYTES = 24, MASK = 0x5a, WINDOW = 1 << 16, MAPPING_MAX = 1 << 28 };

/* Held masked, so that the search does not find the needle itself. */
struct needle {
    unsigned char masked[NEEDLE_BYTES];
};

static struct needle needle_of(const char *bytes)
{
    struct needle n;
    for (int i = 0; i < NEEDLE_BYTES; i++)
        n.masked[i] = (unsigned char)bytes[i] ^ MASK;
    return n;
}

static bool is_here(const struct needle *n, const unsigned char *at)
{
    int i = 0;
    while (i < NEEDLE_BYTES && (at[i] ^ MASK) == n->masked[i])
        i++;
    return i == NEEDLE_BYTES;
}

static int count_in_bytes(const struct needle *n, const unsigned char *bytes, size_t len)
{
    int count = 0;
    for (size_t i = 0; i + NEEDLE_BYTES <= len; i++)
        count += is_here(n, bytes + i);
    return count;
}

/* Copies in everything that this process can write. The window that mappings are read through is
 * skipped, or it would find what it holds itself. */
static int count_copies(const struct needle *n)
{
    static unsigned char window[WINDOW];
    char line[512];
    int count = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps)) {
        uintptr_t from, to;
        char access[8];
        if (sscanf(line, "%lx-%lx %7s", &from, &to, access) != 3 || access[1] != 'w' ||
            to - from > MAPPING_MAX)
            continue;
        for (uintptr_t at = from; at < to; at += WINDOW - NEEDLE_BYTES) {
            size_t room = to - at < WINDOW ? to - at : WINDOW;
            memset(window, 0, sizeof window);
            if (at < (uintptr_t)window + WINDOW && (uintptr_t)window < at + room)
                continue;
            struct iovec to_window = {window, room}, source = {(void *)at, room};
            ssize_t len = process_vm_readv(getpid(), &to_window, 1, &source, 1, 0);
            count += len > 0 ? count_in_bytes(n, window, (size_t)len) : 0;
        }
    }
    memset(window, 0, sizeof window);
    fclose(maps);
    return count;
}

static char *fixture_path(const char *file)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/tests/vectors/keys/%s", mm_test_source_dir(), file);
    return path;
}

/* Bytes `at` and on of a file, with no trace of them left in this process but the masked ones. */
static struct needle needle_of_file(const char *file, size_t at, bool reversed)
{
    char bytes[NEEDLE_BYTES], turned[NEEDLE_BYTES];
    int fd = open(fixture_path(file), O_RDONLY);
    assert_true(fd >= 0 && pread(fd, bytes, sizeof bytes, (off_t)at) == NEEDLE_BYTES);
    close(fd);
    for (int i = 0; i < NEEDLE_BYTES; i++)
        turned[i] = bytes[reversed ? NEEDLE_BYTES - 1 - i : i];
    struct needle n = needle_of(turned);
    mm_secret_wipe(bytes, sizeof bytes);
    mm_secret_wipe(turned, sizeof turned);
    return n;
}

static int count_while_planted(const struct needle *n)
{
    unsigned char *copy = malloc(NEEDLE_BYTES);
    for (int i = 0; i < NEEDLE_BYTES; i++)
        copy[i] = n->masked[i] ^ MASK;
    int count = count_copies(n);
    mm_secret_wipe(copy, NEEDLE_BYTES);
    free(copy);
    return count;
}

/* Offsets: PEM at its third line; the seed at the end of its PKCS#8; d of an RSA-2048 PKCS#1 key,
 * which follows 11 + 257 + 5 + 4 octets. OpenSSL keeps numbers with the least octet first. */
static const struct {
    const char *label, *file;
    size_t at;
    bool reversed;
    int live; /* copies while the key lives */
} copies[] = {
    {"PEM text", "rsa2048_pkcs8.pem", 200, false, 0},
    {"octets of d", "rsa2048_pkcs1.der", 320, false, 0},
    {"number d", "rsa2048_pkcs1.der", 320, true, 1},
    {"Ed25519 in DER", "ed25519_pkcs8.der", 20, false, 1},
    {"Ed25519 in base64", "ed25519_seed.b64", 8, false, 0},
};

static void secret_bytes_of_a_key_are_nowhere_after_it_is_freed(void **state)
{
    (void)state;
    char byte = 'x', copy = 0;
    struct iovec from = {&byte, 1}, to = {&copy, 1};
    if (SANITIZED)
        return;
    if (*mm_test_emulator() && process_vm_readv(getpid(), &to, 1, &from, 1, 0) < 0) {
        print_message("# the emulator has no system call to search memory with\n");
        return;
    }
    for (size_t i = 0; i < MM_COUNT(copies); i++) {
        struct needle n = needle_of_file(copies[i].file, copies[i].at, copies[i].reversed);
        struct mm_private_key *key = NULL;
        MM_CHECK_INT(copies[i].label, count_copies(&n), 0);
        MM_CHECK_INT("the search finds a planted copy", count_while_planted(&n), 1);
        MM_CHECK_INT(copies[i].label,
                     mm_private_key_load(fixture_path(copies[i].file), true, NULL, &key, NULL),
                     MM_OK);
        MM_CHECK_INT(copies[i].label, count_copies(&n), copies[i].live);
        mm_private_key_free(&key);
        MM_CHECK_INT(copies[i].label, count_copies(&n), 0);
    }
}

MM_TEST_MAIN(MM_TEST(secret_process_init_forbids_core_dumps),
             MM_TEST(secret_counts_locks_that_the_system_refuses),
             MM_TEST(secret_pages_are_locked_and_stay_out_of_core_dumps),
             MM_TEST(secret_wipe_leaves_zeros),
             MM_TEST(secret_bytes_of_a_key_are_nowhere_after_it_is_freed))
