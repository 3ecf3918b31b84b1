// NATS: core (nothing kept, nothing acknowledged) and JetStream (file storage, publish acknowledged, read acknowledged).
#include "peer.h"

#include <nats/nats.h>

static void check(natsStatus status, const char *what) {
  if (status != NATS_OK) fail(what, natsStatus_GetText(status));
}

static natsConnection *connect_to(const char *url) {
  natsConnection *connection = NULL;
  natsOptions *options = NULL;
  check(natsOptions_Create(&options), "options");
  check(natsOptions_SetURL(options, url), "url");
  check(natsOptions_SetMaxPendingMsgs(options, 1 << 20), "pending");
  check(natsConnection_Connect(&connection, options), "connect");
  return connection;
}

static int publish(const char *url, int stream, size_t size, double seconds, double rate) {
  natsConnection *connection = connect_to(url);
  jsCtx *js = NULL;
  if (stream) {
    jsOptions options;
    jsOptions_Init(&options);
    options.PublishAsync.MaxPending = 4096;
    check(natsConnection_JetStream(&js, connection, &options), "jetstream");
  }
  fill_texts(size);
  char *message = malloc(size);
  uint64_t start = now(), end = start + (uint64_t)(seconds * 1e9), sent = 0;
  while (now() < end) {
    pace(start, sent, rate);
    make(message, sent);
    check(stream ? js_PublishAsync(js, "bench", message, (int)size, NULL)
                 : natsConnection_Publish(connection, "bench", message, (int)size),
          "publish");
    if (rate > 0 && !stream) natsConnection_Flush(connection);
    sent++;
  }
  if (stream) {
    jsPubOptions options;
    jsPubOptions_Init(&options);
    options.MaxWait = 60000;
    check(js_PublishAsyncComplete(js, &options), "acknowledgements");
  }
  natsConnection_Flush(connection);
  uint64_t last = now(), mark[2] = {LAST, last};
  if (stream)
    check(js_Publish(NULL, js, "bench", mark, sizeof mark, NULL, NULL), "end");
  else
    check(natsConnection_Publish(connection, "bench", mark, sizeof mark), "end");
  natsConnection_Flush(connection);
  report_writer(sent, start, last);
  return 0;
}

static int subscribe(const char *url, int stream, int publishers) {
  natsConnection *connection = connect_to(url);
  natsSubscription *subscription = NULL;
  if (stream) {
    jsCtx *js = NULL;
    check(natsConnection_JetStream(&js, connection, NULL), "jetstream");
    jsSubOptions options;
    jsSubOptions_Init(&options);
    options.ManualAck = true;
    options.Config.AckPolicy = js_AckAll;
    options.Config.MaxAckPending = 20000;
    check(js_SubscribeSync(&subscription, js, "bench", NULL, &options, NULL), "subscribe");
  } else {
    check(natsConnection_SubscribeSync(&subscription, connection, "bench"), "subscribe");
  }
  check(natsSubscription_SetPendingLimits(subscription, -1, -1), "limits");
  natsConnection_Flush(connection);
  puts("ready");
  fflush(stdout);
  uint64_t last = 0;
  for (int ended = 0; ended < publishers;) {
    natsMsg *message = NULL;
    if (natsSubscription_NextMsg(&message, subscription, 60000) != NATS_OK) break;
    if (take(natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message)))
      ended++;
    else
      last = now();
    // All up to here, now and then: what a careful consumer does at least.
    if (stream && (received % 128 == 0 || ended)) natsMsg_Ack(message, NULL);
    natsMsg_Destroy(message);
  }
  report_reader(last);
  return 0;
}

static int make_stream(const char *url) {
  natsConnection *connection = connect_to(url);
  jsCtx *js = NULL;
  check(natsConnection_JetStream(&js, connection, NULL), "jetstream");
  jsStreamConfig config;
  jsStreamConfig_Init(&config);
  const char *subjects[] = {"bench"};
  config.Name = "BENCH";
  config.Subjects = subjects;
  config.SubjectsLen = 1;
  config.Storage = js_FileStorage;
  check(js_AddStream(NULL, js, &config, NULL, NULL), "stream");
  return 0;
}

// nats stream URL | publish URL STREAM SIZE SECONDS RATE | subscribe URL STREAM PUBLISHERS
int main(int count, char **words) {
  if (count == 3 && !strcmp(words[1], "stream")) return make_stream(words[2]);
  if (count == 7 && !strcmp(words[1], "publish"))
    return publish(words[2], atoi(words[3]), (size_t)number_of(words[4]), number_of(words[5]), number_of(words[6]));
  if (count == 5 && !strcmp(words[1], "subscribe")) return subscribe(words[2], atoi(words[3]), atoi(words[4]));
  fail("nats", "wrong words");
}
