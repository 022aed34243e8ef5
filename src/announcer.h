/* A node's side of the tracker protocol (BEP 15): connection id, announces for each of its swarms,
 * repeats until they are answered (patience.h), and re-announces at the interval the tracker asks for, with jitter.
 * One per (node, tracker). Not a machine of its own: the peer drives it. */
#pragma once

#include "src/machine.h"
#include "src/random.h"

typedef struct ShoalAnnouncer ShoalAnnouncer;

typedef struct {
  ShoalAddr tracker;
  uint16_t port; /* own UDP port, told to the tracker */
  uint8_t peer_id[20];
  uint32_t num_want;
  ShoalRandom *random; /* borrowed: the node's generator */
} ShoalAnnouncerOptions;

typedef struct {
  ShoalFid fid;
  const ShoalAddr *peers; /* borrowed until the next call */
  unsigned peer_count;
  uint32_t seeders, leechers;
  const char *error; /* NULL: fine; else the tracker's words, borrowed until the next call */
} ShoalAnnounceResult;

ShoalAnnouncer *shoal_announcer_new (const ShoalAnnouncerOptions *options);
void shoal_announcer_free (ShoalAnnouncer *announcer);

/* Gets a connection id ahead of need, so that the first announce is one round trip. */
void shoal_announcer_connect (ShoalAnnouncer *a, ShoalTime now);
/* Joins a swarm ("started") with left_bytes to get; again for the same fid: updates left_bytes. */
void shoal_announcer_add (ShoalAnnouncer *a, ShoalTime now, const ShoalFid *fid, uint64_t left_bytes);
/* The swarm's file is complete ("completed"). */
void shoal_announcer_complete (ShoalAnnouncer *a, ShoalTime now, const ShoalFid *fid);
/* Leaves a swarm ("stopped"): sent, retransmitted a few times, then forgotten. */
void shoal_announcer_remove (ShoalAnnouncer *a, ShoalTime now, const ShoalFid *fid);
/* Wants more peers: announces again not before `at`. */
void shoal_announcer_again (ShoalAnnouncer *a, const ShoalFid *fid, ShoalTime at);

/* A datagram from the tracker's address. False: not one of ours (counted by the caller). */
bool shoal_announcer_receive (ShoalAnnouncer *a, ShoalTime now, const uint8_t *bytes, size_t length);
bool shoal_announcer_next_datagram (ShoalAnnouncer *a, ShoalTime now, ShoalDatagram *out);
ShoalTime shoal_announcer_deadline (const ShoalAnnouncer *a);
void shoal_announcer_wake (ShoalAnnouncer *a, ShoalTime now);
/* Takes one result of an announce; false: none left. */
bool shoal_announcer_next_result (ShoalAnnouncer *a, ShoalAnnounceResult *out);
/* No announce is waiting to be sent or answered (a closing node may go silent). */
bool shoal_announcer_idle (const ShoalAnnouncer *a);
