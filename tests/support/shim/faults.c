/* Stands between a program and the files below one folder (LD_PRELOAD), for the tests of faults: counts the calls,
 * kills the program at the nth, lets calls fail with an errno, remembers what was synced, and shifts the wall clock.
 *
 * SHIM_ROOT     the folder whose files are watched
 * SHIM_CONTROL  a file of struct control that the test and the program map both
 * SHIM_SYNCED   where the synced state is kept (inodes/NUMBER, folders/NUMBER); without it, nothing is kept
 *
 * What power loss leaves, by POSIX's word: of a file the bytes that were there at its last fsync, of a folder the names
 * that were there at its own last fsync. syncfs is all of it. Files that are written through mmap are not followed:
 * SQLite's -shm is made anew by recovery. tests/support/faults.py reads what is kept. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* In step with tests/support/faults.py: 64-bit numbers each. */
struct control {
  volatile int64_t changes;     /* calls so far that change something */
  volatile int64_t reads;       /* calls so far that read */
  volatile int64_t kill_at;     /* 0: never; the change of this number is not done, and ends the program */
  volatile int64_t fail_from;   /* changes of these numbers fail; 0: none */
  volatile int64_t fail_until;  /* exclusive */
  volatile int64_t fail_errno;
  volatile int64_t read_from; /* reads likewise */
  volatile int64_t read_until;
  volatile int64_t read_errno;
  volatile int64_t growing_only; /* not 0: only calls that need room fail (a full disk) */
  volatile int64_t clock_offset; /* nanoseconds added to CLOCK_REALTIME */
  volatile int64_t failed;       /* calls that were made to fail */
};

#define MOST_FILES 65536

struct dirty {
  ino_t inode;
  off_t low, high; /* written since the last sync: [low, high) */
  int resized;
  char* path; /* where it was last seen */
};

static struct control* control;
static char root[PATH_MAX];
static size_t root_length;
static char synced[PATH_MAX];
static struct dirty files[MOST_FILES];
static int file_count;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static __thread int inside; /* calls of the shim's own are not watched */


__attribute__((constructor)) static void begin(void) {
  const char* folder = getenv("SHIM_ROOT");
  const char* file = getenv("SHIM_CONTROL");
  const char* keep = getenv("SHIM_SYNCED");
  if (!folder || !file) return;
  snprintf(root, sizeof root, "%s", folder);
  root_length = strlen(root);
  if (keep) snprintf(synced, sizeof synced, "%s", keep);
  int fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC, 0);
  if (fd < 0) return;
  void* mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  syscall(SYS_close, fd);
  if (mapped != MAP_FAILED) control = mapped;
}

static int watched(const char* path) {
  return control && !inside && path && strncmp(path, root, root_length) == 0 &&
         (path[root_length] == '/' || path[root_length] == 0);
}

static int path_of(int fd, char* path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  long length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
  path[length < 0 ? 0 : length] = 0;
  return length > 0;
}

static int watched_fd(int fd, char* path) {
  if (!control || inside || fd < 0) return 0;
  int before = errno;
  int found = path_of(fd, path) && watched(path);
  errno = before;
  return found;
}

/* Before a change; -1 with errno where it is to fail. */
static int change(int grows) {
  int64_t number = __atomic_add_fetch(&control->changes, 1, __ATOMIC_SEQ_CST);
  if (number == control->kill_at) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
  }
  if (control->fail_from && number >= control->fail_from && number < control->fail_until &&
      (grows || !control->growing_only)) {
    __atomic_add_fetch(&control->failed, 1, __ATOMIC_SEQ_CST);
    errno = (int)control->fail_errno;
    return -1;
  }
  return 0;
}

static int read_fails(void) {
  int64_t number = __atomic_add_fetch(&control->reads, 1, __ATOMIC_SEQ_CST);
  if (control->read_from && number >= control->read_from && number < control->read_until) {
    __atomic_add_fetch(&control->failed, 1, __ATOMIC_SEQ_CST);
    errno = (int)control->read_errno;
    return -1;
  }
  return 0;
}

/* The synced state */

static struct dirty* file_of(ino_t inode, const char* path) {
  for (int i = file_count - 1; i >= 0; --i) {
    if (files[i].inode == inode) return &files[i];
  }
  if (file_count == MOST_FILES) abort();
  struct dirty* file = &files[file_count++];
  memset(file, 0, sizeof *file);
  file->inode = inode;
  file->path = strdup(path);
  return file;
}

static void wrote(int fd, const char* path, off_t low, off_t high) {
  struct stat info;
  if (!synced[0] || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return;
  struct dirty* file = file_of(info.st_ino, path);
  if (low > high) return;
  if (file->high == file->low) {
    file->low = low;
    file->high = high;
  } else {
    if (low < file->low) file->low = low;
    if (high > file->high) file->high = high;
  }
  file->resized = 1;
}

static void keep_file(struct dirty* file) {
  char target[PATH_MAX + 64], bytes[65536];
  struct stat info;
  int from = open(file->path, O_RDONLY | O_CLOEXEC);
  if (from < 0) return;
  if (fstat(from, &info) != 0 || info.st_ino != file->inode) {
    close(from);
    return;
  }
  snprintf(target, sizeof target, "%s/inodes/%lu", synced, (unsigned long)file->inode);
  int to = open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (to < 0) abort();
  for (off_t at = file->low; at < file->high;) {
    size_t want = sizeof bytes;
    if ((off_t)want > file->high - at) want = (size_t)(file->high - at);
    ssize_t got = pread(from, bytes, want, at);
    if (got <= 0) break;
    if (pwrite(to, bytes, (size_t)got, at) != got) abort();
    at += got;
  }
  if (ftruncate(to, info.st_size) != 0) abort();
  close(to);
  close(from);
  file->low = file->high = 0;
  file->resized = 0;
}

/* The names of a folder as they are now: "INODE TYPE NAME" each, ended by a NUL. */
static void keep_folder(const char* path, ino_t inode) {
  char target[PATH_MAX + 64], temporary[PATH_MAX + 80];
  snprintf(target, sizeof target, "%s/folders/%lu", synced, (unsigned long)inode);
  snprintf(temporary, sizeof temporary, "%s.new", target);
  DIR* folder = opendir(path);
  FILE* out = fopen(temporary, "we");
  if (!folder || !out) abort();
  for (struct dirent* entry; (entry = readdir(folder));) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    fprintf(out, "%lu %c %s%c", (unsigned long)entry->d_ino, entry->d_type == DT_DIR ? 'd' : 'f', entry->d_name, 0);
  }
  fclose(out);
  closedir(folder);
  if (rename(temporary, target) != 0) abort();
}

static void keep_folders(const char* path) {
  struct stat info;
  if (stat(path, &info) != 0) return;
  keep_folder(path, info.st_ino);
  DIR* folder = opendir(path);
  if (!folder) return;
  for (struct dirent* entry; (entry = readdir(folder));) {
    char child[PATH_MAX + 300];
    if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
    keep_folders(child);
  }
  closedir(folder);
}

static void was_synced(int fd, const char* path, int everything) {
  if (!synced[0]) return;
  inside = 1;
  struct stat info;
  if (everything) {
    for (int i = 0; i < file_count; ++i) {
      if (files[i].resized) keep_file(&files[i]);
    }
    keep_folders(root);
  } else if (fstat(fd, &info) == 0) {
    if (S_ISDIR(info.st_mode)) {
      keep_folder(path, info.st_ino);
    } else {
      struct dirty* file = file_of(info.st_ino, path);
      free(file->path);
      file->path = strdup(path);
      keep_file(file);
    }
  }
  inside = 0;
}

static void was_renamed(const char* to) {
  struct stat info;
  if (!synced[0]) return;
  inside = 1;
  if (stat(to, &info) == 0 && S_ISREG(info.st_mode)) {
    struct dirty* file = file_of(info.st_ino, to);
    free(file->path);
    file->path = strdup(to);
  }
  inside = 0;
}

/* An inode's number may be given to a new file: what was kept of the old one is forgotten. */
static void was_made(int fd, const char* path) {
  struct stat info;
  char target[PATH_MAX + 64];
  if (!synced[0] || fstat(fd, &info) != 0 || info.st_size != 0) return;
  inside = 1;
  struct dirty* file = file_of(info.st_ino, path);
  free(file->path);
  file->path = strdup(path);
  file->low = file->high = 0;
  file->resized = 1;
  snprintf(target, sizeof target, "%s/inodes/%lu", synced, (unsigned long)info.st_ino);
  unlink(target);
  inside = 0;
}

/* Calls that open */

static int open_watched(int folder, const char* path, int flags, mode_t mode, const char* full) {
  if (watched(full)) {
    int makes = (flags & O_CREAT) && syscall(SYS_faccessat, folder, path, F_OK) != 0;
    if (makes || (flags & O_TRUNC)) {
      pthread_mutex_lock(&mutex);
      int fd = change(1) != 0 ? -1 : (int)syscall(SYS_openat, folder, path, flags, mode);
      int problem = errno;
      if (fd >= 0) was_made(fd, full);
      pthread_mutex_unlock(&mutex);
      errno = problem;
      return fd;
    }
    if (read_fails() != 0) return -1;
  }
  return (int)syscall(SYS_openat, folder, path, flags, mode);
}

#define MODE_OF(flags) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | O_TMPFILE)) { \
    va_list rest; \
    va_start(rest, flags); \
    mode = (mode_t)va_arg(rest, int); \
    va_end(rest); \
  }

int open(const char* path, int flags, ...) {
  MODE_OF(flags)
  return open_watched(AT_FDCWD, path, flags, mode, path);
}
int open64(const char* path, int flags, ...) {
  MODE_OF(flags)
  return open_watched(AT_FDCWD, path, flags, mode, path);
}
int openat(int folder, const char* path, int flags, ...) {
  MODE_OF(flags)
  char full[2 * PATH_MAX];
  full[0] = 0;
  if (path[0] != '/' && folder >= 0 && control && !inside && path_of(folder, full)) {
    size_t length = strlen(full);
    snprintf(full + length, sizeof full - length, "/%s", path);
  }
  return open_watched(folder, path, flags, mode, full[0] ? full : path);
}
int openat64(int folder, const char* path, int flags, ...) {
  MODE_OF(flags)
  return openat(folder, path, flags, mode);
}

/* Calls that change a file */

ssize_t write(int fd, const void* bytes, size_t count) {
  char path[PATH_MAX];
  if (!watched_fd(fd, path)) return syscall(SYS_write, fd, bytes, count);
  pthread_mutex_lock(&mutex);
  ssize_t done = -1;
  if (change(1) == 0) {
    done = syscall(SYS_write, fd, bytes, count);
    off_t end = lseek(fd, 0, SEEK_CUR);
    if (done > 0) wrote(fd, path, end - done, end);
  }
  int problem = errno;
  pthread_mutex_unlock(&mutex);
  errno = problem;
  return done;
}

static ssize_t pwrite_watched(int fd, const void* bytes, size_t count, off_t offset) {
  char path[PATH_MAX];
  if (!watched_fd(fd, path)) return syscall(SYS_pwrite64, fd, bytes, count, offset);
  pthread_mutex_lock(&mutex);
  ssize_t done = -1;
  if (change(1) == 0) {
    done = syscall(SYS_pwrite64, fd, bytes, count, offset);
    if (done > 0) wrote(fd, path, offset, offset + done);
  }
  int problem = errno;
  pthread_mutex_unlock(&mutex);
  errno = problem;
  return done;
}
ssize_t pwrite(int fd, const void* bytes, size_t count, off_t offset) {
  return pwrite_watched(fd, bytes, count, offset);
}
ssize_t pwrite64(int fd, const void* bytes, size_t count, off_t offset) {
  return pwrite_watched(fd, bytes, count, offset);
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
  char path[PATH_MAX];
  if (!watched_fd(fd, path)) return syscall(SYS_writev, fd, parts, count);
  ssize_t total = 0;
  for (int i = 0; i < count; ++i) {
    ssize_t done = write(fd, parts[i].iov_base, parts[i].iov_len);
    if (done < 0) return total ? total : -1;
    total += done;
    if ((size_t)done < parts[i].iov_len) break;
  }
  return total;
}

static int truncate_watched(int fd, off_t length) {
  char path[PATH_MAX];
  if (!watched_fd(fd, path)) return (int)syscall(SYS_ftruncate, fd, length);
  pthread_mutex_lock(&mutex);
  int done = -1;
  if (change(0) == 0) {
    done = (int)syscall(SYS_ftruncate, fd, length);
    if (done == 0) wrote(fd, path, length, length);
  }
  int problem = errno;
  pthread_mutex_unlock(&mutex);
  errno = problem;
  return done;
}
int ftruncate(int fd, off_t length) { return truncate_watched(fd, length); }
int ftruncate64(int fd, off_t length) { return truncate_watched(fd, length); }

static int sync_watched(int fd, long call, int everything) {
  char path[PATH_MAX];
  if (!watched_fd(fd, path)) return (int)syscall(call, fd);
  pthread_mutex_lock(&mutex);
  /* The disk itself is left alone: what counts as synced is what is kept. */
  int done = change(0);
  int problem = errno;
  if (done == 0) was_synced(fd, path, everything);
  pthread_mutex_unlock(&mutex);
  errno = problem;
  return done;
}
int fsync(int fd) { return sync_watched(fd, SYS_fsync, 0); }
int fdatasync(int fd) { return sync_watched(fd, SYS_fdatasync, 0); }
int syncfs(int fd) { return sync_watched(fd, SYS_syncfs, 1); }

/* Calls that change a folder */

static int renameat2_watched(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  if (!watched(to)) return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
  pthread_mutex_lock(&mutex);
  int done = change(1) != 0 ? -1 : (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
  int problem = errno;
  if (done == 0) was_renamed(to);
  pthread_mutex_unlock(&mutex);
  errno = problem;
  return done;
}
int rename(const char* from, const char* to) { return renameat2_watched(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  return renameat2_watched(from_folder, from, to_folder, to, flags);
}

static int link_watched(const char* from, const char* to) {
  if (!watched(to)) return (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
  pthread_mutex_lock(&mutex);
  int done = change(1) != 0 ? -1 : (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
  int problem = errno;
  if (done == 0) was_renamed(to);
  pthread_mutex_unlock(&mutex);
  errno = problem;
  return done;
}
int link(const char* from, const char* to) { return link_watched(from, to); }

int unlink(const char* path) {
  if (watched(path) && change(0) != 0) return -1;
  return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}
int mkdir(const char* path, mode_t mode) {
  if (watched(path) && syscall(SYS_faccessat, AT_FDCWD, path, F_OK) != 0 && change(1) != 0) return -1;
  return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

/* Calls that read */

ssize_t read(int fd, void* bytes, size_t count) {
  char path[PATH_MAX];
  if (watched_fd(fd, path) && read_fails() != 0) return -1;
  return syscall(SYS_read, fd, bytes, count);
}
static ssize_t pread_watched(int fd, void* bytes, size_t count, off_t offset) {
  char path[PATH_MAX];
  if (watched_fd(fd, path) && read_fails() != 0) return -1;
  return syscall(SYS_pread64, fd, bytes, count, offset);
}
ssize_t pread(int fd, void* bytes, size_t count, off_t offset) { return pread_watched(fd, bytes, count, offset); }
ssize_t pread64(int fd, void* bytes, size_t count, off_t offset) { return pread_watched(fd, bytes, count, offset); }

/* The wall clock */

int clock_gettime(clockid_t clock, struct timespec* now) {
  int done = (int)syscall(SYS_clock_gettime, clock, now);
  if (done == 0 && clock == CLOCK_REALTIME && control && control->clock_offset) {
    int64_t moment = now->tv_sec * 1000000000LL + now->tv_nsec + control->clock_offset;
    now->tv_sec = moment / 1000000000LL;
    now->tv_nsec = moment % 1000000000LL;
  }
  return done;
}
time_t time(time_t* into) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (into) *into = now.tv_sec;
  return now.tv_sec;
}
int gettimeofday(struct timeval* now, void* zone) {
  struct timespec moment;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &moment);
  now->tv_sec = moment.tv_sec;
  now->tv_usec = moment.tv_nsec / 1000;
  return 0;
}
