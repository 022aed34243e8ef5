#include "src/wire.h"

#define UNITS_ALL 0xffffu

size_t
shoal_message_bytes (size_t body_bytes)
{
  return 1 + shoal_varint_bytes ((uint32_t)body_bytes) + body_bytes;
}

void
shoal_write_message (ShoalWriter *w, uint8_t type, size_t body_bytes)
{
  shoal_write_u8 (w, type);
  shoal_write_varint (w, (uint32_t)body_bytes);
}

bool
shoal_read_message (ShoalReader *r, ShoalMessage *out)
{
  if (r->failed || r->left == 0 || r->at[0] >= SHOAL_MESSAGE_DATA)
    return false;
  out->type = shoal_read_u8 (r);
  uint32_t length = shoal_read_varint (r);
  const uint8_t *body = shoal_read_bytes (r, length);
  if (r->failed)
    return false;
  out->body = shoal_reader (body, length);
  return true;
}

void
shoal_write_hello (ShoalWriter *w, const ShoalHello *hello)
{
  shoal_write_u8 (w, SHOAL_DATAGRAM_HELLO);
  shoal_write_u8 (w, hello->version);
  shoal_write_u8 (w, hello->flags);
  shoal_write_u32 (w, hello->cid);
  shoal_write_bytes (w, hello->fid.bytes, sizeof hello->fid.bytes);
  if (hello->has_cookie)
    shoal_write_bytes (w, hello->cookie, sizeof hello->cookie);
}

bool
shoal_read_hello (ShoalReader *r, ShoalHello *out)
{
  shoal_read_u8 (r);
  out->version = shoal_read_u8 (r);
  out->flags = shoal_read_u8 (r);
  out->cid = shoal_read_u32 (r);
  const uint8_t *fid = shoal_read_bytes (r, sizeof out->fid.bytes);
  if (fid)
    memcpy (out->fid.bytes, fid, sizeof out->fid.bytes);
  out->has_cookie = !r->failed && r->left >= SHOAL_COOKIE_BYTES;
  if (out->has_cookie)
    memcpy (out->cookie, shoal_read_bytes (r, SHOAL_COOKIE_BYTES), SHOAL_COOKIE_BYTES);
  return !r->failed;
}

void
shoal_write_cookie (ShoalWriter *w, uint32_t to_cid, const uint8_t cookie[SHOAL_COOKIE_BYTES])
{
  shoal_write_u8 (w, SHOAL_DATAGRAM_COOKIE);
  shoal_write_u32 (w, to_cid);
  shoal_write_bytes (w, cookie, SHOAL_COOKIE_BYTES);
}

bool
shoal_read_cookie (ShoalReader *r, uint32_t *to_cid, uint8_t cookie[SHOAL_COOKIE_BYTES])
{
  shoal_read_u8 (r);
  *to_cid = shoal_read_u32 (r);
  const uint8_t *bytes = shoal_read_bytes (r, SHOAL_COOKIE_BYTES);
  if (bytes)
    memcpy (cookie, bytes, SHOAL_COOKIE_BYTES);
  return !r->failed;
}

void
shoal_write_welcome (ShoalWriter *w, const ShoalWelcome *welcome)
{
  shoal_write_u8 (w, SHOAL_DATAGRAM_WELCOME);
  shoal_write_u8 (w, welcome->version);
  shoal_write_u8 (w, welcome->flags);
  shoal_write_u32 (w, welcome->to_cid);
  shoal_write_u32 (w, welcome->cid);
}

bool
shoal_read_welcome (ShoalReader *r, ShoalWelcome *out)
{
  shoal_read_u8 (r);
  out->version = shoal_read_u8 (r);
  out->flags = shoal_read_u8 (r);
  out->to_cid = shoal_read_u32 (r);
  out->cid = shoal_read_u32 (r);
  return !r->failed;
}

void
shoal_write_refuse (ShoalWriter *w, uint32_t to_cid, uint8_t reason)
{
  shoal_write_u8 (w, SHOAL_DATAGRAM_REFUSE);
  shoal_write_u32 (w, to_cid);
  shoal_write_u8 (w, reason);
}

bool
shoal_read_refuse (ShoalReader *r, uint32_t *to_cid, uint8_t *reason)
{
  shoal_read_u8 (r);
  *to_cid = shoal_read_u32 (r);
  *reason = shoal_read_u8 (r);
  return !r->failed;
}

void
shoal_write_reset (ShoalWriter *w, uint32_t to_cid)
{
  shoal_write_u8 (w, SHOAL_DATAGRAM_RESET);
  shoal_write_u32 (w, to_cid);
}

bool
shoal_read_reset (ShoalReader *r, uint32_t *to_cid)
{
  shoal_read_u8 (r);
  *to_cid = shoal_read_u32 (r);
  return !r->failed;
}

/* Bits of the first byte: which fields follow. */
enum {
  WITH_CHUNK = SHOAL_DATAGRAM_SESSION_CHUNK & ~SHOAL_DATAGRAM_SESSION_MASK,
  WITH_SACK = SHOAL_DATAGRAM_SESSION_SACK & ~SHOAL_DATAGRAM_SESSION_MASK,
  WITH_TIME = SHOAL_DATAGRAM_SESSION_TIME & ~SHOAL_DATAGRAM_SESSION_MASK,
};

void
shoal_write_session (ShoalWriter *w, const ShoalSession *session)
{
  unsigned with = (session->has_chunk ? WITH_CHUNK : 0) | (session->sack ? WITH_SACK : 0)
                  | (session->has_time ? WITH_TIME : 0);
  shoal_write_u8 (w, (uint8_t)(SHOAL_DATAGRAM_SESSION | with));
  shoal_write_u32 (w, session->cid);
  shoal_write_u16 (w, session->ack);
  if (session->sack)
    shoal_write_u16 (w, session->sack);
  if (session->has_time)
    shoal_write_u32 (w, session->time_us);
  if (session->has_chunk)
    shoal_write_u16 (w, session->chunk);
}

bool
shoal_read_session (ShoalReader *r, ShoalSession *out)
{
  unsigned with = shoal_read_u8 (r);
  out->has_chunk = with & WITH_CHUNK;
  out->has_time = with & WITH_TIME;
  out->cid = shoal_read_u32 (r);
  out->ack = shoal_read_u16 (r);
  out->sack = with & WITH_SACK ? shoal_read_u16 (r) : 0;
  out->time_us = out->has_time ? shoal_read_u32 (r) : 0;
  out->chunk = out->has_chunk ? shoal_read_u16 (r) : 0;
  return !r->failed;
}

/* Most requests ask for whole blocks and need no hashes: those fields are left out then. */
size_t
shoal_request_bytes (const ShoalRequest *request)
{
  size_t more = request->units != UNITS_ALL ? 3 : request->levels > 0 ? 1 : 0;
  return shoal_varint_bytes (request->block) + more;
}

void
shoal_write_request (ShoalWriter *w, const ShoalRequest *request)
{
  shoal_write_varint (w, request->block);
  if (request->units != UNITS_ALL || request->levels > 0)
    shoal_write_u8 (w, request->levels);
  if (request->units != UNITS_ALL)
    shoal_write_u16 (w, request->units);
}

bool
shoal_read_request (ShoalReader *r, ShoalRequest *out)
{
  out->block = shoal_read_varint (r);
  out->levels = r->left > 0 ? shoal_read_u8 (r) : 0;
  out->units = r->left > 0 ? shoal_read_u16 (r) : UNITS_ALL;
  return !r->failed && (out->units != 0 || out->levels != 0);
}

void
shoal_write_data (ShoalWriter *w, const ShoalData *data)
{
  shoal_write_u8 (w, data->levels ? SHOAL_MESSAGE_DATA_PROOF : SHOAL_MESSAGE_DATA);
  shoal_write_varint (w, data->block);
  shoal_write_u8 (w, data->first_unit);
  if (data->levels == 0)
    return;
  shoal_write_u8 (w, data->levels);
  shoal_write_bytes (w, data->proof, (size_t)data->levels * SHOAL_HASH_BYTES);
}

bool
shoal_read_data (ShoalReader *r, ShoalData *out)
{
  uint8_t type = shoal_read_u8 (r);
  out->block = shoal_read_varint (r);
  out->first_unit = shoal_read_u8 (r);
  out->levels = type == SHOAL_MESSAGE_DATA_PROOF ? shoal_read_u8 (r) : 0;
  out->proof = shoal_read_bytes (r, (size_t)out->levels * SHOAL_HASH_BYTES);
  return !r->failed && type <= SHOAL_MESSAGE_DATA_PROOF && type >= SHOAL_MESSAGE_DATA
         && out->first_unit < SHOAL_UNITS_PER_BLOCK;
}

void
shoal_write_addr (ShoalWriter *w, const ShoalAddr *addr)
{
  shoal_write_u8 (w, addr->family);
  shoal_write_bytes (w, addr->ip, addr->family == 6 ? 16 : 4);
  shoal_write_u16 (w, addr->port);
}

bool
shoal_read_addr (ShoalReader *r, ShoalAddr *out)
{
  memset (out, 0, sizeof *out);
  out->family = shoal_read_u8 (r);
  if (out->family != 4 && out->family != 6)
    return false;
  size_t length = out->family == 6 ? 16 : 4;
  const uint8_t *ip = shoal_read_bytes (r, length);
  if (ip)
    memcpy (out->ip, ip, length);
  out->port = shoal_read_u16 (r);
  return !r->failed && out->port != 0;
}
