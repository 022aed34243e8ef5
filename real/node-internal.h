/* Inside of a node: its life (node.c), its uplink (node-uplink.c) and its downlink (node-downlink.c). */
#pragma once

#include "real/datagram-queue.h"
#include "real/loop-source.h"
#include "real/node.h"
#include "real/transport.h"
#include "real/udp.h"
#include "src/link.h"
#include "src/samples.h"

/* Sent in one go at most. */
#define SHOAL_BATCH_DATAGRAMS 64u
#define SHOAL_BATCH_BYTES ((size_t)256 << 10)
#define SHOAL_DATAGRAM_MAX_BYTES ((size_t)65507)

/* Datagrams that wait for the socket, oldest first; the last one may be in service. Their bytes are in
 * the arena. */
typedef struct {
  ShoalLink link;
  bool serving;       /* the last datagram is in service until link.free_at */
  bool busy;          /* something followed when the last one ended, so that the next starts there */
  bool more;          /* the batch was full before the machine ran out */
  ShoalTime retry_at; /* the socket was full: when to try again; SHOAL_NEVER: it was not, or epoll tells */
  bool blocked;
  unsigned count;
  ShoalUdpSend datagrams[SHOAL_BATCH_DATAGRAMS];
  uint8_t *arena; /* owned; SHOAL_BATCH_BYTES and one datagram more */
  size_t used;
  ShoalDatagram next; /* scratch */
} ShoalUplink;

typedef struct {
  ShoalLink link;
  ShoalDatagramQueue waiting; /* the first is in service until link.free_at */
  ShoalTime service_at;       /* when that one's service began */
} ShoalDownlink;

struct ShoalRealNode {
  ShoalLoopSource source; /* first */
  ShoalLoop *loop;        /* borrowed */
  ShoalUdp *udp;          /* owned; NULL: transport */
  ShoalTransportThreads *transport;
  ShoalMachine *machine; /* owned; NULL: not started */
  ShoalRealEventHandler on_event;
  void *context;
  uint32_t watched; /* events of epoll */
  bool in_step;
  bool unsettled; /* commanded from inside an event handler: it wants a turn */
  bool silent;    /* the machine is closed: it is not asked and not told anything */
  bool closing;   /* … and its last datagram is still on the uplink */
  ShoalEvent closed_event;
  ShoalTime now; /* of the present step */
  ShoalUplink up;
  ShoalDownlink down;
  ShoalRealNodeStats stats;
  const char *trouble;
  bool keeps_samples;
  ShoalSamples samples;
};

/* Takes the time anew. */
ShoalTime shoal_node_look_at_clock (ShoalRealNode *node);

/* node-uplink.c */
void shoal_uplink_init (ShoalUplink *up, uint64_t rate_bytes_per_s);
void shoal_uplink_clear (ShoalUplink *up);
/* Sends what is through with the uplink and asks the machine for more while it is free. */
void shoal_uplink_pump (ShoalRealNode *node);
/* The socket takes more again. */
void shoal_uplink_unblock (ShoalRealNode *node);
/* When the next datagram of a busy uplink may begin its service, if the last one has ended: how much lateness is
 * made up for. Without a rate there is nothing to make up for. (A proxy by itself does the same.) */
ShoalTime shoal_uplink_earliest (const ShoalLink *link, ShoalTime now);
/* When it wants to be pumped. */
ShoalTime shoal_uplink_deadline (const ShoalRealNode *node);
/* Nothing is on its way out. */
bool shoal_uplink_empty (const ShoalRealNode *node);

/* node-downlink.c */
void shoal_downlink_init (ShoalDownlink *down, uint64_t rate_bytes_per_s);
void shoal_downlink_clear (ShoalDownlink *down);
/* Takes what has come to the socket or the transport. */
void shoal_downlink_receive (ShoalRealNode *node);
/* Gives the machine what is through with the downlink. */
void shoal_downlink_deliver (ShoalRealNode *node);
ShoalTime shoal_downlink_deadline (const ShoalRealNode *node);
