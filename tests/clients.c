#include "tests/clients.h"

#include "src/infodict.h"
#include "src/seeded.h"

#include <check.h>

static Scratch *folder;
static ShoalTracker *tracker;
static GPtrArray *nodes, *strings;

Scratch *
clients_folder (void)
{
  return folder;
}

ShoalTracker *
clients_tracker (void)
{
  return tracker;
}

static const char *
keep (char *text)
{
  g_ptr_array_add (strings, text);
  return text;
}

const char *
clients_address (ShoalNode *node)
{
  return keep (g_strdup_printf ("127.0.0.1:%u", shoal_node_get_port (node)));
}

const char *
clients_tracker_address (void)
{
  return clients_address (SHOAL_NODE (tracker));
}

static void
end_node (gpointer node)
{
  shoal_node_close (node, NULL, NULL);
  g_object_unref (node);
}

void
clients_set_up (void)
{
  folder = scratch_new ();
  nodes = g_ptr_array_new_with_free_func (end_node);
  strings = g_ptr_array_new_with_free_func (g_free);
  tracker = shoal_tracker_new (0, 0, 0, NULL);
  ck_assert_ptr_nonnull (tracker);
}

void
clients_tear_down (void)
{
  g_ptr_array_unref (nodes);
  end_node (tracker);
  g_ptr_array_unref (strings);
  scratch_free (folder);
}

void
clients_adopt (gpointer node)
{
  ck_assert_ptr_nonnull (node);
  g_ptr_array_insert (nodes, 0, node);
}

ShoalClient *
clients_add (uint64_t bytes_per_s)
{
  g_autoptr (GError) error = NULL;
  ShoalClient *client =
      shoal_client_new (clients_tracker_address (), NULL, 0, bytes_per_s, bytes_per_s, &error);
  ck_assert_msg (client != NULL, "%s", error ? error->message : "");
  clients_adopt (client);
  return client;
}

const char *
clients_share (ShoalClient *client, const char *name, uint64_t seed, uint64_t length_bytes)
{
  g_autoptr (GError) error = NULL;
  const char *path = scratch_path (folder, name);
  scratch_write_seeded (path, seed, length_bytes);
  char *fid = shoal_client_register (client, path, NULL, &error);
  ck_assert_msg (fid != NULL, "%s", error ? error->message : "");
  return keep (fid);
}

const char *
clients_fid (const char *name, uint64_t seed, uint64_t length_bytes)
{
  char hex[SHOAL_FID_HEX_LENGTH + 1];
  ShoalFile file;
  ShoalMerkle *tree;
  scratch_describe (name, seed, length_bytes, &file, &tree);
  g_clear_pointer (&tree, shoal_merkle_unref);
  shoal_fid_to_hex (&file.fid, hex);
  return keep (g_strdup (hex));
}

bool
clients_bytes_are (GBytes *bytes, uint64_t seed, uint64_t length_bytes)
{
  gsize length;
  const uint8_t *data = g_bytes_get_data (bytes, &length);
  g_autofree uint8_t *wanted = g_malloc (length_bytes + 1);
  shoal_seeded_bytes (seed, 0, wanted, length_bytes);
  return length == length_bytes && (length == 0 || memcmp (data, wanted, length) == 0);
}

void
clients_check_download (ShoalClient *client, const char *fid, uint64_t seed, uint64_t length_bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = shoal_client_download (client, fid, NULL, &error);
  ck_assert_msg (bytes != NULL, "%s", error ? error->message : "");
  ck_assert (clients_bytes_are (bytes, seed, length_bytes));
}

void
clients_wait (bool (*holds) (gpointer data), gpointer data)
{
  for (unsigned i = 0; i < 3000 && !holds (data); i++)
    g_usleep (5000);
  ck_assert (holds (data));
}
