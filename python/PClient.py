"""A peer that registers files and downloads them, from everybody who has them."""

import atexit
import errno
import weakref

from gi.repository import GObject

from Proxy import Proxy
from shoal_gi import GLib, Gio, Shoal, call, interruptible, text_of


def _io_error(code, message):
    return GLib.Error.new_literal(Gio.io_error_quark(), message, code)


class _CallersProxy(GObject.Object, Shoal.Proxy):
    """A proxy of the caller's, with sendto(), recvfrom() and close(), as libshoal sees it."""

    def __init__(self, proxy):
        super().__init__()
        self._proxy = proxy
        self._closed = False

    def _failed(self, error):
        """What to raise: a socket that was closed gives EBADF, or ValueError for its descriptor -1."""
        if self._closed or getattr(error, "errno", errno.EBADF) == errno.EBADF:
            return _io_error(Gio.IOErrorEnum.CLOSED, "the proxy is closed")
        return _io_error(Gio.IOErrorEnum.FAILED, str(error))

    def do_send_to(self, data, host, port):
        try:
            self._proxy.sendto(data.get_data(), (host, port))
        except (OSError, ValueError) as error:
            raise self._failed(error)
        return True

    def do_receive_from(self, timeout_us):
        try:
            data, address = self._proxy.recvfrom(None if timeout_us < 0 else timeout_us / 1e6)
        except TimeoutError:
            return None, None, 0
        except (OSError, ValueError) as error:
            raise self._failed(error)
        return GLib.Bytes.new(data), address[0], address[1]

    def do_close(self):
        if not self._closed:
            self._closed = True
            self._proxy.close()

    def do_get_port(self):
        return self._proxy.port

    def do_get_upload_rate(self):
        return int(getattr(self._proxy, "upload_rate", 0) or 0)

    def do_set_upload_rate(self, bytes_per_s):
        self._proxy.upload_rate = bytes_per_s

    def do_get_download_rate(self):
        return int(getattr(self._proxy, "download_rate", 0) or 0)

    def do_set_download_rate(self, bytes_per_s):
        self._proxy.download_rate = bytes_per_s


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

        proxy: a Proxy, or anything else with sendto(data, address), recvfrom(timeout), close() and port; None:
        one of its own, with port and rates as given (bytes per second, 0: unlimited).
        """
        self.proxy = Proxy(upload_rate, download_rate, port) if proxy is None else proxy
        carrier = getattr(self.proxy, "shoal_proxy", None) or _CallersProxy(self.proxy)
        try:
            self._client = call(Shoal.Client.new, text_of(tracker_addr), carrier, 0, 0, 0)
        except BaseException:
            if proxy is None:
                self.proxy.close()
            raise
        _open.add(self)

    def register(self, file_path):
        """Offers a file to others; returns its fid."""
        return interruptible(self._client.register, str(file_path))

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
