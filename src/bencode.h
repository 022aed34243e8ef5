/* Strict reading of bencoding (BEP 3): one form for each value, so that what is accepted could only
 * have been written one way. Built on the reader of bytes.h: what is wrong makes it fail, and it
 * stays failed, so one check at the end is enough. */
#pragma once

#include "src/bytes.h"

/* Deeper nesting is refused: a datagram's worth of "l" must not fill the stack. */
#define SHOAL_BENCODE_MAX_DEPTH 16u

/* A byte string or key, borrowed from the text read. */
typedef struct {
  const uint8_t *bytes;
  size_t length;
} ShoalBencodeString;

/* Walk through the keys of one dictionary. Zero it with shoal_bencode_dict_begin(). */
typedef struct {
  ShoalBencodeString key; /* the present one */
  bool any;               /* there was one */
} ShoalBencodeDict;

/* <length>:<bytes>, no leading zeros in the length. */
ShoalBencodeString shoal_bencode_read_string (ShoalReader *r);
/* i<digits>e, not negative, no leading zeros, below 2^64. Anything else fails. */
uint64_t shoal_bencode_read_unsigned (ShoalReader *r);
/* Passes over one value of any type, which must be well-formed too. */
void shoal_bencode_skip (ShoalReader *r);

void shoal_bencode_dict_begin (ShoalReader *r, ShoalBencodeDict *dict);
/* Reads the next key; the caller reads or skips its value next. False: the end was read, or the
 * reader failed (a key not greater than the one before it fails). */
bool shoal_bencode_dict_next (ShoalReader *r, ShoalBencodeDict *dict);

bool shoal_bencode_is (const ShoalBencodeString *s, const char *text);
