#include "sim/trace.h"
#include "src/infodict.h"
#include "src/sha256.h"

#include <inttypes.h>

#define BUFFER 65536u
#define RECORD sizeof (Record)

enum {
  KIND_SENT = 0x100,
  KIND_DELIVERED = 0x101,
  KIND_DROPPED = 0x102
};

struct ShoalTrace {
  ShoalSha256 *sha;
  FILE *text;
  size_t length;
  uint8_t buffer[BUFFER];
};

ShoalTrace *
shoal_trace_new (FILE *text)
{
  ShoalTrace *trace = g_new (ShoalTrace, 1);
  trace->sha = shoal_sha256_new ();
  trace->text = text;
  trace->length = 0;
  return trace;
}

void
shoal_trace_free (ShoalTrace *trace)
{
  shoal_sha256_free (trace->sha);
  g_free (trace);
}

static const char *
kind_name (unsigned kind)
{
  switch (kind)
    {
    case KIND_SENT:
      return "sent";
    case KIND_DELIVERED:
      return "delivered";
    case KIND_DROPPED:
      return "dropped";
    default:
      return shoal_event_kind_name ((ShoalEventKind)kind);
    }
}

/* A fixed record, big-endian. */
typedef struct {
  uint64_t at, value;
  uint32_t node, kind, peer, zero;
} Record;

static void
add (ShoalTrace *trace, ShoalTime at, unsigned node, unsigned kind, int peer, uint64_t value)
{
  if (trace->length + RECORD > BUFFER)
    {
      shoal_sha256_update (trace->sha, trace->buffer, trace->length);
      trace->length = 0;
    }
  Record record = { GUINT64_TO_BE ((uint64_t)at), GUINT64_TO_BE (value),          GUINT32_TO_BE (node),
                    GUINT32_TO_BE (kind),         GUINT32_TO_BE ((uint32_t)peer), 0 };
  memcpy (trace->buffer + trace->length, &record, RECORD);
  trace->length += RECORD;
  if (trace->text)
    fprintf (trace->text, "%" PRId64 ".%09" PRId64 " %u %s %d %" PRIu64 "\n", at / SHOAL_SECOND,
             at % SHOAL_SECOND, node, kind_name (kind), peer, value);
}

void
shoal_trace_sent (ShoalTrace *trace, ShoalTime at, unsigned node, int peer, size_t length_bytes)
{
  add (trace, at, node, KIND_SENT, peer, length_bytes);
}

void
shoal_trace_delivered (ShoalTrace *trace, ShoalTime at, unsigned node, int peer, size_t length_bytes)
{
  add (trace, at, node, KIND_DELIVERED, peer, length_bytes);
}

void
shoal_trace_dropped (ShoalTrace *trace, ShoalTime at, unsigned node, int peer, size_t length_bytes)
{
  add (trace, at, node, KIND_DROPPED, peer, length_bytes);
}

void
shoal_trace_event (ShoalTrace *trace, ShoalTime at, unsigned node, int peer, const ShoalEvent *event)
{
  add (trace, at, node, event->kind, peer, event->value);
}

void
shoal_trace_digest (ShoalTrace *trace, char hex[65])
{
  ShoalFid digest;
  shoal_sha256_update (trace->sha, trace->buffer, trace->length);
  trace->length = 0;
  shoal_sha256_peek (trace->sha, digest.bytes);
  shoal_fid_to_hex (&digest, hex);
}
