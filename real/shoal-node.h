/* What clients, trackers and servers have in common. Part of shoal.h. */
#pragma once

#include "shoal-proxy.h"

G_BEGIN_DECLS

/**
 * ShoalNode:
 *
 * What clients, trackers and servers have in common: a port, two rates, and an end.
 *
 * A node that is given up without having been closed leaves by itself, in the background, as politely as
 * shoal_node_close() would; its port is free when it is done.
 */
#define SHOAL_TYPE_NODE (shoal_node_get_type ())
SHOAL_EXTERN
G_DECLARE_DERIVABLE_TYPE (ShoalNode, shoal_node, SHOAL, NODE, GObject)

struct _ShoalNodeClass {
  GObjectClass parent_class;

  /*< private >*/
  gconstpointer role; /* nodes are made by this library alone */
};

/**
 * shoal_node_get_proxy:
 * @node: a node
 *
 * Returns: (nullable) (transfer none): what carries its datagrams, if it was given something
 */
SHOAL_EXTERN ShoalProxy *shoal_node_get_proxy (ShoalNode *node);
/**
 * shoal_node_get_port:
 * @node: a node
 *
 * Returns: the UDP port where others reach it
 */
SHOAL_EXTERN guint16 shoal_node_get_port (ShoalNode *node);
/**
 * shoal_node_get_upload_rate:
 * @node: a node
 *
 * Returns: bytes per second, 0: unlimited
 */
SHOAL_EXTERN guint64 shoal_node_get_upload_rate (ShoalNode *node);
/**
 * shoal_node_set_upload_rate:
 * @node: a node
 * @bytes_per_s: bytes per second, 0: unlimited; from the next datagram on
 */
SHOAL_EXTERN void shoal_node_set_upload_rate (ShoalNode *node, guint64 bytes_per_s);
/**
 * shoal_node_get_download_rate:
 * @node: a node
 *
 * Returns: bytes per second, 0: unlimited
 */
SHOAL_EXTERN guint64 shoal_node_get_download_rate (ShoalNode *node);
/**
 * shoal_node_set_download_rate:
 * @node: a node
 * @bytes_per_s: bytes per second, 0: unlimited; from the next datagram on
 */
SHOAL_EXTERN void shoal_node_set_download_rate (ShoalNode *node, guint64 bytes_per_s);
/**
 * shoal_node_get_status:
 * @node: a node
 *
 * Returns: (transfer full): its counters; of a closed node those of its end
 */
SHOAL_EXTERN ShoalNodeStatus *shoal_node_get_status (ShoalNode *node);
/**
 * shoal_node_dup_trouble:
 * @node: a node
 *
 * Returns: (nullable) (transfer full): why datagrams could not be sent lately ("network unreachable"),
 *   for people; %NULL: nothing of the kind
 */
SHOAL_EXTERN char *shoal_node_dup_trouble (ShoalNode *node);
/**
 * shoal_node_is_closed:
 * @node: a node
 *
 * Returns: whether closing has begun
 */
SHOAL_EXTERN gboolean shoal_node_is_closed (ShoalNode *node);
/**
 * shoal_node_close:
 * @node: a node
 * @cancellable: (nullable): to leave without farewell
 * @error: where to put what went wrong
 *
 * Leaves: what is under way fails at once with %SHOAL_ERROR_CLOSED, tracker and neighbours are told, the
 * socket and the thread are given back. Waits for the end of that: until the tracker has answered, 3 seconds
 * at most. Closing twice does no harm: each call returns when the node is closed.
 *
 * Returns: %TRUE; %FALSE with %G_IO_ERROR_CANCELLED: closed all the same, but nobody may have been told
 */
SHOAL_EXTERN gboolean shoal_node_close (ShoalNode *node, GCancellable *cancellable, GError **error);
/**
 * shoal_node_close_async:
 * @node: a node
 * @cancellable: (nullable): to leave without farewell
 * @callback: (scope async): called at the end
 * @user_data: for @callback
 *
 * As shoal_node_close().
 */
SHOAL_EXTERN void shoal_node_close_async (ShoalNode *node, GCancellable *cancellable,
                                          GAsyncReadyCallback callback, gpointer user_data);
/**
 * shoal_node_close_finish:
 * @node: a node
 * @result: what the callback got
 * @error: where to put what went wrong
 *
 * Returns: as shoal_node_close()
 */
SHOAL_EXTERN gboolean shoal_node_close_finish (ShoalNode *node, GAsyncResult *result, GError **error);

G_END_DECLS
