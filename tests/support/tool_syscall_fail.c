/*
 * tool_syscall_fail.c - run a command whose io_uring calls fail, as containers and old kernels do.
 * SPDX-License-Identifier: Apache-2.0
 *
 *   syscall_fail NAME[:DETAIL] ERRNO [AFTER] -- COMMAND [ARGUMENT…]
 *
 * NAME     io_uring_setup, io_uring_enter or io_uring_register, or any other known below
 * DETAIL   io_uring_setup: fail only where this flag is set (DEFER_TASKRUN, SINGLE_ISSUER);
 *          io_uring_register: fail only this operation
 *          (BUFFERS2, BUFFERS_UPDATE, FILES2, ENABLE_RINGS)
 * AFTER    let that many calls of the whole command through first
 *
 * A plain failure is a seccomp filter. What must look at memory or count is asked of a supervisor,
 * this process, which answers each call. Exit code: the command's, 128 + signal, 125 for a fault
 * of this program's own, 77 where the kernel (or an emulator of it) has no seccomp or lacks its
 * notification.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_SKIP = 77, EXIT_FAULT = 125, EXIT_SIGNAL = 128 };

#if defined(__x86_64__)
#define OWN_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCH AUDIT_ARCH_AARCH64
#else
#error "name this architecture's AUDIT_ARCH here"
#endif

#ifndef IORING_SETUP_SINGLE_ISSUER
#define IORING_SETUP_SINGLE_ISSUER (1U << 12)
#endif
#ifndef IORING_SETUP_DEFER_TASKRUN
#define IORING_SETUP_DEFER_TASKRUN (1U << 13)
#endif

struct word {
    const char *name;
    unsigned value;
};

static const struct word calls[] = {
    {"io_uring_setup", SYS_io_uring_setup},
    {"io_uring_enter", SYS_io_uring_enter},
    {"io_uring_register", SYS_io_uring_register},
    {NULL, 0},
};
static const struct word setup_flags[] = {
    {"SINGLE_ISSUER", IORING_SETUP_SINGLE_ISSUER},
    {"DEFER_TASKRUN", IORING_SETUP_DEFER_TASKRUN},
    {NULL, 0},
};
static const struct word register_ops[] = {
    {"BUFFERS2", IORING_REGISTER_BUFFERS2},
    {"BUFFERS_UPDATE", IORING_REGISTER_BUFFERS_UPDATE},
    {"FILES2", IORING_REGISTER_FILES2},
    {"ENABLE_RINGS", IORING_REGISTER_ENABLE_RINGS},
    {NULL, 0},
};
static const struct word errnos[] = {
    {"EPERM", EPERM},   {"ENOSYS", ENOSYS}, {"EINVAL", EINVAL}, {"ENOMEM", ENOMEM}, {"EIO", EIO},
    {"EAGAIN", EAGAIN}, {"EINTR", EINTR},   {"EBUSY", EBUSY},   {"EMFILE", EMFILE}, {NULL, 0},
};

/* What is to fail. */
struct plan {
    unsigned call, os_errno;
    bool has_flag, has_op;
    unsigned flag, op;
    long after; /* -1: at once */
};

static void fault(const char *what)
{
    fprintf(stderr, "syscall_fail: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAULT);
}

static bool find(const struct word *words, const char *name, unsigned *value)
{
    for (; words->name; words++)
        if (strcmp(words->name, name) == 0) {
            *value = words->value;
            return true;
        }
    return false;
}

static bool parse_call(char *text, struct plan *plan)
{
    char *detail = strchr(text, ':');
    if (detail)
        *detail++ = '\0';
    if (!find(calls, text, &plan->call))
        return false;
    if (!detail)
        return true;
    if (plan->call == SYS_io_uring_setup)
        return plan->has_flag = find(setup_flags, detail, &plan->flag);
    if (plan->call == SYS_io_uring_register)
        return plan->has_op = find(register_ops, detail, &plan->op);
    return false;
}

/* Returns the command's first word in argv, or 0. */
static int parse(int argc, char **argv, struct plan *plan)
{
    *plan = (struct plan){.after = -1};
    if (argc < 5 || !parse_call(argv[1], plan) || !find(errnos, argv[2], &plan->os_errno))
        return 0;
    int at = 3;
    if (strcmp(argv[at], "--") != 0) {
        char *end;
        plan->after = strtol(argv[at++], &end, 10);
        if (*end || plan->after < 0)
            return 0;
    }
    return at + 1 < argc && strcmp(argv[at], "--") == 0 ? at + 1 : 0;
}

/* ---- the filter ---- */

/* Returns the notification's descriptor where the action asks for one. */
static int install(const struct plan *plan, uint32_t action)
{
    const uint32_t arch = offsetof(struct seccomp_data, arch);
    const uint32_t nr = offsetof(struct seccomp_data, nr);
    const uint32_t second =
        offsetof(struct seccomp_data, args[1]); /* its low half: little endian */
    struct sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCH, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, nr),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, plan->call, 0, 2),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, plan->has_op ? second : nr),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, plan->has_op ? plan->op : plan->call, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, action),
    };
    struct sock_fprog fprog = {sizeof program / sizeof program[0], program};
    bool asks = action == SECCOMP_RET_USER_NOTIF;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        fault("no_new_privs");
    long rc = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                      asks ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0, &fprog);
    if (rc < 0 && (errno == ENOSYS || (asks && errno == EINVAL)))
        exit(EXIT_SKIP);
    if (rc < 0)
        fault("seccomp");
    return (int)rc;
}

/* ---- a descriptor from the child to its supervisor ---- */

union control {
    struct cmsghdr header;
    char room[CMSG_SPACE(sizeof(int))];
};

static void send_fd(int to, int fd)
{
    char byte = 0;
    union control control = {.room = {0}};
    struct iovec iov = {&byte, 1};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.room,
                         .msg_controllen = sizeof control.room};
    control.header = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    if (sendmsg(to, &msg, 0) != 1)
        fault("sendmsg");
}

/* -1: the child ended without sending one. */
static int receive_fd(int from)
{
    char byte;
    int fd;
    union control control;
    struct iovec iov = {&byte, 1};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = control.room,
                         .msg_controllen = sizeof control.room};
    if (recvmsg(from, &msg, 0) != 1 || msg.msg_controllen < CMSG_LEN(sizeof fd))
        return -1;
    memcpy(&fd, CMSG_DATA(&control.header), sizeof fd);
    return fd;
}

/* ---- the supervisor ---- */

static bool setup_has_flag(const struct plan *plan, const struct seccomp_notif *asked)
{
    struct io_uring_params params = {.flags = 0};
    struct iovec mine = {&params, sizeof params};
    struct iovec theirs = {(void *)(uintptr_t)asked->data.args[1], sizeof params};
    if (process_vm_readv((pid_t)asked->pid, &mine, 1, &theirs, 1, 0) != (ssize_t)sizeof params)
        fault("process_vm_readv");
    return (params.flags & plan->flag) != 0;
}

static bool shall_fail(struct plan *plan, const struct seccomp_notif *asked)
{
    if (plan->has_flag && !setup_has_flag(plan, asked))
        return false;
    if (plan->after > 0) {
        plan->after--;
        return false;
    }
    return true;
}

static void answer_one(struct plan *plan, int notify)
{
    /* The kernel's structs may be longer than ours. */
    static union {
        struct seccomp_notif notif;
        char room[4096];
    } asked;
    static union {
        struct seccomp_notif_resp resp;
        char room[4096];
    } answer;
    memset(&asked, 0, sizeof asked);
    if (ioctl(notify, SECCOMP_IOCTL_NOTIF_RECV, &asked.notif) != 0) {
        if (errno != EINTR && errno != ENOENT)
            fault("notification");
        return;
    }
    memset(&answer, 0, sizeof answer);
    answer.resp.id = asked.notif.id;
    if (shall_fail(plan, &asked.notif))
        answer.resp.error = -(int)plan->os_errno;
    else
        answer.resp.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    if (ioctl(notify, SECCOMP_IOCTL_NOTIF_SEND, &answer.resp) != 0 && errno != ENOENT)
        fault("answer");
}

static void supervise(struct plan *plan, int notify)
{
    for (;;) {
        struct pollfd p = {.fd = notify, .events = POLLIN};
        if (poll(&p, 1, -1) < 0 && errno != EINTR)
            fault("poll");
        if (p.revents & POLLIN)
            answer_one(plan, notify);
        else if (p.revents) /* nobody is left under the filter */
            return;
    }
}

static pid_t child;

static void pass_signal(int signal_number)
{
    kill(child, signal_number);
}

static int run_supervised(struct plan *plan, char **command)
{
    int pair[2], status;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        fault("socketpair");
    child = fork();
    if (child < 0)
        fault("fork");
    if (child == 0) {
        int notify = install(plan, SECCOMP_RET_USER_NOTIF);
        send_fd(pair[1], notify);
        close(notify);
        execvp(command[0], command);
        fault(command[0]);
    }
    close(pair[1]);
    signal(SIGTERM, pass_signal);
    signal(SIGINT, pass_signal);
    int notify = receive_fd(pair[0]);
    if (notify >= 0)
        supervise(plan, notify);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            fault("waitpid");
    return WIFSIGNALED(status) ? EXIT_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
    struct plan plan;
    int command = parse(argc, argv, &plan);
    if (!command) {
        fprintf(stderr,
                "usage: syscall_fail NAME[:DETAIL] ERRNO [AFTER] -- COMMAND [ARGUMENT...]\n");
        return EXIT_FAULT;
    }
    if (plan.after >= 0 || plan.has_flag)
        return run_supervised(&plan, argv + command);
    install(&plan, SECCOMP_RET_ERRNO | (plan.os_errno & SECCOMP_RET_DATA));
    execvp(argv[command], argv + command);
    fault(argv[command]);
    return EXIT_FAULT;
}
