/* Errors, and what is known of nodes, files and neighbours. Part of shoal.h. */
#pragma once

#include <gio/gio.h>

#ifndef SHOAL_EXTERN
#  define SHOAL_EXTERN __attribute__ ((visibility ("default"))) extern
#endif

G_BEGIN_DECLS

/**
 * ShoalError:
 * @SHOAL_ERROR_FAILED: something else; the message says what
 * @SHOAL_ERROR_INVALID_FID: neither 64 hex digits nor a magnet link
 * @SHOAL_ERROR_NO_HOLDER: the time limit passed, and nobody with the file was reached, or had a place free
 * @SHOAL_ERROR_TIMED_OUT: the time limit passed with part of the file
 * @SHOAL_ERROR_CLOSED: the node was closed, before or meanwhile
 * @SHOAL_ERROR_NOT_FOUND: the file is neither held nor wanted here
 * @SHOAL_ERROR_STORAGE: what came could not be stored, or what is held cannot be read any more
 *
 * Beside these, functions report %G_IO_ERROR: %G_IO_ERROR_CANCELLED when the #GCancellable was cancelled, or
 * the file was, and what the system says of sockets and of files that are named in the call.
 */
typedef enum {
  SHOAL_ERROR_FAILED,
  SHOAL_ERROR_INVALID_FID,
  SHOAL_ERROR_NO_HOLDER,
  SHOAL_ERROR_TIMED_OUT,
  SHOAL_ERROR_CLOSED,
  SHOAL_ERROR_NOT_FOUND,
  SHOAL_ERROR_STORAGE,
} ShoalError;

#define SHOAL_ERROR (shoal_error_quark ())
SHOAL_EXTERN GQuark shoal_error_quark (void);
#define SHOAL_TYPE_ERROR (shoal_error_get_type ())
SHOAL_EXTERN GType shoal_error_get_type (void);

/* ---- what is known of nodes, files and neighbours: plain copies of one moment ---- */

/**
 * ShoalNodeStatus:
 * @sent_bytes: through the proxy, all headers of the protocol included
 * @received_bytes: the same, coming
 * @sent_datagrams: datagrams sent
 * @received_datagrams: datagrams received
 * @dropped_datagrams: that came while the download queue was full
 * @send_errors: datagrams that the system refused to send
 * @malformed_datagrams: dropped, since they are of no protocol here
 * @unknown_datagrams: dropped, since they belong to nothing that is going on here
 * @payload_sent_bytes: of files
 * @payload_received_bytes: of files
 * @duplicate_bytes: payload that came though it was here already
 * @blocks_verified: blocks that came and were proved
 * @blocks_bad: blocks that came and were not what they should be
 *
 * Counters of a node since it was made.
 */
typedef struct {
  guint64 sent_bytes, received_bytes;
  guint64 sent_datagrams, received_datagrams, dropped_datagrams, send_errors;
  guint64 malformed_datagrams, unknown_datagrams;
  guint64 payload_sent_bytes, payload_received_bytes, duplicate_bytes;
  guint64 blocks_verified, blocks_bad;
} ShoalNodeStatus;

#define SHOAL_TYPE_NODE_STATUS (shoal_node_status_get_type ())
SHOAL_EXTERN GType shoal_node_status_get_type (void);
SHOAL_EXTERN ShoalNodeStatus *shoal_node_status_copy (const ShoalNodeStatus *status);
SHOAL_EXTERN void shoal_node_status_free (ShoalNodeStatus *status);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ShoalNodeStatus, shoal_node_status_free)

/**
 * ShoalTrackerStatus:
 * @swarms: files that somebody is there for now
 * @peers: in all swarms, now
 * @connects: connection ids given out
 * @announces: announces answered
 * @scrapes: scrapes answered
 * @errors: answers that were errors
 *
 * What a tracker has to do.
 */
typedef struct {
  guint swarms, peers;
  guint64 connects, announces, scrapes, errors;
} ShoalTrackerStatus;

#define SHOAL_TYPE_TRACKER_STATUS (shoal_tracker_status_get_type ())
SHOAL_EXTERN GType shoal_tracker_status_get_type (void);
SHOAL_EXTERN ShoalTrackerStatus *shoal_tracker_status_copy (const ShoalTrackerStatus *status);
SHOAL_EXTERN void shoal_tracker_status_free (ShoalTrackerStatus *status);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ShoalTrackerStatus, shoal_tracker_status_free)

/**
 * ShoalFileState:
 * @SHOAL_FILE_STATE_SEARCHING: wanted; nobody has told name and size yet
 * @SHOAL_FILE_STATE_DOWNLOADING: name and size are known; blocks come
 * @SHOAL_FILE_STATE_HELD: all of it is here and offered to others
 * @SHOAL_FILE_STATE_GONE: cancelled, failed or closed: no longer here
 */
typedef enum {
  SHOAL_FILE_STATE_SEARCHING,
  SHOAL_FILE_STATE_DOWNLOADING,
  SHOAL_FILE_STATE_HELD,
  SHOAL_FILE_STATE_GONE,
} ShoalFileState;

#define SHOAL_TYPE_FILE_STATE (shoal_file_state_get_type ())
SHOAL_EXTERN GType shoal_file_state_get_type (void);

/**
 * ShoalFileStatus:
 * @fid: the file
 * @name: (nullable): its name; %NULL while searching
 * @path: (nullable) (type filename): where it is, or will be, on this machine; %NULL: in memory
 * @state: how far it is
 * @size_bytes: its size; 0 while searching
 * @held_bytes: verified and held
 * @neighbours: others that are connected for this file
 * @lost_blocks: blocks of 16 KiB that are not offered any more, since the file on the disk was changed
 */
typedef struct {
  char *fid;
  char *name;
  char *path;
  ShoalFileState state;
  guint64 size_bytes, held_bytes;
  guint neighbours;
  guint lost_blocks;
} ShoalFileStatus;

#define SHOAL_TYPE_FILE_STATUS (shoal_file_status_get_type ())
SHOAL_EXTERN GType shoal_file_status_get_type (void);
SHOAL_EXTERN ShoalFileStatus *shoal_file_status_copy (const ShoalFileStatus *status);
SHOAL_EXTERN void shoal_file_status_free (ShoalFileStatus *status);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ShoalFileStatus, shoal_file_status_free)

/**
 * ShoalNeighbourStatus:
 * @address: "10.0.0.1:6881", "[::1]:6881"
 * @received_bytes: payload of this file from it
 * @sent_bytes: payload of this file to it
 * @held_blocks: blocks of 16 KiB that it holds, as far as is known
 * @round_trip_us: microseconds, smoothed; 0: not measured
 * @interested: it wants blocks that are here
 * @choked: it is not served
 * @choked_by: it does not serve us
 */
typedef struct {
  char *address;
  guint64 received_bytes, sent_bytes;
  guint held_blocks;
  guint round_trip_us;
  gboolean interested, choked, choked_by;
} ShoalNeighbourStatus;

#define SHOAL_TYPE_NEIGHBOUR_STATUS (shoal_neighbour_status_get_type ())
SHOAL_EXTERN GType shoal_neighbour_status_get_type (void);
SHOAL_EXTERN ShoalNeighbourStatus *shoal_neighbour_status_copy (const ShoalNeighbourStatus *status);
SHOAL_EXTERN void shoal_neighbour_status_free (ShoalNeighbourStatus *status);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ShoalNeighbourStatus, shoal_neighbour_status_free)

G_END_DECLS
