#include "src/infodict.h"

#include "src/bencode.h"
#include "src/bytes.h"
#include "src/sha256.h"

#define PIECES_AIM 2048u
#define DEFAULT_PIECE_MAX_BYTES (16u << 20)

uint32_t
shoal_default_piece_length (uint64_t length_bytes)
{
  uint32_t piece = SHOAL_BLOCK_BYTES;
  while (piece < DEFAULT_PIECE_MAX_BYTES && length_bytes > (uint64_t)piece * PIECES_AIM)
    piece *= 2;
  return piece;
}

static bool
name_bytes_valid (const uint8_t *bytes, size_t length)
{
  if (length == 0 || length > SHOAL_NAME_MAX_BYTES || memchr (bytes, '/', length) != NULL)
    return false;
  if (bytes[0] == '.' && (length == 1 || (length == 2 && bytes[1] == '.')))
    return false;
  return g_utf8_validate ((const char *)bytes, (gssize)length, NULL); /* a NUL fails too */
}

bool
shoal_name_valid (const char *name)
{
  return name_bytes_valid ((const uint8_t *)name, strlen (name));
}

static bool
piece_length_valid (uint64_t bytes)
{
  return bytes >= SHOAL_BLOCK_BYTES && bytes <= UINT32_MAX && (bytes & (bytes - 1)) == 0;
}

static void
write_text (ShoalWriter *w, const char *text)
{
  shoal_write_bytes (w, text, strlen (text));
}

static void
write_string (ShoalWriter *w, const char *text)
{
  char head[32];
  g_snprintf (head, sizeof head, "%zu:", strlen (text));
  write_text (w, head);
  write_text (w, text);
}

static void
write_integer (ShoalWriter *w, uint64_t v)
{
  char text[32];
  g_snprintf (text, sizeof text, "i%" G_GUINT64_FORMAT "e", (guint64)v);
  write_text (w, text);
}

/* The value of "file tree": one file at the top, whose properties stand under the empty key. */
static void
write_file_tree (ShoalWriter *w, const ShoalInfo *info)
{
  write_text (w, "d");
  write_string (w, info->name);
  write_text (w, "d0:d6:length");
  write_integer (w, info->length_bytes);
  if (info->length_bytes > 0)
    {
      write_text (w, "11:pieces root32:");
      shoal_write_bytes (w, info->root, SHOAL_HASH_BYTES);
    }
  write_text (w, "eee");
}

ShoalResult
shoal_infodict_write (const ShoalInfo *info, uint8_t *out, size_t *length)
{
  *length = 0;
  if (!shoal_name_valid (info->name) || info->length_bytes > SHOAL_LENGTH_MAX_BYTES
      || !piece_length_valid (info->piece_length_bytes))
    return SHOAL_MALFORMED;
  ShoalWriter w = shoal_writer (out, SHOAL_INFODICT_MAX_BYTES);
  write_text (&w, "d9:file tree");
  write_file_tree (&w, info);
  write_text (&w, "12:meta versioni2e4:name");
  write_string (&w, info->name);
  write_text (&w, "12:piece length");
  write_integer (&w, info->piece_length_bytes);
  write_text (&w, "e");
  g_assert (!w.failed);
  *length = w.length;
  return SHOAL_OK;
}

/* What the dictionary says, before it is judged as a whole. */
typedef struct {
  ShoalBencodeString tree_name, name, root;
  uint64_t length_bytes, piece_length_bytes, meta_version;
  unsigned files; /* entries of the file tree */
  bool has_length;
} Found;

/* A file's properties: the value of the empty key. */
static void
read_properties (ShoalReader *r, Found *found)
{
  ShoalBencodeDict dict;
  shoal_bencode_dict_begin (r, &dict);
  while (shoal_bencode_dict_next (r, &dict))
    if (shoal_bencode_is (&dict.key, "length"))
      {
        found->length_bytes = shoal_bencode_read_unsigned (r);
        found->has_length = true;
      }
    else if (shoal_bencode_is (&dict.key, "pieces root"))
      found->root = shoal_bencode_read_string (r);
    else
      shoal_bencode_skip (r);
}

/* An entry of the tree is a file when the empty key is its only one. */
static void
read_entry (ShoalReader *r, Found *found)
{
  ShoalBencodeDict dict;
  shoal_bencode_dict_begin (r, &dict);
  while (shoal_bencode_dict_next (r, &dict))
    if (dict.key.length == 0)
      read_properties (r, found);
    else
      r->failed = true;
}

static void
read_file_tree (ShoalReader *r, Found *found)
{
  ShoalBencodeDict dict;
  shoal_bencode_dict_begin (r, &dict);
  while (shoal_bencode_dict_next (r, &dict))
    {
      found->files++;
      found->tree_name = dict.key;
      read_entry (r, found);
    }
}

static void
read_top (ShoalReader *r, Found *found)
{
  ShoalBencodeDict dict;
  shoal_bencode_dict_begin (r, &dict);
  while (shoal_bencode_dict_next (r, &dict))
    if (shoal_bencode_is (&dict.key, "file tree"))
      read_file_tree (r, found);
    else if (shoal_bencode_is (&dict.key, "meta version"))
      found->meta_version = shoal_bencode_read_unsigned (r);
    else if (shoal_bencode_is (&dict.key, "name"))
      found->name = shoal_bencode_read_string (r);
    else if (shoal_bencode_is (&dict.key, "piece length"))
      found->piece_length_bytes = shoal_bencode_read_unsigned (r);
    else
      shoal_bencode_skip (r);
}

/* A name unlike the tree's only entry would be a folder with one file in it, which is no single file. */
static bool
names_fit (const Found *found)
{
  const ShoalBencodeString *a = &found->tree_name, *b = &found->name;
  return found->files == 1 && a->length == b->length && name_bytes_valid (a->bytes, a->length)
         && memcmp (a->bytes, b->bytes, a->length) == 0;
}

static ShoalResult
judge (const Found *found)
{
  if (found->meta_version != 2 || !found->has_length || !names_fit (found)
      || !piece_length_valid (found->piece_length_bytes))
    return SHOAL_MALFORMED;
  if (found->root.length != (found->length_bytes > 0 ? SHOAL_HASH_BYTES : 0))
    return SHOAL_MALFORMED;
  return found->length_bytes <= SHOAL_LENGTH_MAX_BYTES ? SHOAL_OK : SHOAL_TOO_LARGE;
}

ShoalResult
shoal_infodict_read (const uint8_t *bytes, size_t length, ShoalInfo *info)
{
  *info = (ShoalInfo){ 0 };
  if (length > SHOAL_INFODICT_MAX_BYTES)
    return SHOAL_TOO_LARGE;
  ShoalReader r = shoal_reader (bytes, length);
  Found found = { 0 };
  read_top (&r, &found);
  if (r.failed || r.left > 0)
    return SHOAL_MALFORMED;
  ShoalResult result = judge (&found);
  if (result != SHOAL_OK)
    return result;
  memcpy (info->name, found.name.bytes, found.name.length);
  info->length_bytes = found.length_bytes;
  info->piece_length_bytes = (uint32_t)found.piece_length_bytes;
  if (found.root.length > 0)
    memcpy (info->root, found.root.bytes, SHOAL_HASH_BYTES);
  return SHOAL_OK;
}

void
shoal_infodict_fid (const uint8_t *bytes, size_t length, ShoalFid *fid)
{
  shoal_sha256 (bytes, length, fid->bytes);
}

void
shoal_fid_to_hex (const ShoalFid *fid, char hex[SHOAL_FID_HEX_LENGTH + 1])
{
  static const char digits[] = "0123456789abcdef";
  for (unsigned i = 0; i < SHOAL_HASH_BYTES; i++)
    {
      hex[2 * i] = digits[fid->bytes[i] >> 4];
      hex[2 * i + 1] = digits[fid->bytes[i] & 15];
    }
  hex[SHOAL_FID_HEX_LENGTH] = '\0';
}

static bool
parse_hex (const char *text, ShoalFid *fid)
{
  if (strlen (text) != SHOAL_FID_HEX_LENGTH)
    return false;
  ShoalFid read;
  for (unsigned i = 0; i < SHOAL_HASH_BYTES; i++)
    {
      int high = g_ascii_xdigit_value (text[2 * i]), low = g_ascii_xdigit_value (text[2 * i + 1]);
      if (high < 0 || low < 0)
        return false;
      read.bytes[i] = (uint8_t)(high << 4 | low);
    }
  *fid = read;
  return true;
}

/* One name=value of a magnet link. BEP 9 numbers repeated topics: xt.1, xt.2 … */
static bool
parse_topic (const char *parameter, ShoalFid *fid)
{
  static const char topic[] = "urn:btmh:1220"; /* a multihash: SHA-256 (0x12), 32 bytes (0x20) */
  const char *equals = strchr (parameter, '=');
  if (equals == NULL || (!g_str_has_prefix (parameter, "xt=") && !g_str_has_prefix (parameter, "xt.")))
    return false;
  char *value = g_uri_unescape_string (equals + 1, NULL);
  bool found = value != NULL && g_ascii_strncasecmp (value, topic, strlen (topic)) == 0
               && parse_hex (value + strlen (topic), fid);
  g_free (value);
  return found;
}

bool
shoal_fid_parse (const char *text, ShoalFid *fid)
{
  static const char scheme[] = "magnet:?";
  if (g_ascii_strncasecmp (text, scheme, strlen (scheme)) != 0)
    return parse_hex (text, fid);
  char **parameters = g_strsplit (text + strlen (scheme), "&", -1);
  bool found = false;
  for (char **p = parameters; *p != NULL && !found; p++)
    found = parse_topic (*p, fid);
  g_strfreev (parameters);
  return found;
}
