#include "real/shoal-server.h"

#include "real/shoal-files.h"
#include "real/shoal-node-private.h"

struct _ShoalServer {
  ShoalNode parent_instance;
  ShoalServerOrder order;
};

G_DEFINE_FINAL_TYPE (ShoalServer, shoal_server, SHOAL_TYPE_NODE)

G_DEFINE_ENUM_TYPE (ShoalServerOrder, shoal_server_order,
                    G_DEFINE_ENUM_VALUE (SHOAL_SERVER_ORDER_FAIR, "fair"),
                    G_DEFINE_ENUM_VALUE (SHOAL_SERVER_ORDER_FIFO, "fifo"))

enum {
  PROPERTY_ORDER = 1,
};

static ShoalCore *
core_of (ShoalServer *server, GError **error)
{
  return shoal_node_open_core (SHOAL_NODE (server), error);
}

static bool
prepare (ShoalNode *node, ShoalCoreOptions *options, GCancellable *cancellable, GError **error)
{
  const ShoalFilesOptions files = { .role = SHOAL_ROLE_SERVER,
                                    .service = SHOAL_SERVER (node)->order == SHOAL_SERVER_ORDER_FIFO
                                                   ? SHOAL_SERVICE_FIFO
                                                   : SHOAL_SERVICE_FAIR };
  (void)cancellable, (void)error;
  options->ops = &SHOAL_FILES_OPS;
  options->data = shoal_files_new (&files);
  return true;
}

static const ShoalNodeRole SERVER_ROLE = { .prepare = prepare };

ShoalServer *
shoal_server_new (guint16 port, guint64 upload_rate, guint64 download_rate, ShoalServerOrder order,
                  GError **error)
{
  return g_initable_new (SHOAL_TYPE_SERVER, NULL, error, "port", port, "upload-rate", upload_rate,
                         "download-rate", download_rate, "order", order, NULL);
}

char *
shoal_server_register (ShoalServer *server, const char *path, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (SHOAL_IS_SERVER (server) && path, NULL);
  ShoalCore *core = core_of (server, error);
  return core ? shoal_files_register (core, path, cancellable, error) : NULL;
}

void
shoal_server_register_async (ShoalServer *server, const char *path, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (SHOAL_IS_SERVER (server) && path);
  g_autoptr (GTask) task = g_task_new (server, cancellable, callback, user_data);
  g_task_set_source_tag (task, shoal_server_register_async);
  shoal_files_register_async (shoal_node_core (SHOAL_NODE (server)), path, task);
}

char *
shoal_server_register_finish (ShoalServer *server, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, server), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
shoal_server_cancel (ShoalServer *server, const char *fid, GError **error)
{
  g_return_val_if_fail (SHOAL_IS_SERVER (server) && fid, FALSE);
  ShoalCore *core = core_of (server, error);
  return core && shoal_files_cancel (core, fid, error);
}

GPtrArray *
shoal_server_list_files (ShoalServer *server)
{
  g_return_val_if_fail (SHOAL_IS_SERVER (server), NULL);
  return shoal_files_list (shoal_node_core (SHOAL_NODE (server)));
}

GPtrArray *
shoal_server_list_neighbours (ShoalServer *server, const char *fid, GError **error)
{
  g_return_val_if_fail (SHOAL_IS_SERVER (server) && fid, NULL);
  ShoalCore *core = core_of (server, error);
  return core ? shoal_files_list_neighbours (core, fid, error) : NULL;
}

static void
shoal_server_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  if (id == PROPERTY_ORDER)
    g_value_set_enum (value, (gint)SHOAL_SERVER (object)->order);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
shoal_server_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  if (id == PROPERTY_ORDER)
    SHOAL_SERVER (object)->order = (ShoalServerOrder)g_value_get_enum (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
}

static void
shoal_server_class_init (ShoalServerClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  SHOAL_NODE_CLASS (class)->role = &SERVER_ROLE;
  object_class->get_property = shoal_server_get_property;
  object_class->set_property = shoal_server_set_property;
  /**
   * ShoalServer:order:
   *
   * In what order it serves.
   */
  g_object_class_install_property (
      object_class, PROPERTY_ORDER,
      g_param_spec_enum ("order", NULL, NULL, SHOAL_TYPE_SERVER_ORDER, SHOAL_SERVER_ORDER_FAIR,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS));
  /**
   * ShoalServer::hashing:
   * @server: the server
   * @path: (type filename): a file that is being registered
   * @done_bytes: read so far
   * @size_bytes: of the whole file
   *
   * As ShoalClient::hashing.
   */
  /**
   * ShoalServer::state-changed:
   * @server: the server
   * @fid: a file
   * @state: what it is from now on
   */
  /**
   * ShoalServer::file-changed:
   * @server: the server
   * @fid: a file
   * @path: (type filename): where it is
   * @lost_blocks: how many of its blocks are not offered any more
   *
   * As ShoalClient::file-changed.
   */
  shoal_files_install_signals (G_TYPE_FROM_CLASS (class));
}

static void
shoal_server_init (ShoalServer *server)
{
  (void)server;
}
