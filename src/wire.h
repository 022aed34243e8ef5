/* The peer protocol's datagrams and messages as bytes. docs/protocol.md is the norm. No state. */
#pragma once

#include "src/bytes.h"
#include "src/types.h"

#define SHOAL_PROTOCOL_VERSION 1u
#define SHOAL_COOKIE_BYTES 8u

/* First byte of a datagram. BEP 15 replies start with 0, so the two never meet. */
typedef enum {
  SHOAL_DATAGRAM_HELLO = 0x51,
  SHOAL_DATAGRAM_COOKIE = 0x52,
  SHOAL_DATAGRAM_WELCOME = 0x53,
  SHOAL_DATAGRAM_REFUSE = 0x54,
  SHOAL_DATAGRAM_RESET = 0x55,
  SHOAL_DATAGRAM_SESSION = 0x60,       /* acknowledgement, at most unreliable messages */
  SHOAL_DATAGRAM_SESSION_CHUNK = 0x61, /* with a numbered chunk of reliable messages */
  SHOAL_DATAGRAM_SESSION_SACK = 0x62,  /* with an acknowledgement of chunks that came early */
  SHOAL_DATAGRAM_SESSION_TIME = 0x64,  /* with the time of sending; all three may go together */
} ShoalDatagramType;

/* Flags of HELLO and WELCOME. */
#define SHOAL_HELLO_NEEDS_INFO 0x01u /* send me the dictionary */
#define SHOAL_HELLO_INTERESTED 0x02u /* I am downloading */

typedef struct {
  uint8_t version, flags;
  uint32_t cid; /* the sender's: to be put on all datagrams to it */
  ShoalFid fid;
  bool has_cookie;
  uint8_t cookie[SHOAL_COOKIE_BYTES];
} ShoalHello;

typedef struct {
  uint8_t version, flags;
  uint32_t to_cid; /* of the HELLO that it answers */
  uint32_t cid;    /* the sender's */
} ShoalWelcome;

typedef enum {
  SHOAL_REFUSE_NOT_HERE = 1, /* not in this swarm */
  SHOAL_REFUSE_FULL = 2,     /* has enough neighbours */
  SHOAL_REFUSE_VERSION = 3,  /* speaks no such version */
} ShoalRefusal;

typedef struct {
  uint32_t cid;
  uint16_t ack; /* number of the next chunk expected */
  bool has_chunk;
  uint16_t chunk; /* number of this chunk */
  uint16_t sack;  /* bit i: chunk ack + 1 + i came; 0: none of them, and the field is left out */
  bool has_time;
  uint32_t time_us; /* when it was on the network, by the sender's clock; wraps */
} ShoalSession;

/* The same for all of them, to tell them from other datagrams. */
#define SHOAL_DATAGRAM_SESSION_MASK 0xf8u
#define SHOAL_SESSION_BYTES 7u
#define SHOAL_SESSION_MAX_BYTES 15u

/* Message types below 0x80 carry a length and are skipped where unknown; those from 0x80 on reach
 * to the end of the datagram and are never part of a chunk. */
typedef enum {
  SHOAL_MESSAGE_GOODBYE = 0x01,
  SHOAL_MESSAGE_PING = 0x02,
  SHOAL_MESSAGE_INFO = 0x03,
  SHOAL_MESSAGE_BITFIELD = 0x04,
  SHOAL_MESSAGE_HAVE_ALL = 0x05,
  SHOAL_MESSAGE_HAVE = 0x06,
  SHOAL_MESSAGE_INTEREST = 0x07,
  SHOAL_MESSAGE_CHOKE = 0x08,
  SHOAL_MESSAGE_UNCHOKE = 0x09,
  SHOAL_MESSAGE_CREDIT = 0x0a,
  SHOAL_MESSAGE_REQUEST = 0x0b,
  SHOAL_MESSAGE_CANCEL = 0x0c,
  SHOAL_MESSAGE_SENT = 0x0d,
  SHOAL_MESSAGE_REJECT = 0x0e,
  SHOAL_MESSAGE_PEERS = 0x0f,
  SHOAL_MESSAGE_LOST = 0x10,     /* varint block: no longer held */
  SHOAL_MESSAGE_PROGRESS = 0x11, /* varint: blocks held */
  SHOAL_MESSAGE_SOON = 0x12,     /* as HAVE: blocks that will be held, and may be asked for already */
  SHOAL_MESSAGE_DATA = 0x80,
  SHOAL_MESSAGE_DATA_PROOF = 0x81,
} ShoalMessageType;

/* One message of the length-carrying kind: a view into the datagram. */
typedef struct {
  uint8_t type;
  ShoalReader body;
} ShoalMessage;

/* Request for parts of a block: `units` bit i asks for bytes i·1024 .. i·1024+1023 of it; `levels`
 * is the number of sibling hashes that the asker lacks. */
typedef struct {
  uint32_t block;
  uint16_t units;
  uint8_t levels;
} ShoalRequest;

typedef struct {
  uint32_t block;
  uint8_t first_unit;
  uint8_t levels;
  const uint8_t *proof; /* borrowed: levels × 32 bytes */
} ShoalData;

/* Room that a message of this body length takes. */
size_t shoal_message_bytes (size_t body_bytes);
/* Starts a message: type and length; the caller writes exactly body_bytes then. */
void shoal_write_message (ShoalWriter *w, uint8_t type, size_t body_bytes);
/* Next message of the length-carrying kind; false at the end, at a message from 0x80 on, or when the
 * bytes are malformed (then r->failed). */
bool shoal_read_message (ShoalReader *r, ShoalMessage *out);

void shoal_write_hello (ShoalWriter *w, const ShoalHello *hello);
bool shoal_read_hello (ShoalReader *r, ShoalHello *out);
void shoal_write_cookie (ShoalWriter *w, uint32_t to_cid, const uint8_t cookie[SHOAL_COOKIE_BYTES]);
bool shoal_read_cookie (ShoalReader *r, uint32_t *to_cid, uint8_t cookie[SHOAL_COOKIE_BYTES]);
void shoal_write_welcome (ShoalWriter *w, const ShoalWelcome *welcome);
bool shoal_read_welcome (ShoalReader *r, ShoalWelcome *out);
void shoal_write_refuse (ShoalWriter *w, uint32_t to_cid, uint8_t reason);
bool shoal_read_refuse (ShoalReader *r, uint32_t *to_cid, uint8_t *reason);
void shoal_write_reset (ShoalWriter *w, uint32_t to_cid);
bool shoal_read_reset (ShoalReader *r, uint32_t *to_cid);
void shoal_write_session (ShoalWriter *w, const ShoalSession *session);
bool shoal_read_session (ShoalReader *r, ShoalSession *out);

/* Body of a REQUEST: its size, and the body itself. */
size_t shoal_request_bytes (const ShoalRequest *request);
void shoal_write_request (ShoalWriter *w, const ShoalRequest *request);
bool shoal_read_request (ShoalReader *r, ShoalRequest *out);
void shoal_write_data (ShoalWriter *w, const ShoalData *data);
/* Reads a DATA or DATA_PROOF message up to its payload, which is what is left in the reader and the
 * datagram's tail. */
bool shoal_read_data (ShoalReader *r, ShoalData *out);
/* A peer's address: family, IP, port. */
void shoal_write_addr (ShoalWriter *w, const ShoalAddr *addr);
bool shoal_read_addr (ShoalReader *r, ShoalAddr *out);
