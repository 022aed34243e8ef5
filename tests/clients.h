/* A tracker and clients of libshoal, over loopback, with files in a scratch folder. */
#pragma once

#include "real/shoal.h"
#include "tests/scratch.h"

/* For a checked fixture: makes the folder and a tracker; ends them. */
void clients_set_up (void);
void clients_tear_down (void);
ShoalTracker *clients_tracker (void);
/* "127.0.0.1:PORT" of it, or of another node. The fixture's. */
const char *clients_tracker_address (void);
const char *clients_address (ShoalNode *node);
Scratch *clients_folder (void);

/* A client of the tracker, with these rates both ways. Closed and freed at the end, if it was not before. */
ShoalClient *clients_add (uint64_t bytes_per_s);
/* Has a node closed and freed at the end. */
void clients_adopt (gpointer node);
/* Makes a file of seeded bytes (name: also its seed's) and registers it. The fid is the fixture's. */
const char *clients_share (ShoalClient *client, const char *name, uint64_t seed, uint64_t length_bytes);
/* The fid that such a file has. The fixture's. */
const char *clients_fid (const char *name, uint64_t seed, uint64_t length_bytes);
bool clients_bytes_are (GBytes *bytes, uint64_t seed, uint64_t length_bytes);
/* Downloads, which must not fail, and compares. */
void clients_check_download (ShoalClient *client, const char *fid, uint64_t seed, uint64_t length_bytes);
/* Waits, for some seconds at most, until a condition holds; fails otherwise. */
void clients_wait (bool (*holds) (gpointer data), gpointer data);

/* The error is this one; it is cleared. */
#define ck_assert_error(error, domain, code)                                                                 \
  do                                                                                                         \
    {                                                                                                        \
      ck_assert_msg (g_error_matches ((error), (domain), (code)), "%s",                                      \
                     (error) ? (error)->message : "no error");                                               \
      g_clear_error (&(error));                                                                              \
    }                                                                                                        \
  while (0)
#define ck_assert_no_error(error) ck_assert_msg ((error) == NULL, "%s", (error) ? (error)->message : "")
