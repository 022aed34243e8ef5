/* Reliable, ordered messages between two neighbours: messages are gathered into numbered chunks, one
 * a datagram; each datagram back acknowledges cumulatively; what is not acknowledged in time is sent
 * again (timer as in RFC 6298). Payload is not carried here: its receiver asks again for what is
 * missing. */
#pragma once

#include "src/bytes.h"
#include "src/types.h"

#define SHOAL_CHANNEL_WINDOW 16u        /* chunks in flight */
#define SHOAL_CHANNEL_CHUNK_BYTES 1032u /* a chunk's messages; each must fit, the largest INFO too */

typedef struct {
  uint16_t bytes;
  bool resent;
  ShoalTime sent_ns;
} ShoalChunk;

typedef struct {
  uint8_t *buffer; /* owned: bytes of unacknowledged chunks, then messages not yet sent */
  size_t length, room;
  uint32_t in_flight;           /* bytes of unacknowledged chunks */
  uint16_t first_number;        /* number of the oldest unacknowledged chunk */
  uint16_t count;               /* unacknowledged chunks */
  uint16_t resend;              /* of these, how many from the oldest on are to be sent again */
  uint16_t resend_done;         /* of these, how many have been */
  uint16_t expected;            /* number of the next chunk from the other side */
  bool ack_due;                 /* something came that is not acknowledged yet */
  uint8_t timeouts;             /* in a row */
  ShoalTime ack_since_ns;       /* since when it is due */
  ShoalTime srtt_ns, rttvar_ns; /* 0: not measured */
  ShoalChunk chunks
      [SHOAL_CHANNEL_WINDOW]; /* ring of unacknowledged ones, slot = number % window; last, being large */
} ShoalChannel;

void shoal_channel_init (ShoalChannel *c);
void shoal_channel_clear (ShoalChannel *c);

/* A writer for a message of body_bytes, already started with type and length; the body must be
 * written at once and wholly. */
ShoalWriter shoal_channel_message (ShoalChannel *c, uint8_t type, size_t body_bytes);
/* Bytes of messages that wait for their first sending. */
static inline size_t
shoal_channel_waiting (const ShoalChannel *c)
{
  return c->length - c->in_flight;
}
/* Whether a chunk (new or again) can be sent now. */
bool shoal_channel_can_send (const ShoalChannel *c);
/* Takes the next chunk: its number, and its bytes (borrowed until the next call), at most room.
 * NULL: nothing that fits. */
const uint8_t *shoal_channel_take (ShoalChannel *c, ShoalTime now, size_t room, uint16_t *number,
                                   size_t *length);
/* The other side acknowledged all chunks before `ack`. False: an impossible number. */
bool shoal_channel_acked (ShoalChannel *c, ShoalTime now, uint16_t ack);
/* A chunk came. True: it is the next one and its messages are to be handled. */
bool shoal_channel_received (ShoalChannel *c, ShoalTime now, uint16_t number);
/* Retransmission timeout in force. */
ShoalTime shoal_channel_rto (const ShoalChannel *c);
/* To be called from time to time: arms retransmission when the oldest chunk is overdue; true when
 * it did. */
bool shoal_channel_check (ShoalChannel *c, ShoalTime now);
