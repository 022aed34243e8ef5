/* A node of the virtual world: a machine behind its proxy, and the datagrams at that proxy. */
#pragma once

#include "sim/event-queue.h"
#include "sim/hostile.h"
#include "sim/trace.h"
#include "src/backend.h"
#include "src/disk.h"
#include "src/link.h"
#include "src/samples.h"

typedef struct ShoalFaults ShoalFaults;
typedef struct ShoalPacket ShoalPacket;
typedef struct ShoalWorld ShoalWorld;
typedef struct ShoalWatch ShoalWatch;

/* A datagram on its way: head, then (real content only) payload. */
struct ShoalPacket {
  ShoalPacket *next;
  ShoalAddr to;
  uint32_t from; /* node number */
  uint32_t payload_bytes;
  uint16_t head_bytes;
  bool has_payload; /* the payload's bytes follow the head */
  bool corrupt;
  uint64_t payload_at; /* offset in its file */
  ShoalTime arrived_at;
  uint8_t bytes[];
};

typedef struct {
  ShoalWorld *world; /* borrowed */
  unsigned number;
  char *name; /* owned */
  ShoalRole role;
  ShoalAddr addr;
  ShoalMachine *machine; /* owned */
  bool started, silent;
  bool crashed; /* its machine is not asked for anything any more */
  ShoalLink uplink, downlink;
  ShoalPacket *sending;        /* in service on the uplink; NULL: idle */
  ShoalPacket *waiting, *last; /* download queue, the first is in service */
  ShoalTime service_at;        /* when that one's service began */
  size_t waiting_bytes;
  ShoalTime wake_at; /* earliest wake event in the queue */
  uint64_t sent_bytes, received_bytes, sent_datagrams, received_datagrams;
  ShoalSamples samples;
  bool pending; /* in world.pending */

  /* Faults. */
  ShoalImpairments *line;    /* owned; NULL: its line does no harm */
  unsigned side;             /* of a partition; 0: none */
  ShoalHostile *hostile;     /* owned; NULL: it keeps to the rules */
  ShoalDisk *disk;           /* owned; what survives its machine */
  ShoalNodeSpec spec;        /* as it was added, to make another machine; name: that above */
  unsigned lives;            /* how many machines it had */
  ShoalMachineCounters past; /* of those that are gone */
} ShoalSimNode;

struct ShoalWorld {
  ShoalBackend backend;
  bool real_content;
  uint64_t seed;
  ShoalTime now;
  ShoalEventQueue queue;
  GPtrArray *nodes; /* of ShoalSimNode, owned */
  GQueue pending;   /* of ShoalSimNode: commanded from inside an event handler */
  bool in_step;
  bool stopped;
  uint64_t steps;
  ShoalTrace *trace;
  ShoalDatagram datagram; /* scratch */
  ShoalPacket *spare;     /* small packets for reuse: the one freed last is still in the cache */
  ShoalFaults *faults;    /* owned; NULL: the network is perfect */
  ShoalWatch *watch;      /* borrowed; NULL: nobody looks on */
};

/* network.c: moves datagrams. */
/* Asks the machine for datagrams while the uplink is free. */
void shoal_network_pump (ShoalSimNode *node);
void shoal_network_uplink_done (ShoalSimNode *node);
void shoal_network_downlink_done (ShoalSimNode *node);
void shoal_network_forget (ShoalSimNode *node);
/* The packet, taken over, has come to a node's proxy. to NULL: the address is nobody's. */
void shoal_network_arrive (ShoalWorld *world, ShoalSimNode *to, ShoalPacket *packet);
/* Frees a packet that never arrives. */
void shoal_network_lose (ShoalWorld *world, const ShoalSimNode *to, ShoalPacket *packet);
ShoalPacket *shoal_network_copy (ShoalWorld *world, const ShoalPacket *packet);
/* Frees the packets kept for reuse. */
void shoal_network_clear_spare (ShoalWorld *world);
/* Node with this address; NULL: none. */
ShoalSimNode *shoal_network_find (ShoalWorld *world, const ShoalAddr *addr);
ShoalAddr shoal_network_address (unsigned number);

/* world.c */
/* The machine was given something: takes its events, lets it send, sets its alarm. */
void shoal_world_after_step (ShoalSimNode *node);
