/* The server of the server-client model. Part of shoal.h. */
#pragma once

#include "shoal-node.h"

G_BEGIN_DECLS

/**
 * ShoalServerOrder:
 * @SHOAL_SERVER_ORDER_FAIR: all in turns
 * @SHOAL_SERVER_ORDER_FIFO: in order of arrival: one is served to its end, then the next
 *
 * In what order a server serves its clients.
 */
typedef enum {
  SHOAL_SERVER_ORDER_FAIR,
  SHOAL_SERVER_ORDER_FIFO,
} ShoalServerOrder;

#define SHOAL_TYPE_SERVER_ORDER (shoal_server_order_get_type ())
SHOAL_EXTERN GType shoal_server_order_get_type (void);

/**
 * ShoalServer:
 *
 * Holds files and sends them to those who ask; there is no tracker. Its clients are those of
 * shoal_client_new_for_server().
 */
#define SHOAL_TYPE_SERVER (shoal_server_get_type ())
SHOAL_EXTERN
G_DECLARE_FINAL_TYPE (ShoalServer, shoal_server, SHOAL, SERVER, ShoalNode)

/**
 * shoal_server_new:
 * @port: where to bind; 0: a free port
 * @upload_rate: bytes per second, 0: unlimited
 * @download_rate: bytes per second, 0: unlimited
 * @order: in what order it serves
 * @error: where to put what went wrong
 *
 * Returns: (transfer full): a server at work
 */
SHOAL_EXTERN ShoalServer *shoal_server_new (guint16 port, guint64 upload_rate, guint64 download_rate,
                                            ShoalServerOrder order, GError **error);
/**
 * shoal_server_register:
 * @server: a server
 * @path: (type filename): a file
 * @cancellable: (nullable): to stop reading it
 * @error: where to put what went wrong
 *
 * As shoal_client_register().
 *
 * Returns: (transfer full): its fid
 */
SHOAL_EXTERN char *shoal_server_register (ShoalServer *server, const char *path, GCancellable *cancellable,
                                          GError **error);
/**
 * shoal_server_register_async:
 * @server: a server
 * @path: (type filename): a file
 * @cancellable: (nullable): to stop reading it
 * @callback: (scope async): called at the end
 * @user_data: for @callback
 *
 * As shoal_client_register().
 */
SHOAL_EXTERN void shoal_server_register_async (ShoalServer *server, const char *path,
                                               GCancellable *cancellable, GAsyncReadyCallback callback,
                                               gpointer user_data);
/**
 * shoal_server_register_finish:
 * @server: a server
 * @result: what the callback got
 * @error: where to put what went wrong
 *
 * Returns: (transfer full): as shoal_server_register()
 */
SHOAL_EXTERN char *shoal_server_register_finish (ShoalServer *server, GAsyncResult *result, GError **error);
/**
 * shoal_server_cancel:
 * @server: a server
 * @fid: a fid or a magnet link
 * @error: where to put what went wrong
 *
 * As shoal_client_cancel().
 *
 * Returns: %TRUE; %FALSE with %SHOAL_ERROR_NOT_FOUND
 */
SHOAL_EXTERN gboolean shoal_server_cancel (ShoalServer *server, const char *fid, GError **error);
/**
 * shoal_server_list_files:
 * @server: a server
 *
 * Returns: (transfer container) (element-type ShoalFileStatus): the files, in order of registering; none
 *   when the server is closed
 */
SHOAL_EXTERN GPtrArray *shoal_server_list_files (ShoalServer *server);
/**
 * shoal_server_list_neighbours:
 * @server: a server
 * @fid: a fid or a magnet link
 * @error: where to put what went wrong
 *
 * Returns: (transfer container) (element-type ShoalNeighbourStatus): the clients that are connected for this
 *   file now, or %NULL with %SHOAL_ERROR_NOT_FOUND
 */
SHOAL_EXTERN GPtrArray *shoal_server_list_neighbours (ShoalServer *server, const char *fid, GError **error);

G_END_DECLS
