#include "src/machine.h"

const char *
shoal_event_kind_name (ShoalEventKind kind)
{
  static const char *const names[SHOAL_EVENT_KINDS] = {
    [SHOAL_EVENT_NONE] = "none",
    [SHOAL_EVENT_REGISTERED] = "registered",
    [SHOAL_EVENT_NEIGHBOUR_UP] = "neighbour-up",
    [SHOAL_EVENT_NEIGHBOUR_DOWN] = "neighbour-down",
    [SHOAL_EVENT_CHOKED] = "choked",
    [SHOAL_EVENT_UNCHOKED] = "unchoked",
    [SHOAL_EVENT_CHOKED_BY] = "choked-by",
    [SHOAL_EVENT_UNCHOKED_BY] = "unchoked-by",
    [SHOAL_EVENT_DOWNLOAD_STARTED] = "download-started",
    [SHOAL_EVENT_INFO] = "info",
    [SHOAL_EVENT_FIRST_BYTE] = "first-byte",
    [SHOAL_EVENT_BLOCK] = "block",
    [SHOAL_EVENT_BLOCK_BAD] = "block-bad",
    [SHOAL_EVENT_DOWNLOAD_DONE] = "download-done",
    [SHOAL_EVENT_DOWNLOAD_FAILED] = "download-failed",
    [SHOAL_EVENT_CANCELLED] = "cancelled",
    [SHOAL_EVENT_CLOSED] = "closed",
    [SHOAL_EVENT_WAITING] = "waiting",
  };
  bool named = (unsigned)kind < G_N_ELEMENTS (names) && names[kind] != NULL;
  return named ? names[kind] : "unknown";
}

const char *
shoal_cause_name (ShoalCause cause)
{
  static const char *const names[SHOAL_CAUSES] = {
    [SHOAL_CAUSE_TRACKER] = "tracker",
    [SHOAL_CAUSE_HANDSHAKE] = "handshake",
    [SHOAL_CAUSE_CHOKED] = "choked",
    [SHOAL_CAUSE_NOTHING_USEFUL] = "nothing-useful",
    [SHOAL_CAUSE_UPLINKS] = "uplinks",
    [SHOAL_CAUSE_DOWNLINK] = "downlink",
    [SHOAL_CAUSE_VERIFICATION] = "verification",
    [SHOAL_CAUSE_STALL] = "stall",
  };
  return (unsigned)cause < G_N_ELEMENTS (names) ? names[cause] : "unknown";
}

const char *
shoal_failure_text (ShoalFailure failure)
{
  switch (failure)
    {
    case SHOAL_FAILURE_NONE:
      return "no failure";
    case SHOAL_FAILURE_TIME_LIMIT_NO_HOLDER:
      return "time limit passed; no holder was reached";
    case SHOAL_FAILURE_TIME_LIMIT_PARTIAL:
      return "time limit passed; part of the file was got";
    case SHOAL_FAILURE_CANCELLED:
      return "cancelled during the download";
    case SHOAL_FAILURE_CLOSED:
      return "the node was closed during the download";
    case SHOAL_FAILURE_STORAGE:
      return "the content could not be written";
    case SHOAL_FAILURE_TIME_LIMIT_REFUSED:
      return "time limit passed; those who were reached had no place free";
    }
  return "unknown failure";
}

void
shoal_machine_counters_add (ShoalMachineCounters *sum, const ShoalMachineCounters *more)
{
  sum->malformed_datagrams += more->malformed_datagrams;
  sum->unknown_datagrams += more->unknown_datagrams;
  sum->payload_sent_bytes += more->payload_sent_bytes;
  sum->payload_received_bytes += more->payload_received_bytes;
  sum->duplicate_bytes += more->duplicate_bytes;
  sum->blocks_verified += more->blocks_verified;
  sum->blocks_bad += more->blocks_bad;
}
