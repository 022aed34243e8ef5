/* Options that all commands have which keep a node running. */
#pragma once

#include "cli/cli.h"

#include <stdint.h>

#define SHOAL_TRACKER_PORT 6969
#define SHOAL_TRACKER_DEFAULT "127.0.0.1:6969"

/* As typed; NULL: not given. Owned. */
typedef struct {
  char *tracker, *strategy, *port, *bind, *upload, *download;
  gboolean json, is_quiet;
} ShoalNodeWords;

#define SHOAL_NODE_ENTRIES(words)                                                                             \
  { "port", 'p', 0, G_OPTION_ARG_STRING, &(words).port, "UDP port to use", "PORT" },                          \
      { "bind", 'b', 0, G_OPTION_ARG_STRING, &(words).bind, "Use this address of the host only", "ADDRESS" }, \
      { "upload", 'u', 0, G_OPTION_ARG_STRING, &(words).upload, "Send no faster than this, as in '500 kB/s'", \
        "RATE" },                                                                                             \
      { "download", 'd', 0, G_OPTION_ARG_STRING, &(words).download, "Receive no faster than this", "RATE" },  \
      { "json", 0, 0, G_OPTION_ARG_NONE, &(words).json, "Print one JSON object per event", NULL },            \
  {                                                                                                           \
    "quiet", 'q', 0, G_OPTION_ARG_NONE, &(words).is_quiet, "No progress and no hints on stderr", NULL         \
  }
#define SHOAL_TRACKER_ENTRY(words)                                                                           \
  {                                                                                                          \
    "tracker", 't', 0, G_OPTION_ARG_STRING, &(words).tracker, "Where to ask (default: 127.0.0.1:6969)",      \
        "HOST:PORT"                                                                                          \
  }

#define SHOAL_STRATEGY_ENTRY(words)                                                                          \
  {                                                                                                          \
    "strategy", 0, 0, G_OPTION_ARG_STRING, &(words).strategy,                                                \
        "Whom to serve: none (everybody; default), tit-for-tat or turns", "NAME"                             \
  }

typedef struct {
  uint16_t port;                                     /* 0: a free one */
  uint64_t upload_bytes_per_s, download_bytes_per_s; /* 0: unlimited */
  const char *bind;                                  /* of the words; NULL: all addresses */
  const char *strategy;                              /* of the words; NULL: the usual one */
} ShoalNodeSetup;

/* Reads the words. Complains about the command's usage itself; false then. default_port: where none is typed. */
bool shoal_node_words_read (const ShoalNodeWords *words, const char *command, uint16_t default_port,
                            ShoalNodeSetup *setup);
/* The tracker to ask: the one typed, else the magnet's own (magnet may be NULL or a fid), else $SHOAL_TRACKER, else
 * this host's. Owned by the caller. */
char *shoal_node_words_tracker (const ShoalNodeWords *words, const char *magnet);
void shoal_node_words_clear (ShoalNodeWords *words);
