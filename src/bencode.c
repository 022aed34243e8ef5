#include "src/bencode.h"

static bool
next_is (const ShoalReader *r, char c)
{
  return !r->failed && r->left > 0 && *r->at == (uint8_t)c;
}

static void
expect (ShoalReader *r, char c)
{
  if (shoal_read_u8 (r) != (uint8_t)c)
    r->failed = true;
}

static bool
next_is_digit (const ShoalReader *r)
{
  return !r->failed && r->left > 0 && g_ascii_isdigit ((char)*r->at);
}

/* Digits up to a character that is none: at least one, no leading zero, below 2^64. */
static uint64_t
read_digits (ShoalReader *r)
{
  uint64_t v = 0;
  unsigned digits = 0;
  for (; next_is_digit (r); digits++)
    {
      unsigned digit = shoal_read_u8 (r) - (unsigned)'0';
      if (v > (UINT64_MAX - digit) / 10 || (digits > 0 && v == 0))
        r->failed = true;
      v = v * 10 + digit;
    }
  if (digits == 0)
    r->failed = true;
  return r->failed ? 0 : v;
}

ShoalBencodeString
shoal_bencode_read_string (ShoalReader *r)
{
  ShoalBencodeString s = { 0 };
  uint64_t length = read_digits (r);
  expect (r, ':');
  if (length > r->left)
    r->failed = true;
  if (r->failed)
    return s;
  s.length = (size_t)length;
  s.bytes = shoal_read_bytes (r, s.length);
  return s;
}

uint64_t
shoal_bencode_read_unsigned (ShoalReader *r)
{
  expect (r, 'i');
  uint64_t v = read_digits (r);
  expect (r, 'e');
  return r->failed ? 0 : v;
}

static void
skip_integer (ShoalReader *r)
{
  expect (r, 'i');
  bool negative = next_is (r, '-');
  if (negative)
    expect (r, '-');
  if (read_digits (r) == 0 && negative)
    r->failed = true;
  expect (r, 'e');
}

static void skip_value (ShoalReader *r, unsigned depth);

static void
skip_list (ShoalReader *r, unsigned depth)
{
  expect (r, 'l');
  while (!r->failed && !next_is (r, 'e'))
    skip_value (r, depth + 1);
  expect (r, 'e');
}

static void
skip_dict (ShoalReader *r, unsigned depth)
{
  ShoalBencodeDict dict;
  shoal_bencode_dict_begin (r, &dict);
  while (shoal_bencode_dict_next (r, &dict))
    skip_value (r, depth + 1);
}

static void
skip_value (ShoalReader *r, unsigned depth)
{
  if (depth > SHOAL_BENCODE_MAX_DEPTH)
    r->failed = true;
  else if (next_is (r, 'i'))
    skip_integer (r);
  else if (next_is (r, 'l'))
    skip_list (r, depth);
  else if (next_is (r, 'd'))
    skip_dict (r, depth);
  else
    shoal_bencode_read_string (r);
}

void
shoal_bencode_skip (ShoalReader *r)
{
  skip_value (r, 0);
}

void
shoal_bencode_dict_begin (ShoalReader *r, ShoalBencodeDict *dict)
{
  *dict = (ShoalBencodeDict){ 0 };
  expect (r, 'd');
}

static int
compare (const ShoalBencodeString *a, const ShoalBencodeString *b)
{
  size_t common = MIN (a->length, b->length);
  int order = common > 0 ? memcmp (a->bytes, b->bytes, common) : 0;
  return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

bool
shoal_bencode_dict_next (ShoalReader *r, ShoalBencodeDict *dict)
{
  if (r->failed)
    return false;
  if (next_is (r, 'e'))
    {
      shoal_read_u8 (r);
      return false;
    }
  ShoalBencodeString key = shoal_bencode_read_string (r);
  if (!r->failed && dict->any && compare (&key, &dict->key) <= 0)
    r->failed = true;
  dict->key = key;
  dict->any = true;
  return !r->failed;
}

bool
shoal_bencode_is (const ShoalBencodeString *s, const char *text)
{
  size_t length = strlen (text);
  return s->length == length && (length == 0 || memcmp (s->bytes, text, length) == 0);
}
