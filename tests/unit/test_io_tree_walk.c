/*
 * test_io_tree_walk.c - order, links, folders that refuse, depth beyond the descriptors.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "io/tree_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "support/mm_test.h"

static char top[PATH_MAX];

static const char *at(const char *below)
{
    static char path[2][PATH_MAX + 8];
    static int turn;
    turn ^= 1;
    snprintf(path[turn], sizeof path[turn], "%s%s%s", top, *below ? "/" : "", below);
    return path[turn];
}

static void make_file(const char *below)
{
    int fd = open(at(below), O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0)
        fail_msg("cannot make %s", at(below));
    close(fd);
}

static void make_dir(const char *below)
{
    if (mkdir(at(below), 0700) != 0)
        fail_msg("cannot make %s", at(below));
}

static void make_link(const char *target, const char *below)
{
    if (symlink(target, at(below)) != 0)
        fail_msg("cannot make %s", at(below));
}

static void remove_all(const char *path)
{
    char command[PATH_MAX + 32];
    snprintf(command, sizeof command, "chmod -R u+rwx '%s' && rm -rf '%s'", path, path);
    assert_int_equal(system(command), 0);
}

static int new_top(void **state)
{
    (void)state;
    strcpy(top, "/tmp/mm-walk-XXXXXX");
    return mkdtemp(top) ? 0 : -1;
}

static int drop_top(void **state)
{
    (void)state;
    remove_all(top);
    return 0;
}

static const char *const kind_words[] = {
    [MM_WALK_FILE] = "file",
    [MM_WALK_LINK_INSIDE] = "inside",
    [MM_WALK_LINK_OUTSIDE] = "outside",
    [MM_WALK_LINK_DANGLING] = "dangling",
    [MM_WALK_SPECIAL] = "special",
    [MM_WALK_DIR_DENIED] = "denied",
    [MM_WALK_DIR_FAILED] = "failed",
    [MM_WALK_TOO_LONG] = "long",
};

/* The walk as text: "file a\nspecial b\n", the part below the root. */
static struct mm_buf walk_text(const char *root, bool follow)
{
    struct mm_buf text;
    mm_buf_init(&text, 64 << 20);
    struct mm_walk *walk;
    struct mm_walk_entry e;
    enum mm_status st;
    assert_int_equal(mm_walk_new(root, follow, 0, &walk, NULL), MM_OK);
    while ((st = mm_walk_next(walk, &e, NULL)) == MM_OK) {
        MM_CHECK_INT("NUL behind the path", e.path.data[e.path.len], 0);
        mm_buf_append_str(&text, kind_words[e.kind]);
        mm_buf_append_char(&text, ' ');
        mm_buf_append(&text, mm_view_sub(e.path, e.below, e.path.len - e.below));
        if (e.os_errno && e.kind != MM_WALK_LINK_DANGLING)
            mm_buf_printf(&text, " %d", e.os_errno);
        mm_buf_append_char(&text, '\n');
    }
    MM_CHECK_INT("how it ends", st, MM_END);
    MM_CHECK_INT("nothing held at the end", mm_walk_names_bytes(walk), 0);
    mm_walk_free(&walk);
    assert_false(text.failed);
    return text;
}

static void check_walk(const char *label, const char *root, bool follow, const char *want)
{
    struct mm_buf text = walk_text(root, follow);
    MM_CHECK_VIEW(label, mm_buf_view(&text), mm_view_of(want));
    mm_buf_deinit(&text);
}

static void walk_goes_depth_first_in_bytewise_order(void **state)
{
    (void)state;
    make_file("a.eml");
    make_dir("a");
    make_file("a/z");
    make_file("a/Z");
    make_dir("a/m");
    make_file("a/m/1");
    make_dir("empty");
    make_file("\xff");
    make_file("B");
    make_dir(".mailmill");
    make_file(".mailmill/rejects.ndjson");
    make_file("a/.mailmill");
    make_dir("a.eml.mailmill");
    make_file("a.eml.mailmill/journal");
    make_file("a.eml.mailmill/journal.tmp");
    make_file("a.eml.mailmill/rejects.ndjson");
    make_file("a.eml.mailmill/mail");
    make_file("a/journal");
    make_file("b.mailmill");
    make_file(".hidden");
    check_walk("files and folders by name", top, false,
               "file .hidden\nfile B\nfile a/Z\nfile a/journal\nfile a/m/1\nfile a/z\nfile a.eml\n"
               "file a.eml.mailmill/mail\nfile b.mailmill\nfile \xff\n");
}

static void walk_keeps_the_root_as_typed(void **state)
{
    (void)state;
    make_dir("d");
    make_file("d/f");
    assert_int_equal(chdir(top), 0);
    static const struct {
        const char *root, *path;
        size_t below;
    } cases[] = {
        {"d", "d/f", 2},     {"d/", "d/f", 2},       {"d//", "d/f", 2},
        {"./d", "./d/f", 4}, {".//d/", ".//d/f", 5}, {"d/.", "d/./f", 4},
    };
    for (size_t i = 0; i < MM_COUNT(cases); i++) {
        struct mm_walk *walk;
        struct mm_walk_entry e;
        assert_int_equal(mm_walk_new(cases[i].root, false, 0, &walk, NULL), MM_OK);
        assert_int_equal(mm_walk_next(walk, &e, NULL), MM_OK);
        MM_CHECK_VIEW(cases[i].root, e.path, mm_view_of(cases[i].path));
        MM_CHECK_INT(cases[i].root, e.below, cases[i].below);
        mm_walk_free(&walk);
    }
    struct mm_walk *walk;
    struct mm_walk_entry e;
    assert_int_equal(mm_walk_new("/", false, 0, &walk, NULL), MM_OK);
    assert_int_equal(mm_walk_next(walk, &e, NULL), MM_OK);
    MM_CHECK_TRUE("root of all", e.path.data[0] == '/' && e.path.data[1] != '/' && e.below == 1);
    mm_walk_free(&walk);
    assert_int_equal(chdir("/"), 0);
}

static void walk_leaves_out_what_is_no_mail_in_a_maildir(void **state)
{
    (void)state;
    static const char *const boxes[] = {"", ".Sent", "plain"};
    char path[64];
    for (size_t i = 0; i < MM_COUNT(boxes); i++) {
        static const char *const folders[] = {"", "/cur", "/new", "/tmp"};
        for (size_t k = *boxes[i] == '\0'; k < MM_COUNT(folders); k++) {
            snprintf(path, sizeof path, "%s%s", boxes[i], folders[k]);
            make_dir(*boxes[i] ? path : path + 1);
        }
        static const char *const files[] = {"/cur/1:2,S", "/cur/.nfs1", "/new/2", "/tmp/3",
                                            "/dovecot-uidlist"};
        for (size_t k = 0; k < MM_COUNT(files); k++) {
            snprintf(path, sizeof path, "%s%s", boxes[i], files[k]);
            make_file(*boxes[i] ? path : path + 1);
        }
    }
    make_dir("cur/deep");
    make_file("cur/deep/.kept");
    make_link("cur/1:2,S", "link");
    assert_int_equal(rmdir(at("plain/new")) == 0, 0); /* holds a file */
    assert_int_equal(unlink(at("plain/new/2")) | rmdir(at("plain/new")), 0);
    check_walk("new and cur, of itself and below; a folder without new is no Maildir", top, false,
               "file .Sent/cur/1:2,S\nfile .Sent/new/2\nfile cur/1:2,S\nfile cur/deep/.kept\n"
               "inside link\nfile new/2\nfile plain/cur/.nfs1\nfile plain/cur/1:2,S\n"
               "file plain/dovecot-uidlist\nfile plain/tmp/3\n");
    check_walk("cur alone is a folder as any other", at("cur"), false,
               "file .nfs1\nfile 1:2,S\nfile deep/.kept\n");
}

static void walk_leaves_out_what_is_no_mail_in_a_folder_of_mh(void **state)
{
    (void)state;
    static const char *const files[] = {"1", ",2", "#3", ".xmhcache", ".mh_sequences", "4.eml"};
    make_dir("mh");
    make_dir("mh/inner");
    make_dir("other");
    for (size_t i = 0; i < MM_COUNT(files); i++) {
        char path[64];
        snprintf(path, sizeof path, "mh/%s", files[i]);
        make_file(path);
        if (files[i][0] != '.') {
            snprintf(path, sizeof path, "other/%s", files[i]);
            make_file(path);
        }
    }
    make_file("mh/inner/,5");
    check_walk("by the files that MH keeps", top, false,
               "file mh/1\nfile mh/4.eml\nfile mh/inner/,5\nfile other/#3\nfile other/,2\n"
               "file other/1\nfile other/4.eml\n");
}

static void walk_refuses_a_root_that_is_no_folder(void **state)
{
    (void)state;
    struct mm_walk *walk;
    struct mm_error err = {0};
    make_file("f");
    MM_CHECK_INT("file", mm_walk_new(at("f"), false, 0, &walk, &err), MM_E_IO);
    MM_CHECK_INT("file", err.os_errno, ENOTDIR);
    MM_CHECK_INT("nothing", mm_walk_new(at("none"), false, 0, &walk, &err), MM_E_IO);
    MM_CHECK_INT("nothing", err.os_errno, ENOENT);
}

static void walk_tells_links_and_special_files_apart(void **state)
{
    (void)state;
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    make_dir("tree");
    make_dir("tree-beside");
    make_dir("tree/sub");
    make_file("tree/sub/real");
    make_file("outside");
    make_file("tree-beside/x");
    make_link("sub/real", "tree/l1-file");
    make_link("sub", "tree/l2-folder");
    make_link("../outside", "tree/l3-out");
    make_link("../tree-beside", "tree/l4-out-folder");
    make_link("nowhere", "tree/l5-dangling");
    make_link("l6-self", "tree/l6-self");
    make_link("sub/real/x", "tree/l7-through-a-file");
    make_link(".", "tree/l8-loop");
    assert_int_equal(mkfifo(at("tree/p-fifo"), 0600), 0);
    snprintf(name.sun_path, sizeof name.sun_path, "%s", at("tree/q-socket"));
    assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
    close(fd);
    check_walk("without follow", at("tree"), false,
               "inside l1-file\ninside l2-folder\noutside l3-out\noutside l4-out-folder\n"
               "dangling l5-dangling\ndangling l6-self\ndangling l7-through-a-file\n"
               "inside l8-loop\nspecial p-fifo\nspecial q-socket\nfile sub/real\n");
    check_walk("with follow", at("tree"), true,
               "file l1-file\nfile l2-folder/real\nfile l3-out\nfile l4-out-folder/x\n"
               "dangling l5-dangling\ndangling l6-self\ndangling l7-through-a-file\n"
               "failed l8-loop 40\nspecial p-fifo\nspecial q-socket\nfile sub/real\n");
    make_link("tree", "tree-link");
    check_walk("the root itself may be a link", at("tree-link/sub"), false, "file real\n");
}

/* As a user without rights of root, in a child: its exit code is the number of the failing step. */
static void walk_names_a_folder_that_may_not_be_read(void **state)
{
    (void)state;
    make_dir("a");
    make_file("a/f");
    make_dir("b");
    make_file("b/f");
    make_file("c");
    assert_int_equal(chmod(at("b"), 0), 0);
    assert_int_equal(chmod(top, 0755), 0);
    assert_int_equal(chmod(at("a"), 0755), 0);
    pid_t child = fork();
    if (child == 0) {
        if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
            _exit(2);
        struct mm_buf text = walk_text(top, false);
        mm_buf_append_char(&text, '\0');
        _exit(strcmp(text.data, "file a/f\ndenied b 13\nfile c\n") == 0 ? 0 : 3);
    }
    int status = -1;
    waitpid(child, &status, 0);
    MM_CHECK_INT("the child", status, 0);
}

static void walk_goes_deeper_than_descriptors_and_paths_allow(void **state)
{
    (void)state;
    struct rlimit before, few = {64, 64};
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few.rlim_max = before.rlim_max;
    assert_int_equal(chdir(top), 0);
    size_t len = strlen(top), levels = 0;
    for (; len < PATH_MAX + 300; len += 11, levels++) { /* "/dddddddddd" */
        assert_int_equal(close(open("f", O_WRONLY | O_CREAT, 0600)), 0);
        assert_int_equal(mkdir("dddddddddd", 0700), 0);
        assert_int_equal(chdir("dddddddddd"), 0);
    }
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    struct mm_walk *walk;
    struct mm_walk_entry e;
    size_t files = 0, too_long = 0;
    assert_int_equal(mm_walk_new(top, false, 0, &walk, NULL), MM_OK);
    while (mm_walk_next(walk, &e, NULL) == MM_OK) {
        files += e.kind == MM_WALK_FILE;
        too_long += e.kind == MM_WALK_TOO_LONG;
        MM_CHECK_TRUE("long ones only", (e.kind == MM_WALK_TOO_LONG) == (e.path.len >= PATH_MAX));
    }
    mm_walk_free(&walk);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    MM_CHECK_TRUE("deep", levels > 300 && files > 300);
    MM_CHECK_TRUE("one folder (and its file) is too long", too_long == 1 || too_long == 2);
}

static void grow(const char *below, int depth, uint64_t *seed)
{
    char path[PATH_MAX];
    for (int i = 0; i < 12; i++) {
        int len = snprintf(path, sizeof path, "%s%s", below, *below ? "/" : "");
        int name_len = 1 + (int)(mm_random(seed) % 3);
        for (int k = 0; k < name_len; k++)
            path[len + k] = "ab.-~Z0\x80\xff"[mm_random(seed) % 9];
        path[len + name_len] = '\0';
        const char *name = path + len;
        struct stat st;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || stat(at(path), &st) == 0)
            continue;
        if (depth > 0 && mm_random(seed) % 3 == 0) {
            make_dir(path);
            grow(path, depth - 1, seed);
        } else {
            make_file(path);
        }
    }
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The plain reference: fork find(1) for the paths, replace '/' by a byte below all others, sort. */
static void walk_order_is_that_of_sorted_paths(void **state)
{
    (void)state;
    uint64_t seed = 4711;
    grow("", 4, &seed);
    char command[PATH_MAX + 64];
    snprintf(command, sizeof command, "cd '%s' && find . -type f -printf '%%P\\n'", top);
    FILE *find = popen(command, "r");
    char *paths[20000], line[PATH_MAX];
    size_t count = 0;
    assert_non_null(find);
    while (count < MM_COUNT(paths) && fgets(line, sizeof line, find)) {
        line[strcspn(line, "\n")] = '\0';
        for (char *c = line; *c; c++)
            if (*c == '/')
                *c = '\x01';
        assert_non_null(paths[count++] = strdup(line));
    }
    pclose(find);
    MM_CHECK_TRUE("a tree worth the name", count > 200);
    qsort(paths, count, sizeof *paths, by_bytes);
    struct mm_buf want;
    mm_buf_init(&want, 64 << 20);
    for (size_t i = 0; i < count; i++) {
        for (char *c = paths[i]; *c; c++)
            if (*c == '\x01')
                *c = '/';
        mm_buf_append_str(&want, "file ");
        mm_buf_append_str(&want, paths[i]);
        mm_buf_append_char(&want, '\n');
        free(paths[i]);
    }
    mm_buf_append_char(&want, '\0');
    check_walk("a random tree", top, false, want.data);
    mm_buf_deinit(&want);
}

#define WALK_TEST(fn) cmocka_unit_test_setup_teardown(fn, new_top, drop_top)

MM_TEST_MAIN(WALK_TEST(walk_goes_depth_first_in_bytewise_order),
             WALK_TEST(walk_keeps_the_root_as_typed),
             WALK_TEST(walk_leaves_out_what_is_no_mail_in_a_maildir),
             WALK_TEST(walk_leaves_out_what_is_no_mail_in_a_folder_of_mh),
             WALK_TEST(walk_refuses_a_root_that_is_no_folder),
             WALK_TEST(walk_tells_links_and_special_files_apart),
             WALK_TEST(walk_names_a_folder_that_may_not_be_read),
             WALK_TEST(walk_goes_deeper_than_descriptors_and_paths_allow),
             WALK_TEST(walk_order_is_that_of_sorted_paths))
