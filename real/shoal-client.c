#include "real/shoal-client.h"

#include "real/address.h"
#include "real/shoal-get.h"
#include "real/shoal-node-private.h"

struct _ShoalClient {
  ShoalNode parent_instance;
  char *tracker, *server;   /* owned; NULL: none */
  char *strategy;           /* owned; NULL: the usual one */
  gint download_timeout_ms; /* atomic */
};

G_DEFINE_FINAL_TYPE (ShoalClient, shoal_client, SHOAL_TYPE_NODE)

G_DEFINE_FLAGS_TYPE (ShoalDownloadFlags, shoal_download_flags,
                     G_DEFINE_ENUM_VALUE (SHOAL_DOWNLOAD_NONE, "none"),
                     G_DEFINE_ENUM_VALUE (SHOAL_DOWNLOAD_REPLACE, "replace"),
                     G_DEFINE_ENUM_VALUE (SHOAL_DOWNLOAD_INTO_DIRECTORY, "into-directory"))

enum {
  PROPERTY_TRACKER = 1,
  PROPERTY_SERVER,
  PROPERTY_STRATEGY,
  PROPERTY_DOWNLOAD_TIMEOUT,
  PROPERTIES,
};

static GParamSpec *properties[PROPERTIES];

/* NULL and error: closed. */
static ShoalCore *
core_of (ShoalClient *client, GError **error)
{
  return shoal_node_open_core (SHOAL_NODE (client), error);
}

/* ---- making ---- */

static bool
find_strategy (const char *name, const ShoalStrategy **strategy, GError **error)
{
  if (!name || (*strategy = shoal_strategy_by_name (name)))
    return true;
  g_autoptr (GString) names = g_string_new (NULL);
  for (unsigned i = 0; shoal_strategy (i); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", shoal_strategy (i)->name);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "'%s' is no strategy; expected one of: %s",
               name, names->str);
  return false;
}

static bool
prepare (ShoalNode *node, ShoalCoreOptions *options, GCancellable *cancellable, GError **error)
{
  ShoalClient *client = SHOAL_CLIENT (node);
  ShoalFilesOptions files = { .role = client->server ? SHOAL_ROLE_CLIENT : SHOAL_ROLE_PEER };
  (void)cancellable; /* the system's resolver cannot be stopped */
  if (!find_strategy (client->strategy, &files.serving.strategy, error))
    return false;
  if (client->tracker && !shoal_address_parse (client->tracker, 0, &files.tracker, error))
    return false;
  if (client->server && !shoal_address_parse (client->server, 0, &files.server, error))
    return false;
  files.tracker_text = g_strdup (client->tracker);
  options->ops = &SHOAL_FILES_OPS;
  options->data = shoal_files_new (&files);
  return true;
}

static const ShoalNodeRole CLIENT_ROLE = { .prepare = prepare };

ShoalClient *
shoal_client_new (const char *tracker, ShoalProxy *proxy, guint16 port, guint64 upload_rate,
                  guint64 download_rate, GError **error)
{
  return g_initable_new (SHOAL_TYPE_CLIENT, NULL, error, "tracker", tracker, "proxy", proxy, "port", port,
                         "upload-rate", upload_rate, "download-rate", download_rate, NULL);
}

ShoalClient *
shoal_client_new_for_server (const char *server, ShoalProxy *proxy, guint16 port, guint64 upload_rate,
                             guint64 download_rate, GError **error)
{
  g_return_val_if_fail (server != NULL, NULL);
  return g_initable_new (SHOAL_TYPE_CLIENT, NULL, error, "server", server, "proxy", proxy, "port", port,
                         "upload-rate", upload_rate, "download-rate", download_rate, NULL);
}

guint
shoal_client_get_download_timeout (ShoalClient *client)
{
  g_return_val_if_fail (SHOAL_IS_CLIENT (client), 0);
  return (guint)g_atomic_int_get (&client->download_timeout_ms);
}

void
shoal_client_set_download_timeout (ShoalClient *client, guint timeout_ms)
{
  g_return_if_fail (SHOAL_IS_CLIENT (client));
  if (shoal_client_get_download_timeout (client) == timeout_ms)
    return;
  g_atomic_int_set (&client->download_timeout_ms, (gint)timeout_ms);
  g_object_notify_by_pspec (G_OBJECT (client), properties[PROPERTY_DOWNLOAD_TIMEOUT]);
}

/* ---- offering ---- */

char *
shoal_client_register (ShoalClient *client, const char *path, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (SHOAL_IS_CLIENT (client) && path, NULL);
  ShoalCore *core = core_of (client, error);
  return core ? shoal_files_register (core, path, cancellable, error) : NULL;
}

void
shoal_client_register_async (ShoalClient *client, const char *path, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (SHOAL_IS_CLIENT (client) && path);
  g_autoptr (GTask) task = g_task_new (client, cancellable, callback, user_data);
  g_task_set_source_tag (task, shoal_client_register_async);
  shoal_files_register_async (shoal_node_core (SHOAL_NODE (client)), path, task);
}

char *
shoal_client_register_finish (ShoalClient *client, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, client), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- getting ---- */

static ShoalGetOptions
get_options (ShoalClient *client, const char *fid, GCancellable *cancellable, GError **error)
{
  return (ShoalGetOptions){ .core = core_of (client, error),
                            .fid = fid,
                            .timeout_ms = shoal_client_get_download_timeout (client),
                            .cancellable = cancellable };
}

GBytes *
shoal_client_download (ShoalClient *client, const char *fid, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (SHOAL_IS_CLIENT (client) && fid, NULL);
  ShoalGetOptions options = get_options (client, fid, cancellable, error);
  return options.core ? shoal_get_wait (&options, error) : NULL;
}

char *
shoal_client_download_to_file (ShoalClient *client, const char *fid, const char *path,
                               ShoalDownloadFlags flags, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (SHOAL_IS_CLIENT (client) && fid && path, NULL);
  ShoalGetOptions options = get_options (client, fid, cancellable, error);
  options.path = path;
  options.flags = flags;
  return options.core ? shoal_get_wait (&options, error) : NULL;
}

/* Downloading says itself whether it was cancelled: a file that is there is
 * there. */
static void
get_async (ShoalGetOptions *options, GTask *task)
{
  GError *error = NULL;
  g_task_set_check_cancellable (task, FALSE);
  if (options->core)
    shoal_get_async (options, task);
  else
    {
      shoal_set_closed_error (&error);
      g_task_return_error (task, error);
    }
}

void
shoal_client_download_async (ShoalClient *client, const char *fid, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (SHOAL_IS_CLIENT (client) && fid);
  ShoalGetOptions options = get_options (client, fid, cancellable, NULL);
  g_autoptr (GTask) task = g_task_new (client, cancellable, callback, user_data);
  g_task_set_source_tag (task, shoal_client_download_async);
  get_async (&options, task);
}

GBytes *
shoal_client_download_finish (ShoalClient *client, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, client), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
shoal_client_download_to_file_async (ShoalClient *client, const char *fid, const char *path,
                                     ShoalDownloadFlags flags, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (SHOAL_IS_CLIENT (client) && fid && path);
  ShoalGetOptions options = get_options (client, fid, cancellable, NULL);
  options.path = path;
  options.flags = flags;
  g_autoptr (GTask) task = g_task_new (client, cancellable, callback, user_data);
  g_task_set_source_tag (task, shoal_client_download_to_file_async);
  get_async (&options, task);
}

char *
shoal_client_download_to_file_finish (ShoalClient *client, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, client), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
shoal_client_cancel (ShoalClient *client, const char *fid, GError **error)
{
  g_return_val_if_fail (SHOAL_IS_CLIENT (client) && fid, FALSE);
  ShoalCore *core = core_of (client, error);
  return core && shoal_files_cancel (core, fid, error);
}

/* ---- asking ---- */

GPtrArray *
shoal_client_list_files (ShoalClient *client)
{
  g_return_val_if_fail (SHOAL_IS_CLIENT (client), NULL);
  return shoal_files_list (shoal_node_core (SHOAL_NODE (client)));
}

ShoalFileStatus *
shoal_client_get_file (ShoalClient *client, const char *fid, GError **error)
{
  g_return_val_if_fail (SHOAL_IS_CLIENT (client) && fid, NULL);
  ShoalCore *core = core_of (client, error);
  return core ? shoal_files_get_status (core, fid, error) : NULL;
}

GPtrArray *
shoal_client_list_neighbours (ShoalClient *client, const char *fid, GError **error)
{
  g_return_val_if_fail (SHOAL_IS_CLIENT (client) && fid, NULL);
  ShoalCore *core = core_of (client, error);
  return core ? shoal_files_list_neighbours (core, fid, error) : NULL;
}

char *
shoal_client_dup_magnet (ShoalClient *client, const char *fid, GError **error)
{
  g_return_val_if_fail (SHOAL_IS_CLIENT (client) && fid, NULL);
  ShoalCore *core = core_of (client, error);
  return core ? shoal_files_magnet (core, fid, error) : NULL;
}

/* ---- class ---- */

static void
shoal_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  ShoalClient *client = SHOAL_CLIENT (object);
  switch (id)
    {
    case PROPERTY_TRACKER:
      g_value_set_string (value, client->tracker);
      break;
    case PROPERTY_SERVER:
      g_value_set_string (value, client->server);
      break;
    case PROPERTY_STRATEGY:
      g_value_set_string (value, client->strategy);
      break;
    case PROPERTY_DOWNLOAD_TIMEOUT:
      g_value_set_uint (value, shoal_client_get_download_timeout (client));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
shoal_client_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  ShoalClient *client = SHOAL_CLIENT (object);
  switch (id)
    {
    case PROPERTY_TRACKER:
      client->tracker = g_value_dup_string (value);
      break;
    case PROPERTY_SERVER:
      client->server = g_value_dup_string (value);
      break;
    case PROPERTY_STRATEGY:
      client->strategy = g_value_dup_string (value);
      break;
    case PROPERTY_DOWNLOAD_TIMEOUT:
      shoal_client_set_download_timeout (client, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
shoal_client_finalize (GObject *object)
{
  ShoalClient *client = SHOAL_CLIENT (object);
  g_free (client->tracker);
  g_free (client->server);
  g_free (client->strategy);
  G_OBJECT_CLASS (shoal_client_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *class)
{
  const GParamFlags once = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags any = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  /**
   * ShoalClient:tracker:
   *
   * "HOST:PORT" of the tracker; %NULL: none.
   */
  properties[PROPERTY_TRACKER] = g_param_spec_string ("tracker", NULL, NULL, NULL, once);
  /**
   * ShoalClient:server:
   *
   * "HOST:PORT" of the server, for a client of the server-client model; %NULL:
   * it is none.
   */
  properties[PROPERTY_SERVER] = g_param_spec_string ("server", NULL, NULL, NULL, once);
  /**
   * ShoalClient:strategy:
   *
   * Whom the client serves: "none" (everybody), "tit-for-tat" (those who give most, newcomers, and one on
   * trial) or "turns" (some after others); %NULL: "none".
   */
  properties[PROPERTY_STRATEGY] = g_param_spec_string ("strategy", NULL, NULL, NULL, once);
  /**
   * ShoalClient:download-timeout:
   *
   * How long a download may take, milliseconds; 0: no limit.
   */
  properties[PROPERTY_DOWNLOAD_TIMEOUT] =
      g_param_spec_uint ("download-timeout", NULL, NULL, 0, G_MAXUINT, 0, any);
  g_object_class_install_properties (class, PROPERTIES, properties);
}

static void
install_signals (GType type)
{
  /**
   * ShoalClient::progress:
   * @client: the client
   * @fid: a file that is being downloaded
   * @held_bytes: verified and held
   * @size_bytes: of the whole file
   *
   * Some ten times a second while blocks come, and when the last one is there.
   */
  g_signal_new ("progress", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_STRING,
                G_TYPE_UINT64, G_TYPE_UINT64);
}

static void
shoal_client_class_init (ShoalClientClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  SHOAL_NODE_CLASS (class)->role = &CLIENT_ROLE;
  object_class->finalize = shoal_client_finalize;
  object_class->get_property = shoal_client_get_property;
  object_class->set_property = shoal_client_set_property;
  install_properties (object_class);
  install_signals (G_TYPE_FROM_CLASS (class));
  /**
   * ShoalClient::hashing:
   * @client: the client
   * @path: (type filename): a file that is being registered
   * @done_bytes: read so far
   * @size_bytes: of the whole file
   *
   * Some ten times a second while a file is read to be registered, and at the
   * end.
   */
  /**
   * ShoalClient::state-changed:
   * @client: the client
   * @fid: a file
   * @state: what it is from now on
   */
  /**
   * ShoalClient::file-changed:
   * @client: the client
   * @fid: a file
   * @path: (type filename): where it is
   * @lost_blocks: how many of its blocks are not offered any more
   *
   * A file on the disk is not what it was when it was registered or downloaded.
   * Registering it again, when it is as it was, mends that.
   */
  shoal_files_install_signals (G_TYPE_FROM_CLASS (class));
}

static void
shoal_client_init (ShoalClient *client)
{
  (void)client;
}
