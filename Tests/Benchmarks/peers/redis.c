// Redis Streams with `appendfsync always`: XADD in pipelines, XREAD from the last id read.
#include "peer.h"

#include <hiredis/hiredis.h>

static redisContext *connect_to(const char *path) {
  redisContext *context = redisConnectUnix(path);
  if (!context || context->err) fail("connect", context ? context->errstr : NULL);
  return context;
}

static int publish(const char *path, size_t size, double seconds, double rate, int depth) {
  redisContext *context = connect_to(path);
  fill_texts(size);
  char *message = malloc(size);
  uint64_t start = now(), end = start + (uint64_t)(seconds * 1e9), sent = 0, answered = 0;
  redisReply *reply;
  while (now() < end) {
    int batch = rate > 0 ? 1 : depth;
    for (int i = 0; i < batch; i++) {
      pace(start, sent, rate);
      make(message, sent++);
      redisAppendCommand(context, "XADD bench * e %b", message, size);
    }
    for (; answered < sent; answered++) {
      if (redisGetReply(context, (void **)&reply) != REDIS_OK || reply->type == REDIS_REPLY_ERROR)
        fail("XADD", context->errstr);
      freeReplyObject(reply);
    }
  }
  uint64_t last = now(), mark[2] = {LAST, last};
  reply = redisCommand(context, "XADD bench * e %b", mark, sizeof mark);
  if (!reply) fail("end", context->errstr);
  report_writer(sent, start, last);
  return 0;
}

static int subscribe(const char *path, int publishers) {
  redisContext *context = connect_to(path);
  char from[64] = "0-0";
  puts("ready");
  fflush(stdout);
  uint64_t last = 0;
  for (int ended = 0; ended < publishers;) {
    redisReply *reply = redisCommand(context, "XREAD COUNT 256 BLOCK 60000 STREAMS bench %s", from);
    if (!reply || reply->type != REDIS_REPLY_ARRAY) break;
    redisReply *entries = reply->element[0]->element[1];
    for (size_t i = 0; i < entries->elements; i++) {
      redisReply *entry = entries->element[i], *fields = entry->element[1];
      if (take(fields->element[1]->str, fields->element[1]->len)) ended++;
      snprintf(from, sizeof from, "%s", entry->element[0]->str);
    }
    if (ended < publishers) last = now();
    freeReplyObject(reply);
  }
  report_reader(last);
  return 0;
}

// redis publish SOCKET SIZE SECONDS RATE DEPTH | subscribe SOCKET PUBLISHERS
int main(int count, char **words) {
  if (count == 7 && !strcmp(words[1], "publish"))
    return publish(words[2], (size_t)number_of(words[3]), number_of(words[4]), number_of(words[5]), atoi(words[6]));
  if (count == 4 && !strcmp(words[1], "subscribe")) return subscribe(words[2], atoi(words[3]));
  fail("redis", "wrong words");
}
