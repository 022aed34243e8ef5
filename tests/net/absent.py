"""Tells a tracker of peers that are not there: absent.py TRACKER-ADDRESS PORT FID NUMBER"""

import sys

sys.dont_write_bytecode = True

import bt  # noqa: E402

talk = bt.TrackerTalk((sys.argv[1], int(sys.argv[2])))
info_hash = bytes.fromhex(sys.argv[3])[:20]
for number in range(int(sys.argv[4])):
    talk.connect()
    talk.announce(info_hash, 20000 + number, "started", 0)
print(talk.scrape(info_hash))
