/* An fsync that fails once: when the file CHAOS_FSYNC exists, the first sync of a file whose path contains what that file
   says gives EIO, and the file is removed. Everything else goes to the system. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int told_to_fail(int fd) {
  const char *control = getenv("CHAOS_FSYNC");
  char part[256] = "", link[64], path[4096] = "";
  if (control == NULL) return 0;
  int file = open(control, O_RDONLY);
  if (file < 0) return 0;
  ssize_t length = read(file, part, sizeof part - 1);
  close(file);
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  if (length <= 0 || readlink(link, path, sizeof path - 1) < 0 || strstr(path, part) == NULL) return 0;
  if (unlink(control) != 0) return 0; /* Somebody else was first. */
  errno = EIO;
  return 1;
}

int fsync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  return told_to_fail(fd) ? -1 : real(fd);
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  return told_to_fail(fd) ? -1 : real(fd);
}
