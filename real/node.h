/* A node of the real world: a step machine behind its proxy. The proxy is a UDP socket with the rates and
 * the arithmetic of src/link.h, or a transport of the caller's. All calls in the loop's thread. */
#pragma once

#include "real/loop.h"
#include "src/backend.h"

typedef struct ShoalRealNode ShoalRealNode;
typedef struct ShoalUdp ShoalUdp;

/* Something that carries datagrams, other than a UDP socket of ours: a caller's own proxy. */
typedef struct {
  /* Sends; it may block for as long as the datagram occupies an uplink. Called in a thread of its own.
   * False: not sent (counted, not fatal). */
  bool (*send) (void *context, const ShoalAddr *to, const uint8_t *bytes, size_t length);
  /* Waits for a datagram for at most timeout_ns: its length, and *from; 0: none came; -1: the proxy is
   * closed. Called in another thread of its own. */
  ssize_t (*receive) (void *context, uint8_t *bytes, size_t room, ShoalAddr *from, ShoalTime timeout_ns);
  void *context;
  size_t max_datagram_bytes; /* largest it takes; 0: 65,507 */
} ShoalTransport;

/* Called in the loop's thread after a step. It may command this node or others, and free others; this one
 * only later, by shoal_loop_post(). SHOAL_EVENT_CLOSED comes when the farewells have left the uplink. */
typedef void (*ShoalRealEventHandler) (void *context, ShoalTime now, ShoalRealNode *node,
                                       const ShoalEvent *event);

typedef struct {
  ShoalUdp *udp;                                     /* taken over; NULL: transport */
  const ShoalTransport *transport;                   /* copied */
  uint64_t upload_bytes_per_s, download_bytes_per_s; /* 0: unlimited; a transport has its own */
  ShoalRealEventHandler on_event;
  void *context;
  bool keeps_samples; /* bytes sent and received over time, for scenarios */
} ShoalRealNodeOptions;

/* The machine is given by shoal_real_node_start(): it wants to know its own address, which the socket has
 * by now. Owned by the caller. NULL and error. */
ShoalRealNode *shoal_real_node_new (ShoalLoop *loop, const ShoalRealNodeOptions *options, GError **error);
/* machine: taken over. Until now what came was dropped. */
void shoal_real_node_start (ShoalRealNode *node, ShoalMachine *machine);
/* Off the network at once, without a farewell: what its proxy has in hand is lost, what comes is dropped, and
 * nothing more is reported. Returns the machine, the caller's now; the node may be started again, with another
 * one. Not inside an event handler; for nodes with a socket that have been started. */
ShoalMachine *shoal_real_node_stop (ShoalRealNode *node);
/* The machine, to command it: shoal_real_node_settle() must follow. NULL: not started. */
ShoalMachine *shoal_real_node_machine (ShoalRealNode *node);
/* After a command: takes events, sends what there is to send, sets the alarm. Inside an event handler all this
 * is done when the handler has returned. */
void shoal_real_node_settle (ShoalRealNode *node);
/* From the next datagram that starts its service; the machine is told. Of a transport only the machine is. */
void shoal_real_node_set_rates (ShoalRealNode *node, uint64_t upload_bytes_per_s,
                                uint64_t download_bytes_per_s);
/* Where the socket is bound; the address of a wildcard is 0.0.0.0 or ::. family 0: a transport. */
ShoalAddr shoal_real_node_address (const ShoalRealNode *node);

typedef struct {
  uint64_t sent_bytes, received_bytes, sent_datagrams, received_datagrams;
  uint64_t dropped_datagrams; /* the download queue was full, or the kernel's buffer (as far as it told) */
  uint64_t send_errors;       /* of those sent: network unreachable, too large, … ; they are lost */
  ShoalMachineCounters machine;
} ShoalRealNodeStats;

void shoal_real_node_stats (const ShoalRealNode *node, ShoalRealNodeStats *out);
/* The newest error of sending, for people; NULL: none so far. */
const char *shoal_real_node_trouble (const ShoalRealNode *node);
/* Spans are counted from when the loop was made, and told relative to origin. */
void shoal_real_node_for_each_sample (const ShoalRealNode *node, ShoalTime origin, unsigned number,
                                      ShoalSampleHandler handler, void *context);
/* Not in an event handler of this node. A transport's calls are waited for. */
void shoal_real_node_free (ShoalRealNode *node);
