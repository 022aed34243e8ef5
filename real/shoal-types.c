#include "real/shoal-types.h"

GQuark
shoal_error_quark (void)
{
  return g_quark_from_static_string ("shoal-error-quark");
}

G_DEFINE_ENUM_TYPE (ShoalError, shoal_error, G_DEFINE_ENUM_VALUE (SHOAL_ERROR_FAILED, "failed"),
                    G_DEFINE_ENUM_VALUE (SHOAL_ERROR_INVALID_FID, "invalid-fid"),
                    G_DEFINE_ENUM_VALUE (SHOAL_ERROR_NO_HOLDER, "no-holder"),
                    G_DEFINE_ENUM_VALUE (SHOAL_ERROR_TIMED_OUT, "timed-out"),
                    G_DEFINE_ENUM_VALUE (SHOAL_ERROR_CLOSED, "closed"),
                    G_DEFINE_ENUM_VALUE (SHOAL_ERROR_NOT_FOUND, "not-found"),
                    G_DEFINE_ENUM_VALUE (SHOAL_ERROR_STORAGE, "storage"))

G_DEFINE_ENUM_TYPE (ShoalFileState, shoal_file_state,
                    G_DEFINE_ENUM_VALUE (SHOAL_FILE_STATE_SEARCHING, "searching"),
                    G_DEFINE_ENUM_VALUE (SHOAL_FILE_STATE_DOWNLOADING, "downloading"),
                    G_DEFINE_ENUM_VALUE (SHOAL_FILE_STATE_HELD, "held"),
                    G_DEFINE_ENUM_VALUE (SHOAL_FILE_STATE_GONE, "gone"))

G_DEFINE_BOXED_TYPE (ShoalNodeStatus, shoal_node_status, shoal_node_status_copy, shoal_node_status_free)
G_DEFINE_BOXED_TYPE (ShoalTrackerStatus, shoal_tracker_status, shoal_tracker_status_copy,
                     shoal_tracker_status_free)
G_DEFINE_BOXED_TYPE (ShoalFileStatus, shoal_file_status, shoal_file_status_copy, shoal_file_status_free)
G_DEFINE_BOXED_TYPE (ShoalNeighbourStatus, shoal_neighbour_status, shoal_neighbour_status_copy,
                     shoal_neighbour_status_free)

ShoalNodeStatus *
shoal_node_status_copy (const ShoalNodeStatus *status)
{
  return g_memdup2 (status, sizeof *status);
}

void
shoal_node_status_free (ShoalNodeStatus *status)
{
  g_free (status);
}

ShoalTrackerStatus *
shoal_tracker_status_copy (const ShoalTrackerStatus *status)
{
  return g_memdup2 (status, sizeof *status);
}

void
shoal_tracker_status_free (ShoalTrackerStatus *status)
{
  g_free (status);
}

ShoalFileStatus *
shoal_file_status_copy (const ShoalFileStatus *status)
{
  ShoalFileStatus *copy = g_memdup2 (status, sizeof *status);
  copy->fid = g_strdup (status->fid);
  copy->name = g_strdup (status->name);
  copy->path = g_strdup (status->path);
  return copy;
}

void
shoal_file_status_free (ShoalFileStatus *status)
{
  g_free (status->fid);
  g_free (status->name);
  g_free (status->path);
  g_free (status);
}

ShoalNeighbourStatus *
shoal_neighbour_status_copy (const ShoalNeighbourStatus *status)
{
  ShoalNeighbourStatus *copy = g_memdup2 (status, sizeof *status);
  copy->address = g_strdup (status->address);
  return copy;
}

void
shoal_neighbour_status_free (ShoalNeighbourStatus *status)
{
  g_free (status->address);
  g_free (status);
}
