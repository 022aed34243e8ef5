/* Who registers files and downloads them. Part of shoal.h. */
#pragma once

#include "shoal-node.h"

G_BEGIN_DECLS

/**
 * ShoalDownloadFlags:
 * @SHOAL_DOWNLOAD_NONE: a file that exists at the path stays: when it is not just the file that is wanted,
 *   that is %G_IO_ERROR_EXISTS
 * @SHOAL_DOWNLOAD_REPLACE: a file that exists at the path is replaced when all is there
 * @SHOAL_DOWNLOAD_INTO_DIRECTORY: the path is that of a directory; the file there gets the name that it has
 *   where it comes from, which never leads out of the directory
 */
typedef enum {
  SHOAL_DOWNLOAD_NONE = 0,
  SHOAL_DOWNLOAD_REPLACE = 1 << 0,
  SHOAL_DOWNLOAD_INTO_DIRECTORY = 1 << 1,
} ShoalDownloadFlags;

#define SHOAL_TYPE_DOWNLOAD_FLAGS (shoal_download_flags_get_type ())
SHOAL_EXTERN GType shoal_download_flags_get_type (void);

/**
 * ShoalClient:
 *
 * Offers files to others and downloads theirs. What was downloaded is offered, too, until it is cancelled or
 * the client is closed.
 *
 * Made by shoal_client_new(), by shoal_client_new_for_server(), or with properties by g_initable_new() or
 * g_async_initable_new_async().
 */
#define SHOAL_TYPE_CLIENT (shoal_client_get_type ())
SHOAL_EXTERN
G_DECLARE_FINAL_TYPE (ShoalClient, shoal_client, SHOAL, CLIENT, ShoalNode)

/**
 * shoal_client_new:
 * @tracker: (nullable): "HOST:PORT" of the tracker; %NULL: none
 * @proxy: (nullable): what carries the datagrams; %NULL: a UDP socket of the client's own
 * @port: where to bind; 0: a free port. With @proxy it is the proxy's that holds
 * @upload_rate: bytes per second, 0: unlimited. With @proxy it is the proxy's that holds
 * @download_rate: bytes per second, 0: unlimited. With @proxy it is the proxy's that holds
 * @error: where to put what went wrong
 *
 * A host's name is looked up here, which may take some seconds; whether the tracker answers is not waited
 * for. Errors: %G_IO_ERROR_INVALID_ARGUMENT, %G_IO_ERROR_HOST_NOT_FOUND, %G_IO_ERROR_ADDRESS_IN_USE, ...
 *
 * Returns: (transfer full): a client at work
 */
SHOAL_EXTERN ShoalClient *shoal_client_new (const char *tracker, ShoalProxy *proxy, guint16 port,
                                            guint64 upload_rate, guint64 download_rate, GError **error);
/**
 * shoal_client_new_for_server:
 * @server: "HOST:PORT" of a server (#ShoalServer)
 * @proxy: (nullable): as for shoal_client_new()
 * @port: as for shoal_client_new()
 * @upload_rate: as for shoal_client_new()
 * @download_rate: as for shoal_client_new()
 * @error: where to put what went wrong
 *
 * The client of the server-client model: it downloads from this server only and never uploads; registering is
 * %G_IO_ERROR_NOT_SUPPORTED.
 *
 * Returns: (transfer full): a client at work
 */
SHOAL_EXTERN ShoalClient *shoal_client_new_for_server (const char *server, ShoalProxy *proxy, guint16 port,
                                                       guint64 upload_rate, guint64 download_rate,
                                                       GError **error);
/**
 * shoal_client_get_download_timeout:
 * @client: a client
 *
 * Returns: milliseconds, 0: no limit
 */
SHOAL_EXTERN guint shoal_client_get_download_timeout (ShoalClient *client);
/**
 * shoal_client_set_download_timeout:
 * @client: a client
 * @timeout_ms: milliseconds, 0: no limit
 *
 * How long a download may take; for those that are begun from now on. It is then that it fails with
 * %SHOAL_ERROR_NO_HOLDER or %SHOAL_ERROR_TIMED_OUT. Without a limit a download waits until somebody comes who
 * has the file.
 */
SHOAL_EXTERN void shoal_client_set_download_timeout (ShoalClient *client, guint timeout_ms);

/* ---- offering ---- */

/**
 * shoal_client_register:
 * @client: a client
 * @path: (type filename): a file
 * @cancellable: (nullable): to stop reading it
 * @error: where to put what went wrong
 *
 * Reads the file once, to hash it, and offers it to others from then on. It stays where it is and should
 * not be changed; when it is, what differs is not sent (ShoalClient::file-changed). A file that is held
 * here already, from this path or another, keeps its fid and is no error; one that is being downloaded here
 * is complete by this. %G_IO_ERROR with what the system says when it cannot be read; %SHOAL_ERROR_CLOSED.
 *
 * Returns: (transfer full): its fid
 */
SHOAL_EXTERN char *shoal_client_register (ShoalClient *client, const char *path, GCancellable *cancellable,
                                          GError **error);
/**
 * shoal_client_register_async:
 * @client: a client
 * @path: (type filename): a file
 * @cancellable: (nullable): to stop reading it
 * @callback: (scope async): called at the end
 * @user_data: for @callback
 *
 * As shoal_client_register().
 */
SHOAL_EXTERN void shoal_client_register_async (ShoalClient *client, const char *path,
                                               GCancellable *cancellable, GAsyncReadyCallback callback,
                                               gpointer user_data);
/**
 * shoal_client_register_finish:
 * @client: a client
 * @result: what the callback got
 * @error: where to put what went wrong
 *
 * Returns: (transfer full): as shoal_client_register()
 */
SHOAL_EXTERN char *shoal_client_register_finish (ShoalClient *client, GAsyncResult *result, GError **error);

/* ---- getting ---- */

/**
 * shoal_client_download:
 * @client: a client
 * @fid: a fid or a magnet link
 * @cancellable: (nullable): to give up
 * @error: where to put what went wrong
 *
 * Gets a file into memory. What is held here already is returned at once. Several callers may wait for one
 * file: it is got once, with the time limit of the first, and all have it then; it is given up when the last
 * of them was cancelled. Errors: %SHOAL_ERROR_INVALID_FID, %SHOAL_ERROR_NO_HOLDER, %SHOAL_ERROR_TIMED_OUT,
 * %SHOAL_ERROR_CLOSED, %SHOAL_ERROR_STORAGE (too large for the memory), %G_IO_ERROR_CANCELLED (also by
 * shoal_client_cancel()).
 *
 * Returns: (transfer full): the file's bytes
 */
SHOAL_EXTERN GBytes *shoal_client_download (ShoalClient *client, const char *fid, GCancellable *cancellable,
                                            GError **error);
/**
 * shoal_client_download_async:
 * @client: a client
 * @fid: a fid or a magnet link
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called at the end
 * @user_data: for @callback
 *
 * As shoal_client_download().
 */
SHOAL_EXTERN void shoal_client_download_async (ShoalClient *client, const char *fid,
                                               GCancellable *cancellable, GAsyncReadyCallback callback,
                                               gpointer user_data);
/**
 * shoal_client_download_finish:
 * @client: a client
 * @result: what the callback got
 * @error: where to put what went wrong
 *
 * Returns: (transfer full): as shoal_client_download()
 */
SHOAL_EXTERN GBytes *shoal_client_download_finish (ShoalClient *client, GAsyncResult *result, GError **error);
/**
 * shoal_client_download_to_file:
 * @client: a client
 * @fid: a fid or a magnet link
 * @path: (type filename): where to put it
 * @flags: what to do with a file that is there, and whether @path is a directory
 * @cancellable: (nullable): to give up
 * @error: where to put what went wrong
 *
 * Gets a file onto the disk. What has come is kept in `PATH.part` beside its place, which becomes the file
 * when all is there. What is on the disk already is proved and not got again: what an earlier attempt left in
 * the part file, and what stands at the path. Errors as of shoal_client_download(), and %G_IO_ERROR_EXISTS;
 * %SHOAL_ERROR_STORAGE when it cannot be written (disk full, no permission, ...).
 *
 * Returns: (transfer full) (type filename): the file's path
 */
SHOAL_EXTERN char *shoal_client_download_to_file (ShoalClient *client, const char *fid, const char *path,
                                                  ShoalDownloadFlags flags, GCancellable *cancellable,
                                                  GError **error);
/**
 * shoal_client_download_to_file_async:
 * @client: a client
 * @fid: a fid or a magnet link
 * @path: (type filename): where to put it
 * @flags: what to do with a file that is there, and whether @path is a directory
 * @cancellable: (nullable): to give up
 * @callback: (scope async): called at the end
 * @user_data: for @callback
 *
 * As shoal_client_download_to_file().
 */
SHOAL_EXTERN void shoal_client_download_to_file_async (ShoalClient *client, const char *fid, const char *path,
                                                       ShoalDownloadFlags flags, GCancellable *cancellable,
                                                       GAsyncReadyCallback callback, gpointer user_data);
/**
 * shoal_client_download_to_file_finish:
 * @client: a client
 * @result: what the callback got
 * @error: where to put what went wrong
 *
 * Returns: (transfer full) (type filename): as shoal_client_download_to_file()
 */
SHOAL_EXTERN char *shoal_client_download_to_file_finish (ShoalClient *client, GAsyncResult *result,
                                                         GError **error);
/**
 * shoal_client_cancel:
 * @client: a client
 * @fid: a fid or a magnet link
 * @error: where to put what went wrong
 *
 * Withdraws a file: from when this returns, nothing of it is sent or asked for; who waits for it gets
 * %G_IO_ERROR_CANCELLED. Files on the disk stay. It does not wait for others.
 *
 * Returns: %TRUE; %FALSE with %SHOAL_ERROR_NOT_FOUND: it was neither held nor wanted, which may do no harm
 */
SHOAL_EXTERN gboolean shoal_client_cancel (ShoalClient *client, const char *fid, GError **error);

/* ---- asking ---- */

/**
 * shoal_client_list_files:
 * @client: a client
 *
 * Returns: (transfer container) (element-type ShoalFileStatus): the files held and wanted, in order of
 *   appearance; none when the client is closed
 */
SHOAL_EXTERN GPtrArray *shoal_client_list_files (ShoalClient *client);
/**
 * shoal_client_get_file:
 * @client: a client
 * @fid: a fid or a magnet link
 * @error: where to put what went wrong
 *
 * Returns: (transfer full): one file, or %NULL with %SHOAL_ERROR_NOT_FOUND
 */
SHOAL_EXTERN ShoalFileStatus *shoal_client_get_file (ShoalClient *client, const char *fid, GError **error);
/**
 * shoal_client_list_neighbours:
 * @client: a client
 * @fid: a fid or a magnet link
 * @error: where to put what went wrong
 *
 * Returns: (transfer container) (element-type ShoalNeighbourStatus): who is connected for this file now, or
 *   %NULL with %SHOAL_ERROR_NOT_FOUND
 */
SHOAL_EXTERN GPtrArray *shoal_client_list_neighbours (ShoalClient *client, const char *fid, GError **error);
/**
 * shoal_client_dup_magnet:
 * @client: a client
 * @fid: the fid of a file whose name is known here
 * @error: where to put what went wrong
 *
 * Returns: (transfer full): a magnet link with its name, size and tracker, or %NULL with
 *   %SHOAL_ERROR_NOT_FOUND
 */
SHOAL_EXTERN char *shoal_client_dup_magnet (ShoalClient *client, const char *fid, GError **error);

G_END_DECLS
