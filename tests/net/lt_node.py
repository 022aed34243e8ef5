"""One libtorrent peer with one torrent: lt_node.py TORRENT FOLDER ADDRESS PORT. Says "complete"."""

import sys

import libtorrent as lt

torrent, folder, address, port = sys.argv[1:]
# libtorrent's own presets for speed, and what its tuning guide says for one quick peer: a queue of requests
# and buffers for more than a piece, no second thoughts about choking, TCP alone.
settings = lt.high_performance_seed()
settings.update(
    {
        "listen_interfaces": f"[{address}]:{port}" if ":" in address else f"{address}:{port}",
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_incoming_utp": False,
        "enable_outgoing_utp": False,
        "in_enc_policy": lt.enc_policy.pe_disabled,
        "out_enc_policy": lt.enc_policy.pe_disabled,
        "allow_multiple_connections_per_ip": True,
        "suggest_mode": 0,
        "connections_limit": 200,
        "max_out_request_queue": 3000,
        "max_allowed_in_request_queue": 6000,
        "request_queue_time": 10,
        "max_queued_disk_bytes": 64 << 20,
        "send_buffer_watermark": 8 << 20,
        "send_buffer_low_watermark": 1 << 20,
        "send_buffer_watermark_factor": 200,
        "aio_threads": 2,
        "hashing_threads": 1,
        "low_prio_disk": False,
        "prefer_rc4": False,
        "request_timeout": 60,
        "peer_timeout": 120,
        "unchoke_slots_limit": -1,
        "min_reconnect_time": 1,
        "max_failcount": 30,
        "alert_mask": lt.alert.category_t.status_notification | lt.alert.category_t.error_notification,
    }
)
session = lt.session(settings)
parameters = lt.add_torrent_params()
parameters.ti = lt.torrent_info(torrent)
parameters.save_path = folder
# Not libtorrent's seed mode, which would prove each piece only when it is first asked for.
parameters.flags &= ~lt.torrent_flags.seed_mode
parameters.flags &= ~(lt.torrent_flags.paused | lt.torrent_flags.auto_managed)
session.add_torrent(parameters)
while True:
    session.wait_for_alert(1000)
    for alert in session.pop_alerts():
        print(alert, flush=True)
        if isinstance(alert, lt.torrent_finished_alert):
            print("complete", flush=True)
