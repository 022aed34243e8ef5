/* How `shoal status` learns what the other shoal processes of this user do: each has a socket in a folder of
 * the user's, and whoever connects to it is told, in one JSON object, and no more. The socket of a process
 * that has died answers nobody, so nothing told is ever out of date. */
#pragma once

#include <gio/gio.h>

typedef struct ShoalStatusSocket ShoalStatusSocket;

/* What the process does now: one line. Owned by the socket, which calls this in the main context. */
typedef char *(*ShoalStatusText) (void *context);

/* NULL and error: the folder cannot be made or its path is too long. Owned by the caller. */
ShoalStatusSocket *shoal_status_socket_new (ShoalStatusText text, void *context, GError **error);
/* Takes it away. NULL is ignored. */
void shoal_status_socket_free (ShoalStatusSocket *socket);

/* Asks all processes of this user, in the order of their numbers: texts, as they gave them. Sockets of dead ones are
 * taken away. Owned by the caller. */
GPtrArray *shoal_status_ask_all (void);
