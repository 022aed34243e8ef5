#include "real/shoal-node-private.h"

#include "real/shoal-inet.h"
#include "real/shoal-udp-proxy.h"

typedef struct {
  char *bind_address;                               /* owned; NULL: all */
  ShoalProxy *proxy;                                /* a reference; NULL: a UDP socket of our own */
  guint16 port;                                     /* wanted, until there is a core */
  guint64 upload_bytes_per_s, download_bytes_per_s; /* likewise */
  ShoalCore *core;                                  /* owned; set once */
} ShoalNodePrivate;

static void initable_init (GInitableIface *interface);

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (ShoalNode, shoal_node, G_TYPE_OBJECT,
                                  G_ADD_PRIVATE (ShoalNode)
                                      G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_init)
                                          G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE, NULL))

enum {
  PROPERTY_BIND_ADDRESS = 1,
  PROPERTY_PROXY,
  PROPERTY_PORT,
  PROPERTY_UPLOAD_RATE,
  PROPERTY_DOWNLOAD_RATE,
  PROPERTIES,
};

static GParamSpec *properties[PROPERTIES];

static ShoalNodePrivate *
private_of (ShoalNode *node)
{
  return shoal_node_get_instance_private (node);
}

ShoalCore *
shoal_node_core (ShoalNode *node)
{
  return private_of (node)->core;
}

void
shoal_set_closed_error (GError **error)
{
  g_set_error_literal (error, SHOAL_ERROR, SHOAL_ERROR_CLOSED, "the node is closed; make a new one");
}

ShoalCore *
shoal_node_open_core (ShoalNode *node, GError **error)
{
  ShoalCore *core = shoal_node_core (node);
  if (core && !shoal_core_is_closing (core))
    return core;
  shoal_set_closed_error (error);
  return NULL;
}

/* ---- making ---- */

static ShoalUdp *
bind_socket (const ShoalNodePrivate *private, GError **error)
{
  ShoalAddr addr = { .port = private->port };
  if (!private->bind_address || shoal_inet_parse (private->bind_address, private->port, &addr))
    return shoal_udp_new (&addr, error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
               "'%s' is not an IP address; name one that this host has, or none for all",
               private->bind_address);
  return NULL;
}

/* A socket of our own, a proxy's, or a proxy of the caller's. */
static bool
find_carrier (ShoalNode *node, ShoalCoreOptions *options, GError **error)
{
  const ShoalNodePrivate *private = private_of (node);
  options->proxy = private->proxy;
  if (!options->proxy)
    {
      options->upload_bytes_per_s = private->upload_bytes_per_s;
      options->download_bytes_per_s = private->download_bytes_per_s;
      options->udp = bind_socket (private, error);
      return options->udp != NULL;
    }
  options->upload_bytes_per_s = shoal_proxy_get_upload_rate (options->proxy);
  options->download_bytes_per_s = shoal_proxy_get_download_rate (options->proxy);
  if (!SHOAL_IS_UDP_PROXY (options->proxy))
    return true;
  options->udp = shoal_udp_proxy_take (SHOAL_UDP_PROXY (options->proxy), node, error);
  return options->udp != NULL;
}

static gboolean
shoal_node_initable_init (GInitable *initable, GCancellable *cancellable, GError **error)
{
  ShoalNode *node = SHOAL_NODE (initable);
  ShoalNodePrivate *private = private_of (node);
  const ShoalNodeRole *role = SHOAL_NODE_GET_CLASS (node)->role;
  ShoalCoreOptions options = { .object = G_OBJECT (node) };
  if (private->core)
    return TRUE;
  if (g_cancellable_set_error_if_cancelled (cancellable, error)
      || !role->prepare (node, &options, cancellable, error))
    return FALSE;
  if (g_cancellable_set_error_if_cancelled (cancellable, error) || !find_carrier (node, &options, error))
    {
      options.ops->free (options.data);
      return FALSE;
    }
  private->core = shoal_core_new (&options, error);
  return private->core != NULL;
}

static void
initable_init (GInitableIface *interface)
{
  interface->init = shoal_node_initable_init;
}

/* ---- rates and the like ---- */

ShoalProxy *
shoal_node_get_proxy (ShoalNode *node)
{
  g_return_val_if_fail (SHOAL_IS_NODE (node), NULL);
  return private_of (node)->proxy;
}

guint16
shoal_node_get_port (ShoalNode *node)
{
  g_return_val_if_fail (SHOAL_IS_NODE (node), 0);
  const ShoalNodePrivate *private = private_of (node);
  return private->core ? shoal_core_port (private->core) : private->port;
}

static void
get_rates (ShoalNode *node, guint64 *up, guint64 *down)
{
  ShoalNodePrivate *private = private_of (node);
  uint64_t core_up = private->upload_bytes_per_s, core_down = private->download_bytes_per_s;
  if (private->core)
    shoal_core_rates (private->core, &core_up, &core_down);
  *up = core_up;
  *down = core_down;
}

guint64
shoal_node_get_upload_rate (ShoalNode *node)
{
  guint64 up, down;
  g_return_val_if_fail (SHOAL_IS_NODE (node), 0);
  get_rates (node, &up, &down);
  return up;
}

guint64
shoal_node_get_download_rate (ShoalNode *node)
{
  guint64 up, down;
  g_return_val_if_fail (SHOAL_IS_NODE (node), 0);
  get_rates (node, &up, &down);
  return down;
}

void
shoal_node_set_upload_rate (ShoalNode *node, guint64 bytes_per_s)
{
  g_return_if_fail (SHOAL_IS_NODE (node));
  ShoalNodePrivate *private = private_of (node);
  if (!private->core)
  private->upload_bytes_per_s = bytes_per_s;
  else if (shoal_core_set_upload_rate (private->core, bytes_per_s))
      g_object_notify_by_pspec (G_OBJECT (node), properties[PROPERTY_UPLOAD_RATE]);
}

void
shoal_node_set_download_rate (ShoalNode *node, guint64 bytes_per_s)
{
  g_return_if_fail (SHOAL_IS_NODE (node));
  ShoalNodePrivate *private = private_of (node);
  if (!private->core)
  private->download_bytes_per_s = bytes_per_s;
  else if (shoal_core_set_download_rate (private->core, bytes_per_s))
      g_object_notify_by_pspec (G_OBJECT (node), properties[PROPERTY_DOWNLOAD_RATE]);
}

ShoalNodeStatus *
shoal_node_get_status (ShoalNode *node)
{
  g_return_val_if_fail (SHOAL_IS_NODE (node), NULL);
  ShoalCore *core = shoal_node_core (node);
  ShoalNodeStatus status = { 0 };
  if (core)
    status = shoal_core_status (core);
  return shoal_node_status_copy (&status);
}

char *
shoal_node_dup_trouble (ShoalNode *node)
{
  g_return_val_if_fail (SHOAL_IS_NODE (node), NULL);
  ShoalCore *core = shoal_node_core (node);
  return core ? shoal_core_trouble (core) : NULL;
}

/* ---- the end ---- */

gboolean
shoal_node_is_closed (ShoalNode *node)
{
  g_return_val_if_fail (SHOAL_IS_NODE (node), TRUE);
  ShoalCore *core = shoal_node_core (node);
  return !core || shoal_core_is_closing (core);
}

gboolean
shoal_node_close (ShoalNode *node, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (SHOAL_IS_NODE (node), FALSE);
  ShoalCore *core = shoal_node_core (node);
  return !core || shoal_core_close (core, cancellable, error);
}

static void
close_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  (void)data;
  if (shoal_node_close (source, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
shoal_node_close_async (ShoalNode *node, GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_return_if_fail (SHOAL_IS_NODE (node));
  g_autoptr (GTask) task = g_task_new (node, cancellable, callback, user_data);
  g_task_set_source_tag (task, shoal_node_close_async);
  g_task_set_check_cancellable (task, FALSE); /* closing says itself what became of it */
  g_task_run_in_thread (task, close_in_thread);
}

gboolean
shoal_node_close_finish (ShoalNode *node, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, node), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Never waits: this may be any thread, also the core's own. */
static void
shoal_node_dispose (GObject *object)
{
  ShoalNodePrivate *private = private_of (SHOAL_NODE (object));
  if (private->core)
    shoal_core_leave (private->core);
  G_OBJECT_CLASS (shoal_node_parent_class)->dispose (object);
}

static void
shoal_node_finalize (GObject *object)
{
  ShoalNodePrivate *private = private_of (SHOAL_NODE (object));
  g_clear_pointer (&private->core, shoal_core_unref);
  g_clear_object (&private->proxy);
  g_free (private->bind_address);
  G_OBJECT_CLASS (shoal_node_parent_class)->finalize (object);
}

/* ---- properties ---- */

static void
shoal_node_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  ShoalNode *node = SHOAL_NODE (object);
  switch (id)
    {
    case PROPERTY_BIND_ADDRESS:
      g_value_set_string (value, private_of (node)->bind_address);
      break;
    case PROPERTY_PROXY:
      g_value_set_object (value, private_of (node)->proxy);
      break;
    case PROPERTY_PORT:
      g_value_set_uint (value, shoal_node_get_port (node));
      break;
    case PROPERTY_UPLOAD_RATE:
      g_value_set_uint64 (value, shoal_node_get_upload_rate (node));
      break;
    case PROPERTY_DOWNLOAD_RATE:
      g_value_set_uint64 (value, shoal_node_get_download_rate (node));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
shoal_node_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  ShoalNode *node = SHOAL_NODE (object);
  switch (id)
    {
    case PROPERTY_BIND_ADDRESS:
      private_of (node)->bind_address = g_value_dup_string (value);
      break;
    case PROPERTY_PROXY:
      private_of (node)->proxy = g_value_dup_object (value);
      break;
    case PROPERTY_PORT:
      private_of (node)->port = (guint16)g_value_get_uint (value);
      break;
    case PROPERTY_UPLOAD_RATE:
      shoal_node_set_upload_rate (node, g_value_get_uint64 (value));
      break;
    case PROPERTY_DOWNLOAD_RATE:
      shoal_node_set_download_rate (node, g_value_get_uint64 (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
install_properties (GObjectClass *class)
{
  const GParamFlags once = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  const GParamFlags any = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  /**
   * ShoalNode:bind-address:
   *
   * The IP address where the node is reached; %NULL: all that the host has.
   * With a proxy it is the proxy's that holds.
   */
  properties[PROPERTY_BIND_ADDRESS] = g_param_spec_string ("bind-address", NULL, NULL, NULL, once);
  /**
   * ShoalNode:proxy:
   *
   * What carries the node's datagrams; %NULL: a UDP socket of its own. A node takes over its proxy: closing the
   * node closes the proxy, and one proxy is for one node. Its port and its rates are the proxy's.
   */
  properties[PROPERTY_PROXY] = g_param_spec_object ("proxy", NULL, NULL, SHOAL_TYPE_PROXY, once);
  /**
   * ShoalNode:port:
   *
   * The UDP port where the node is reached; 0 when it is made: a free one.
   */
  properties[PROPERTY_PORT] = g_param_spec_uint ("port", NULL, NULL, 0, G_MAXUINT16, 0, once);
  /**
   * ShoalNode:upload-rate:
   *
   * Bytes per second, 0: unlimited.
   */
  properties[PROPERTY_UPLOAD_RATE] = g_param_spec_uint64 ("upload-rate", NULL, NULL, 0, G_MAXUINT64, 0, any);
  /**
   * ShoalNode:download-rate:
   *
   * Bytes per second, 0: unlimited.
   */
  properties[PROPERTY_DOWNLOAD_RATE] =
      g_param_spec_uint64 ("download-rate", NULL, NULL, 0, G_MAXUINT64, 0, any);
  g_object_class_install_properties (class, PROPERTIES, properties);
}

static void
shoal_node_class_init (ShoalNodeClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  object_class->dispose = shoal_node_dispose;
  object_class->finalize = shoal_node_finalize;
  object_class->get_property = shoal_node_get_property;
  object_class->set_property = shoal_node_set_property;
  install_properties (object_class);
}

static void
shoal_node_init (ShoalNode *node)
{
  (void)node;
}
