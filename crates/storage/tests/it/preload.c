// Makes system calls of a test's child process fail, or logs them. LD_PRELOAD puts these functions before those of
// the C library.
//
// GUANXI_TEST_FAIL_META: the next write of a meta page of data.mdb fails, and this file is removed.
// GUANXI_TEST_FAIL_DATA: writes of other pages of data.mdb fail while this file exists.
// GUANXI_TEST_CALLS: the file to which calls are appended.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define META_BYTES 512

static const char *path_of(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length > 0 ? length : 0] = 0;
    return path;
}

static int is_data_file(int fd) {
    char path[PATH_MAX];
    const char *name = strrchr(path_of(fd, path), '/');
    return name && strcmp(name, "/data.mdb") == 0;
}

static void log_call(const char *call, const char *first, const char *second) {
    const char *file = getenv("GUANXI_TEST_CALLS");
    FILE *log = file ? fopen(file, "a") : NULL;
    if (log) {
        fprintf(log, "%s %s %s\n", call, first, second);
        fclose(log);
    }
}

// Returns the error of a write, or 0.
static int error_of_write(int fd, size_t bytes) {
    if (!is_data_file(fd)) return 0;
    log_call("write", "data.mdb", "");
    const char *meta = getenv("GUANXI_TEST_FAIL_META"), *data = getenv("GUANXI_TEST_FAIL_DATA");
    if (meta && bytes < META_BYTES && unlink(meta) == 0) return EIO;
    if (data && bytes >= META_BYTES && access(data, F_OK) == 0) return ENOSPC;
    return 0;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    if ((errno = error_of_write(fd, count))) return -1;
    ssize_t (*next)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite");
    return next(fd, bytes, count, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
    if ((errno = error_of_write(fd, count))) return -1;
    ssize_t (*next)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
    return next(fd, bytes, count, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    if ((errno = error_of_write(fd, META_BYTES))) return -1;
    ssize_t (*next)(int, const struct iovec *, int) = dlsym(RTLD_NEXT, "writev");
    return next(fd, parts, count);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
    if ((errno = error_of_write(fd, META_BYTES))) return -1;
    ssize_t (*next)(int, const struct iovec *, int, off_t) = dlsym(RTLD_NEXT, "pwritev");
    return next(fd, parts, count, offset);
}

int fsync(int fd) {
    char path[PATH_MAX];
    log_call("fsync", path_of(fd, path), "");
    int (*next)(int) = dlsym(RTLD_NEXT, "fsync");
    return next(fd);
}

int rename(const char *from, const char *to) {
    log_call("rename", from, to);
    int (*next)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
    return next(from, to);
}
