/*
 * sync_way.c - does one syncfs(2) take the files of a file system to their device?
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/sync_way.h"

#include <stddef.h>
#include <sys/vfs.h>

#include "base/view.h"

/* Source: statfs(2) and linux/magic.h; those of file systems outside the kernel as their own
 * sources have them. */
static const struct {
    uint32_t magic;
    const char *apart; /* NULL: syncfs is enough */
} KNOWN[] = {
    {0xEF53, NULL},     /* ext2, ext3, ext4 */
    {0x58465342, NULL}, /* xfs */
    {0x9123683E, NULL}, /* btrfs */
    {0xF2F52010, NULL}, /* f2fs */
    {0xCA451A4E, NULL}, /* bcachefs */
    {0x2FC12FC1, NULL}, /* zfs */
    {0x3153464A, NULL}, /* jfs */
    {0x3434, NULL},     /* nilfs */
    {0x01021994, NULL}, /* tmpfs: nothing outlives a power cut, whatever is called */
    {0x858458F6, NULL}, /* ramfs */
    {0x6969, "nfs"},      {0x65735546, "fuse"},   {0x794C7630, "overlayfs"},
    {0x517B, "smb"},      {0xFF534D42, "cifs"},   {0xFE534D42, "smb2"},
    {0x01021997, "9p"},   {0x00C36400, "ceph"},   {0x6B414653, "afs"},
    {0x5346414F, "afs"},  {0x0BD00BD0, "lustre"}, {0x47504653, "gpfs"},
    {0x01161970, "gfs2"}, {0x7461636F, "ocfs2"},  {0xF15F, "ecryptfs"},
    {0x4D44, "vfat"}, /* no journal: names and data
                         have no order at all */
};

const char *mm_sync_apart_of_magic(uint32_t magic)
{
    for (size_t i = 0; i < MM_COUNT(KNOWN); i++)
        if (KNOWN[i].magic == magic)
            return KNOWN[i].apart;
    return "a file system that is not known";
}

const char *mm_sync_apart(int fd)
{
    struct statfs st;
    return fstatfs(fd, &st) == 0 ? mm_sync_apart_of_magic((uint32_t)st.f_type)
                                 : "a file system that does not say what it is";
}
