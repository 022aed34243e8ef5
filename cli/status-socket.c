#include "cli/status-socket.h"

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define SUFFIX ".sock"
/* So long a process may take to answer, or an asker to listen. */
#define PATIENCE_S 2
#define ANSWER_MAX_BYTES (16u << 20)

struct ShoalStatusSocket {
  GSocketService *service;
  char *path; /* owned */
  ShoalStatusText text;
  void *context;
};

/* $XDG_RUNTIME_DIR/shoal, or a folder of the user's cache where there is no such. */
static char *
folder (void)
{
  return g_build_filename (g_get_user_runtime_dir (), "shoal", NULL);
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
  ShoalStatusSocket *socket = data;
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  g_autofree char *text = socket->text (socket->context);
  (void)service, (void)source;
  g_socket_set_timeout (g_socket_connection_get_socket (connection), PATIENCE_S);
  g_output_stream_write_all (out, text, strlen (text), NULL, NULL, NULL);
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  return TRUE;
}

/* One of our number that died may have left its socket. */
static bool
listen_at (ShoalStatusSocket *socket, GError **error)
{
  if (strlen (socket->path) >= sizeof ((struct sockaddr_un *)NULL)->sun_path)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG, "the path '%s' is too long for a socket",
                   socket->path);
      return false;
    }
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (socket->path);
  g_unlink (socket->path);
  return g_socket_listener_add_address (G_SOCKET_LISTENER (socket->service), address, G_SOCKET_TYPE_STREAM,
                                        G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, error);
}

ShoalStatusSocket *
shoal_status_socket_new (ShoalStatusText text, void *context, GError **error)
{
  g_autofree char *at = folder ();
  g_autofree char *name = g_strdup_printf ("%d" SUFFIX, (int)getpid ());
  if (g_mkdir_with_parents (at, 0700) != 0)
    {
      int number = errno;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (number), "cannot make '%s': %s", at,
                   g_strerror (number));
      return NULL;
    }
  ShoalStatusSocket *socket = g_new0 (ShoalStatusSocket, 1);
  socket->text = text;
  socket->context = context;
  socket->path = g_build_filename (at, name, NULL);
  socket->service = g_socket_service_new ();
  if (!listen_at (socket, error))
    {
      g_clear_pointer (&socket->path, g_free); /* it is not ours to remove */
      shoal_status_socket_free (socket);
      return NULL;
    }
  g_signal_connect (socket->service, "incoming", G_CALLBACK (on_incoming), socket);
  g_socket_service_start (socket->service);
  return socket;
}

void
shoal_status_socket_free (ShoalStatusSocket *socket)
{
  if (socket == NULL)
    return;
  g_socket_service_stop (socket->service);
  g_socket_listener_close (G_SOCKET_LISTENER (socket->service));
  g_object_unref (socket->service);
  if (socket->path != NULL)
    g_unlink (socket->path);
  g_free (socket->path);
  g_free (socket);
}

/* ---- asking ---- */

static char *
read_all (GInputStream *in)
{
  g_autoptr (GString) text = g_string_new (NULL);
  char part[4096];
  gssize got;
  while ((got = g_input_stream_read (in, part, sizeof part, NULL, NULL)) > 0 && text->len < ANSWER_MAX_BYTES)
    g_string_append_len (text, part, got);
  return got == 0 && text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

/* NULL: it does not answer. */
static char *
ask (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_socket_client_set_timeout (client, PATIENCE_S);
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error);
  if (connection != NULL)
    return read_all (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    g_unlink (path); /* its process is dead */
  return NULL;
}

static int
by_number (gconstpointer a, gconstpointer b)
{
  int x = atoi (*(const char *const *)a), y = atoi (*(const char *const *)b);
  return (x > y) - (x < y);
}

GPtrArray *
shoal_status_ask_all (void)
{
  GPtrArray *texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *at = folder ();
  g_autoptr (GDir) dir = g_dir_open (at, 0, NULL);
  for (const char *name; dir != NULL && (name = g_dir_read_name (dir)) != NULL;)
    if (g_str_has_suffix (name, SUFFIX))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, by_number);
  for (unsigned i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (at, names->pdata[i], NULL);
      char *text = ask (path);
      if (text != NULL)
        g_ptr_array_add (texts, text);
    }
  return texts;
}
