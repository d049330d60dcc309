/*
 * read_tree.c - read every file below folders, one after the other: what a program does that waits
 * for its disk.
 * SPDX-License-Identifier: Apache-2.0
 *
 * Usage: read_tree FOLDER...
 *
 * One thread, plain open, read and close, in the order in which the folders list them. Prints one
 * line: files=N bytes=N. Exit code 1 where a file cannot be read.
 */
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_BYTES = 1024 * 1024, FOLDERS_OPEN = 16 };

static uint64_t files, bytes;

static int read_file(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    static char buffer[READ_BYTES];
    ssize_t n = 1;
    (void)st;
    (void)where;
    if (kind == FTW_D)
        return 0;
    int fd = kind == FTW_F ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    while (fd >= 0 && n > 0) {
        n = read(fd, buffer, sizeof buffer);
        bytes += n > 0 ? (uint64_t)n : 0;
    }
    if (fd < 0 || n < 0) {
        perror(path);
        return 1;
    }
    close(fd);
    files++;
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: read_tree FOLDER...\n");
        return 64;
    }
    for (int i = 1; i < argc; i++)
        if (nftw(argv[i], read_file, FOLDERS_OPEN, FTW_PHYS) != 0)
            return EXIT_FAILURE;
    printf("files=%" PRIu64 " bytes=%" PRIu64 "\n", files, bytes);
    return EXIT_SUCCESS;
}
