"""A peer that registers files and downloads them, from everybody who has them."""

import atexit
import errno
import os
import sys
import threading
import time
import traceback
import weakref

from gi.repository import GObject

from Proxy import Proxy
from shoal_gi import GLib, Gio, Shoal, call, host_and_port, interruptible, rate_of, text_of

# So long a thread waits after a call that failed by a mistake in the caller's proxy, which may fail at once for ever.
_PAUSE_S = 0.05


def _io_error(code, message):
    return GLib.Error.new_literal(Gio.io_error_quark(), message, code)


def _datagram_of(came):
    """What a caller's recvfrom() returned: data, host, port."""
    if not isinstance(came, (tuple, list)) or len(came) != 2:
        raise TypeError(f"recvfrom() must return (data, (host, port)), not {came!r:.80}")
    data, address = came
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"recvfrom() must return bytes and an address, not {data!r:.80}")
    return bytes(data), *host_and_port(address)


def _port_of(port):
    return host_and_port(("", port))[1] if port else 0


class _CallersProxy(GObject.Object, Shoal.Proxy):
    """A proxy of the caller's, with sendto(), recvfrom() and close(), as libshoal sees it."""

    def __init__(self, proxy):
        super().__init__()
        self._proxy = proxy
        self._closed = False
        self._reported = False
        self._lock = threading.Lock()

    def _report(self, error):
        """Shows the first mistake of the caller's proxy: it has no caller of its own who would see it."""
        with self._lock:
            first, self._reported = not self._reported, True
        if first:
            print(f"the proxy {self._proxy!r} failed (later failures are not shown):", file=sys.stderr)
            traceback.print_exception(type(error), error, error.__traceback__)

    def _failed(self, error):
        """What to raise: a socket that was closed gives EBADF, or ValueError for its descriptor -1."""
        if (self._closed or isinstance(error, OSError) and error.errno == errno.EBADF
                or isinstance(error, ValueError) and "file descriptor" in str(error)):
            return _io_error(Gio.IOErrorEnum.CLOSED, "the proxy is closed")
        if not isinstance(error, OSError):
            self._report(error)
            time.sleep(_PAUSE_S)
        return _io_error(Gio.IOErrorEnum.FAILED, str(error))

    def _attribute(self, name, check):
        """One that may be missing: 0 then."""
        try:
            return check(getattr(self._proxy, name, 0) or 0)
        except Exception as error:
            self._report(error)
            return 0

    def _set(self, name, value):
        try:
            setattr(self._proxy, name, value)
        except Exception as error:
            self._report(error)

    def do_send_to(self, data, host, port):
        try:
            self._proxy.sendto(data.get_data(), (host, port))
        except Exception as error:
            raise self._failed(error)
        return True

    def do_receive_from(self, timeout_us):
        try:
            came = self._proxy.recvfrom(None if timeout_us < 0 else timeout_us / 1e6)
            data, host, port = _datagram_of(came)
        except TimeoutError:
            return None, None, 0
        except Exception as error:
            raise self._failed(error)
        return GLib.Bytes.new(data), host, port

    def do_close(self):
        if not self._closed:
            self._closed = True
            try:
                self._proxy.close()
            except Exception as error:
                self._report(error)

    def do_get_port(self):
        return self._attribute("port", _port_of)

    def do_get_upload_rate(self):
        return self._attribute("upload_rate", rate_of)

    def do_set_upload_rate(self, bytes_per_s):
        self._set("upload_rate", bytes_per_s)

    def do_get_download_rate(self):
        return self._attribute("download_rate", rate_of)

    def do_set_download_rate(self, bytes_per_s):
        self._set("download_rate", bytes_per_s)


_open = weakref.WeakSet()


@atexit.register
def _leave():
    """Who ends the program without having closed leaves without waiting for anything. It must be now: a proxy of
    Python's cannot be called any more when the interpreter goes."""
    hurried = Gio.Cancellable()
    hurried.cancel()
    for client in list(_open):
        try:
            client._client.close(hurried)
        except GLib.Error:
            pass  # that is what being hurried is


class PClient:
    """A peer. It offers what it registered and what it downloaded, until it is cancelled or closed.

    All methods may be called from several threads at once.
    """

    def __init__(self, tracker_addr, proxy=None, port=None, upload_rate=0, download_rate=0):
        """tracker_addr: (host, port) of a tracker.

        proxy: a Proxy, or anything else with sendto(data, address), recvfrom(timeout), close() and port,
        and perhaps upload_rate and download_rate; None: one of its own, with port and rates as given (bytes per second, 0: unlimited).
        """
        tracker = text_of(tracker_addr)
        if proxy is not None:
            for name in "upload_rate", "download_rate":
                rate_of(getattr(proxy, name, 0) or 0)
        self.proxy = Proxy(upload_rate, download_rate, port) if proxy is None else proxy
        carrier = getattr(self.proxy, "shoal_proxy", None) or _CallersProxy(self.proxy)
        try:
            self._client = call(Shoal.Client.new, tracker, carrier, 0, 0, 0)
        except BaseException:
            if proxy is None:
                self.proxy.close()
            raise
        _open.add(self)

    def register(self, file_path):
        """Offers a file to others; returns its fid."""
        path = os.fsdecode(os.fspath(file_path))
        try:
            return interruptible(self._client.register, path)
        except OSError as error:
            if error.errno == errno.EINVAL and os.path.isdir(path):
                raise IsADirectoryError(errno.EISDIR, error.strerror) from error
            raise

    def download(self, fid):
        """Gets a file from those who have it; returns its bytes.

        Waits until somebody has it. CancelledError (of concurrent.futures): it was cancelled;
        ConnectionAbortedError: the client was closed.
        """
        return interruptible(self._client.download, fid).get_data()

    def cancel(self, fid):
        """Neither offers nor wants a file any more. One that it never knew does no harm."""
        try:
            self._client.cancel(fid)
        except GLib.Error as error:
            if not error.matches(Shoal.error_quark(), Shoal.Error.NOT_FOUND):
                call(_raise, error)

    def close(self):
        """Leaves: others are told, and the proxy is closed. Closing twice does no harm."""
        interruptible(self._client.close)
        _open.discard(self)

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()


def _raise(error):
    raise error
