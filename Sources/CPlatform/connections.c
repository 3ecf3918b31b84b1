#define _GNU_SOURCE
#include "include/connections.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

void casus_connection_peer(int descriptor, char *text, int size) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  char host[INET6_ADDRSTRLEN] = "?";
  int port = 0;
  if (getpeername(descriptor, (struct sockaddr *)&address, &length) == 0) {
    if (address.ss_family == AF_INET) {
      struct sockaddr_in *in = (struct sockaddr_in *)&address;
      inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
      port = ntohs(in->sin_port);
    } else if (address.ss_family == AF_INET6) {
      struct sockaddr_in6 *in = (struct sockaddr_in6 *)&address;
      inet_ntop(AF_INET6, &in->sin6_addr, host, sizeof host);
      port = ntohs(in->sin6_port);
    }
  }
  snprintf(text, (size_t)size, "%s:%d", host, port);
}

int casus_connections(struct casus_connection *found, int room) {
  DIR *folder = opendir("/proc/self/fd");
  if (folder == NULL) return -errno;
  int count = 0;
  struct dirent *entry;
  while (count < room && (entry = readdir(folder)) != NULL) {
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    int descriptor = atoi(entry->d_name);
    struct tcp_info information;
    memset(&information, 0, sizeof information);
    socklen_t length = sizeof information;
    // Fails on everything that is no TCP socket.
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &information, &length) != 0) continue;
    const int established = 1;
    if (information.tcpi_state != established) continue;
    struct stat status;
    if (fstat(descriptor, &status) != 0) continue;
    struct casus_connection *connection = &found[count++];
    connection->descriptor = descriptor;
    connection->inode = status.st_ino;
    connection->received = information.tcpi_bytes_received;
  }
  closedir(folder);
  return count;
}

uint64_t casus_connection_inode(int descriptor) {
  struct stat status;
  return fstat(descriptor, &status) == 0 ? status.st_ino : 0;
}

int casus_connection_end(int descriptor) { return shutdown(descriptor, SHUT_RDWR) == 0 ? 0 : errno; }
