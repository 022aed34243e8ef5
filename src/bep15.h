/* Messages of the UDP tracker protocol (BEP 15), read and written. Pure codec: no state. */
#pragma once

#include "src/bytes.h"
#include "src/types.h"

#define SHOAL_BEP15_PROTOCOL_ID UINT64_C (0x41727101980)
#define SHOAL_BEP15_HASH_BYTES 20u
#define SHOAL_BEP15_CONNECT_BYTES 16u
#define SHOAL_BEP15_ANNOUNCE_BYTES 98u
#define SHOAL_BEP15_SCRAPE_MAX_HASHES 74u

typedef enum {
  SHOAL_BEP15_CONNECT = 0,
  SHOAL_BEP15_ANNOUNCE = 1,
  SHOAL_BEP15_SCRAPE = 2,
  SHOAL_BEP15_ERROR = 3,
} ShoalBep15Action;

typedef enum {
  SHOAL_BEP15_NONE = 0,
  SHOAL_BEP15_COMPLETED = 1,
  SHOAL_BEP15_STARTED = 2,
  SHOAL_BEP15_STOPPED = 3,
} ShoalBep15Event;

typedef struct {
  uint8_t info_hash[SHOAL_BEP15_HASH_BYTES]; /* first 20 bytes of the fid */
  uint8_t peer_id[20];
  uint64_t downloaded_bytes, left_bytes, uploaded_bytes;
  uint32_t event; /* ShoalBep15Event; others are read as NONE */
  uint32_t key;
  int32_t num_want; /* -1: the tracker's choice */
  uint16_t port;
} ShoalBep15Announce;

typedef struct {
  uint32_t seeders, completed, leechers;
} ShoalBep15ScrapeEntry;

typedef struct {
  ShoalBep15Action action;
  uint32_t transaction_id;
  uint64_t connection_id; /* 0 in connect requests */
  ShoalBep15Announce announce;
  unsigned hashes;              /* scrape: how many, at scrape_hashes */
  const uint8_t *scrape_hashes; /* borrowed from the datagram: hashes × 20 bytes */
} ShoalBep15Request;

typedef struct {
  ShoalBep15Action action;
  uint32_t transaction_id;
  uint64_t connection_id;                 /* connect */
  uint32_t interval_s, leechers, seeders; /* announce */
  const uint8_t *peers;                   /* announce: borrowed, count × (6 or 18) bytes */
  unsigned peer_count;
  const uint8_t *scrape; /* scrape: borrowed, count × 12 bytes */
  unsigned scrape_count;
  const char *error; /* error: borrowed, error_length bytes, not NUL-terminated */
  size_t error_length;
} ShoalBep15Reply;

/* Requests, as a tracker reads them. BEP 41 options after an announce are skipped.
 * SHOAL_MALFORMED: not one. */
ShoalResult shoal_bep15_read_request (const uint8_t *bytes, size_t length, ShoalBep15Request *out);
void shoal_bep15_write_connect (ShoalWriter *w, uint32_t transaction_id);
void shoal_bep15_write_announce (ShoalWriter *w, uint64_t connection_id, uint32_t transaction_id,
                                 const ShoalBep15Announce *announce);
void shoal_bep15_write_scrape (ShoalWriter *w, uint64_t connection_id, uint32_t transaction_id,
                               const uint8_t *hashes, unsigned count);

/* Replies, as a client reads them. family: of the tracker's address (4 or 6), it decides the size
 * of a peer entry. */
ShoalResult shoal_bep15_read_reply (const uint8_t *bytes, size_t length, uint8_t family,
                                    ShoalBep15Reply *out);
void shoal_bep15_write_connect_reply (ShoalWriter *w, uint32_t transaction_id, uint64_t connection_id);
/* The caller appends peers with shoal_bep15_write_peer(). */
void shoal_bep15_write_announce_reply (ShoalWriter *w, uint32_t transaction_id, uint32_t interval_s,
                                       uint32_t leechers, uint32_t seeders);
void shoal_bep15_write_peer (ShoalWriter *w, const ShoalAddr *peer);
/* Entry i of a reply's peers. */
ShoalAddr shoal_bep15_peer (const ShoalBep15Reply *reply, uint8_t family, unsigned i);
void shoal_bep15_write_scrape_reply (ShoalWriter *w, uint32_t transaction_id,
                                     const ShoalBep15ScrapeEntry *entries, unsigned count);
void shoal_bep15_write_error (ShoalWriter *w, uint32_t transaction_id, const char *message);
