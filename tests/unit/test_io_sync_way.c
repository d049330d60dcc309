/*
 * test_io_sync_way.c - file systems that one sync of all is enough for, and those it is not.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <linux/magic.h>
#include <unistd.h>

#include "io/sync_way.h"
#include "support/mm_test.h"

static const struct {
    const char *label;
    uint32_t magic;
    const char *apart; /* "": one sync of all is enough */
} cases[] = {
    {"ext4", EXT4_SUPER_MAGIC, ""},
    {"xfs", XFS_SUPER_MAGIC, ""},
    {"btrfs", BTRFS_SUPER_MAGIC, ""},
    {"f2fs", F2FS_SUPER_MAGIC, ""},
    {"tmpfs", TMPFS_MAGIC, ""},
    {"ramfs", RAMFS_MAGIC, ""},
    {"nfs", NFS_SUPER_MAGIC, "nfs"},
    {"fuse", 0x65735546, "fuse"},
    {"overlayfs", OVERLAYFS_SUPER_MAGIC, "overlayfs"},
    {"smb", SMB_SUPER_MAGIC, "smb"},
    {"cifs", CIFS_SUPER_MAGIC, "cifs"},
    {"smb2", SMB2_SUPER_MAGIC, "smb2"},
    {"9p", V9FS_MAGIC, "9p"},
    {"ceph", CEPH_SUPER_MAGIC, "ceph"},
    {"afs", AFS_FS_MAGIC, "afs"},
    {"what nobody knows", 0x12345678, "a file system that is not known"},
    {"no magic at all", 0, "a file system that is not known"},
};

static void sync_way_trusts_local_file_systems_and_no_other(void **state)
{
    (void)state;
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        const char *apart = mm_sync_apart_of_magic(cases[i].magic);
        MM_CHECK_VIEW(cases[i].label, mm_view_of(apart ? apart : ""), mm_view_of(cases[i].apart));
    }
}

static void sync_way_of_what_cannot_be_asked_is_apart(void **state)
{
    (void)state;
    int pipes[2];
    const char *closed = mm_sync_apart(-1);
    MM_CHECK_VIEW("no descriptor", mm_view_of(closed ? closed : ""),
                  MM_VIEW("a file system that does not say what it is"));
    MM_CHECK_INT("a pipe is made", pipe(pipes), 0);
    MM_CHECK_TRUE("a pipe has no disk that is known", mm_sync_apart(pipes[0]) != NULL);
    close(pipes[0]);
    close(pipes[1]);
}

MM_TEST_MAIN(MM_TEST(sync_way_trusts_local_file_systems_and_no_other),
             MM_TEST(sync_way_of_what_cannot_be_asked_is_apart))
