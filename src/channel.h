/* Reliable, ordered messages between two neighbours: messages are gathered into numbered chunks, one
 * a datagram; each datagram back acknowledges all before a number and, where something is missing, which
 * came after it. What was overtaken, or is not acknowledged in time (RFC 6298), is sent again. Payload is not carried here: its receiver asks again for what is
 * missing. */
#pragma once

#include "src/bytes.h"
#include "src/types.h"

#define SHOAL_CHANNEL_WINDOW 16u        /* chunks in flight */
#define SHOAL_CHANNEL_CHUNK_BYTES 1032u /* a chunk's messages; each must fit, the largest INFO too */

typedef struct {
  uint16_t bytes;
  bool resent;
  bool arrived; /* the other side holds it, though not all before it */
  bool lost;    /* to be sent again */
  ShoalTime sent_ns;
} ShoalChunk;

/* A chunk that came before its turn. */
typedef struct {
  uint16_t length;
  uint8_t *bytes; /* owned; NULL: not here */
} ShoalHeldChunk;

typedef struct {
  uint8_t *buffer; /* owned: bytes of unacknowledged chunks, then messages not yet sent */
  size_t length, room;
  uint32_t in_flight;     /* bytes of unacknowledged chunks */
  uint16_t first_number;  /* number of the oldest unacknowledged chunk */
  uint16_t count;         /* unacknowledged chunks */
  uint16_t lost;          /* of these, how many are to be sent again */
  uint16_t early;         /* of these, how many arrived before others of them */
  uint16_t expected;      /* number of the next chunk from the other side */
  bool ack_due;           /* something came that is not acknowledged yet */
  bool ack_now;           /* and the other side should know at once */
  uint8_t timeouts;       /* in a row */
  uint8_t backoff;        /* the same until a round trip was measured again: Karn's rule, RFC 6298, 5.7 */
  ShoalTime ack_since_ns; /* since when it is due */
  ShoalTime srtt_ns, rttvar_ns; /* 0: not measured */
  ShoalTime acked_sent_ns;      /* when the newest chunk that arrived was sent */
  ShoalHeldChunk *held;         /* owned, by number % window; NULL: nothing ever came too early */
  uint16_t held_count;
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
/* The other side acknowledged all chunks before `ack`, and of those after it the ones in `sack`: bit i is
 * chunk ack + 1 + i. False: an impossible number. */
bool shoal_channel_acked (ShoalChannel *c, ShoalTime now, uint16_t ack, uint16_t sack);
/* A chunk came. True: it is the next one and its messages are to be handled; then those that
 * shoal_channel_next_held() gives. One that is early is copied and held. */
bool shoal_channel_received (ShoalChannel *c, ShoalTime now, uint16_t number, const uint8_t *bytes,
                             size_t length);
/* Takes the held chunk whose turn it is; its bytes are the caller's (g_free). NULL: none. */
uint8_t *shoal_channel_next_held (ShoalChannel *c, size_t *length);
/* What to say of chunks that came early: bit i is chunk expected + 1 + i. */
uint16_t shoal_channel_sack (const ShoalChannel *c);
/* The other side has heard nothing so far: all goes again, now. False: there is nothing to send. */
bool shoal_channel_start_again (ShoalChannel *c);
/* Longest time that an answer usually takes: RFC 6298's timeout without the back-off. */
ShoalTime shoal_channel_usual_ns (const ShoalChannel *c);
/* Retransmission timeout in force. */
ShoalTime shoal_channel_rto (const ShoalChannel *c);
/* To be called from time to time: finds chunks that must have been lost, by the acknowledgement of younger
 * ones (RFC 9002, section 6.1) or by time-out. True: something is to be sent again. */
bool shoal_channel_check (ShoalChannel *c, ShoalTime now);
