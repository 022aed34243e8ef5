/* Somebody who looks on while a virtual world goes: told of each datagram, command, event and step, in order. A world
 * without one pays a comparison for each. It may stop the world (backend->ops->stop()), and changes nothing else. */
#pragma once

#include "sim/node.h"

typedef enum {
  SHOAL_COMMAND_START,
  SHOAL_COMMAND_REGISTER, /* file */
  SHOAL_COMMAND_DOWNLOAD, /* file, time_limit_ns */
  SHOAL_COMMAND_CANCEL,   /* file */
  SHOAL_COMMAND_CLOSE,
  SHOAL_COMMAND_CRASH,
  SHOAL_COMMAND_RESTART,
  SHOAL_COMMAND_RATES,
} ShoalCommandKind;

/* What a node is about to be told to do. */
typedef struct {
  ShoalCommandKind kind;
  const ShoalSharedFile *file;                       /* borrowed; NULL: of no file */
  ShoalTime time_limit_ns;                           /* 0: none */
  uint64_t upload_bytes_per_s, download_bytes_per_s; /* SHOAL_COMMAND_RATES */
} ShoalCommandNote;

struct ShoalWatch {
  void (*command) (ShoalWatch *watch, ShoalSimNode *node, const ShoalCommandNote *note);
  /* The machine made a datagram, which takes the uplink now. */
  void (*takes_uplink) (ShoalWatch *watch, ShoalSimNode *node, const ShoalDatagram *datagram);
  /* It is on the network: through with the uplink. */
  void (*sent) (ShoalWatch *watch, ShoalSimNode *node, size_t bytes);
  /* It is through with the downlink, and about to be given to the machine. */
  void (*delivered) (ShoalWatch *watch, ShoalSimNode *node, size_t bytes);
  void (*event) (ShoalWatch *watch, ShoalSimNode *node, const ShoalEvent *event);
  /* The machine was given something, sent what it could, and its events are taken. */
  void (*settled) (ShoalWatch *watch, ShoalSimNode *node);
  /* The world has done all of an event, or time has passed without one. */
  void (*stepped) (ShoalWatch *watch, ShoalWorld *world);
};

/* Tells a watch, where there is one. */
static inline void
shoal_watch_command (ShoalSimNode *node, const ShoalCommandNote *note)
{
  ShoalWatch *watch = node->world->watch;
  if (watch)
    watch->command (watch, node, note);
}
