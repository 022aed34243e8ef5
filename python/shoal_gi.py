"""Loads libshoal: `from shoal_gi import Shoal`.

Works where libshoal is installed, and in a source tree that was built (in build/, or in the folder that the
variable top_builddir names), without any setting. What the others here share stands here, too.
"""

import concurrent.futures
import errno
import os
import operator
import pathlib
import socket
import threading

import gi

gi.require_version("GIRepository", "2.0")
from gi.repository import GIRepository  # noqa: E402


def _places():
    """Folders of the typelib and of the library: installed, then of a build."""
    try:
        import shoal_paths  # made by `make`, installed beside this
        yield pathlib.Path(shoal_paths.typelibdir), pathlib.Path(shoal_paths.libdir)
    except ImportError:
        pass
    top = pathlib.Path(__file__).resolve().parent.parent
    for build in (os.environ.get("top_builddir"), top / "build", top):
        if build:
            yield pathlib.Path(build), pathlib.Path(build) / ".libs"


for _typelibs, _libraries in _places():
    if (_typelibs / "Shoal-1.0.typelib").exists():
        GIRepository.Repository.prepend_search_path(str(_typelibs))
        GIRepository.Repository.prepend_library_path(str(_libraries))
        break

gi.require_version("Shoal", "1.0")
from gi.repository import Gio, GLib, Shoal  # noqa: E402

__all__ = ["Gio", "GLib", "Shoal", "call", "host_and_port", "interruptible", "rate_of", "resolve", "text_of"]

_ERRNO = {
    Gio.IOErrorEnum.NOT_FOUND: errno.ENOENT,
    Gio.IOErrorEnum.EXISTS: errno.EEXIST,
    Gio.IOErrorEnum.IS_DIRECTORY: errno.EISDIR,
    Gio.IOErrorEnum.NOT_DIRECTORY: errno.ENOTDIR,
    Gio.IOErrorEnum.NOT_REGULAR_FILE: errno.EINVAL,
    Gio.IOErrorEnum.FILENAME_TOO_LONG: errno.ENAMETOOLONG,
    Gio.IOErrorEnum.MESSAGE_TOO_LARGE: errno.EMSGSIZE,
    Gio.IOErrorEnum.PERMISSION_DENIED: errno.EACCES,
    Gio.IOErrorEnum.NO_SPACE: errno.ENOSPC,
    Gio.IOErrorEnum.ADDRESS_IN_USE: errno.EADDRINUSE,
    Gio.IOErrorEnum.CLOSED: errno.EBADF,
    Gio.IOErrorEnum.BUSY: errno.EBUSY,
}


def _translated(error):
    """The exception that says in Python what a GLib.Error says."""
    def is_shoal(code):
        return error.matches(Shoal.error_quark(), code)

    def is_io(code):
        return error.matches(Gio.io_error_quark(), code)

    if is_io(Gio.IOErrorEnum.CANCELLED):
        return concurrent.futures.CancelledError(error.message)
    if is_shoal(Shoal.Error.NO_HOLDER) or is_shoal(Shoal.Error.TIMED_OUT):
        return TimeoutError(error.message)
    if is_shoal(Shoal.Error.INVALID_FID) or is_io(Gio.IOErrorEnum.INVALID_ARGUMENT):
        return ValueError(error.message)
    if is_shoal(Shoal.Error.CLOSED):
        return ConnectionAbortedError(errno.ECONNABORTED, error.message)
    if is_io(Gio.IOErrorEnum.HOST_NOT_FOUND):
        return socket.gaierror(socket.EAI_NONAME, error.message)
    for code, number in _ERRNO.items():
        if is_io(code):
            return OSError(number, error.message)
    if error.domain == GLib.quark_to_string(Gio.io_error_quark()):
        return OSError(errno.EIO, error.message)
    return RuntimeError(error.message)


def call(function, *arguments):
    """Calls, and raises Python's own exceptions."""
    try:
        return function(*arguments)
    except GLib.Error as error:
        raise _translated(error) from error


def interruptible(function, *arguments):
    """Calls function(*arguments, cancellable), so that Ctrl-C ends it.

    Python handles signals in its main thread, between its own instructions: while that waits in a call of C,
    Ctrl-C does nothing. There the call is made by another thread.
    """
    cancellable = Gio.Cancellable()
    if threading.current_thread() is not threading.main_thread():
        return call(function, *arguments, cancellable)
    with concurrent.futures.ThreadPoolExecutor(1) as executor:
        try:
            return executor.submit(call, function, *arguments, cancellable).result()
        except BaseException:  # Ctrl-C, be it in the middle of submit(): leaving the executor waits for the call
            cancellable.cancel()
            raise


def host_and_port(address):
    """The first two of an address as sockets have them: two values, for IPv6 four."""
    if not isinstance(address, (tuple, list)) or len(address) < 2 or not isinstance(address[0], str):
        raise TypeError(f"an address is a tuple (host, port) like ('127.0.0.1', 10086), not {address!r}")
    try:
        port = operator.index(address[1])
    except TypeError:
        raise TypeError(f"the port of {address!r} must be an integer") from None
    if not 1 <= port <= 65535:
        raise ValueError(f"the port of {address!r} must be from 1 to 65535")
    return address[0], port


def rate_of(bytes_per_s):
    """A rate as libshoal takes it, in whole bytes per second: only 0 itself is 0, unlimited."""
    if not 0 <= bytes_per_s < float("inf"):
        raise ValueError(f"a rate is a number of bytes per second, 0 (unlimited) or more, not {bytes_per_s!r}")
    return max(1, int(bytes_per_s)) if bytes_per_s else 0


def resolve(address):
    """(host, port) with an IP address for the host."""
    host, port = host_and_port(address)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    found.sort(key=lambda info: info[0] != socket.AF_INET)  # as in libshoal: localhost is 127.0.0.1
    return found[0][4][:2]


def text_of(address):
    """(host, port) as "HOST:PORT"."""
    host, port = host_and_port(address)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
