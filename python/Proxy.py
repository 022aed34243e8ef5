"""A UDP socket that sends and receives at given rates."""

import errno

from shoal_gi import GLib, Shoal, call, rate_of, resolve

# Python handles signals between calls of C: so often Ctrl-C is looked for.
_SLICE_S = 0.2

# What a datagram can hold: 65535 bytes less the header of UDP, and with IPv4 less that of IP.
_LONGEST_V4, _LONGEST_V6 = 65507, 65527


class Proxy:
    """A UDP socket with an upload FIFO and a download FIFO.

    Each datagram occupies its direction for its length divided by the rate; both rates, in bytes per second
    (0: unlimited), may be changed at any time. Several threads may send and receive at once. Given to a PClient, it
    carries that one's datagrams, and is closed with it.
    """

    def __init__(self, upload_rate, download_rate, port=None):
        """Binds `port`, or a free one."""
        self.shoal_proxy = call(Shoal.UdpProxy.new, port or 0, rate_of(upload_rate), rate_of(download_rate))
        self.port = self.shoal_proxy.get_port()

    @property
    def upload_rate(self):
        return self.shoal_proxy.get_upload_rate()

    @upload_rate.setter
    def upload_rate(self, bytes_per_s):
        self.shoal_proxy.set_upload_rate(rate_of(bytes_per_s))

    @property
    def download_rate(self):
        return self.shoal_proxy.get_download_rate()

    @download_rate.setter
    def download_rate(self, bytes_per_s):
        self.shoal_proxy.set_download_rate(rate_of(bytes_per_s))

    def sendto(self, data, address):
        """Sends a datagram to (host, port); returns when it has left the uplink."""
        host, port = resolve(address)
        if len(data) > (_LONGEST_V6 if ":" in host else _LONGEST_V4):
            raise OSError(errno.EMSGSIZE, f"{len(data)} bytes are too long for a datagram")
        call(self.shoal_proxy.send_to, GLib.Bytes.new(data), host, port)
        return len(data)

    def recvfrom(self, timeout=None):
        """Waits for a datagram: (data, (host, port)). TimeoutError after `timeout` seconds; None: never."""
        until = None if timeout is None else GLib.get_monotonic_time() + int(timeout * 1e6)
        while True:
            left = _SLICE_S * 1e6 if until is None else until - GLib.get_monotonic_time()
            part = int(min(max(left, 0), _SLICE_S * 1e6))
            data, host, port = call(self.shoal_proxy.receive_from, part)
            if data is not None:
                return data.get_data(), (host, port)
            if until is not None and left <= part:
                raise TimeoutError(f"nothing came within {timeout} s")

    def close(self):
        """Gives the socket back. Who waits gets an OSError. Closing twice does no harm."""
        self.shoal_proxy.close()

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()
