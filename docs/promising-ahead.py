#!/usr/bin/env python3
"""What it costs to promise blocks ahead: the model behind the table in architecture.md, "How blocks spread".

    docs/promising-ahead.py [LEECHERS...]      (default: 20 100; half a minute)

One seeder and leechers with equal lines, a file of 380 blocks; time is counted in what a block takes. There are no
control messages and no delays, everybody knows everything. A sender has promised K blocks beside the one that it
sends, and keeps its promises in order. Whenever it may promise, it picks a neighbour by lot that has fewer than W
blocks on their way, and the rarest block that it lacks and that nobody sends it; the seeder what it has given least.
Blocks travel in two parts, up and then down. Prints the makespan over the seeder's time for the file.
"""

import heapq
import random
import sys

BLOCKS = 380
PARTS = 2
NEIGHBOURS = 18
SEEDS = 3


class Model:
    def __init__(self, leechers, ahead, most_on_way, seed):
        self.lot = random.Random(seed)
        self.ahead, self.most_on_way = ahead, most_on_way
        nodes = leechers + 1
        self.have = [(1 << BLOCKS) - 1] + [0] * leechers
        self.coming = [0] * nodes  # blocks promised to a node
        self.on_way = [0] * nodes
        self.copies = [0] * BLOCKS  # held or promised
        self.given = [0] * BLOCKS  # by the seeder
        self.promises = [[] for _ in range(nodes)]
        self.busy = [False] * nodes
        self.down_free = [0.0] * nodes
        self.neighbours = self.graph(nodes)
        self.events, self.number, self.now = [], 0, 0.0

    def graph(self, nodes):
        if nodes - 1 <= NEIGHBOURS + 2:
            return [[j for j in range(nodes) if j != i] for i in range(nodes)]
        sets = [set() for _ in range(nodes)]
        for i in range(nodes):
            wanted = NEIGHBOURS // 2 if i else NEIGHBOURS
            for j in self.lot.sample([j for j in range(nodes) if j != i and j not in sets[i]], wanted):
                sets[i].add(j)
                sets[j].add(i)
        return [sorted(s) for s in sets]

    def at(self, time, *what):
        self.number += 1
        heapq.heappush(self.events, (time, self.number, what))

    def rarest(self, sender, useful):
        count = self.given if sender == 0 else self.copies
        best, key = None, None
        while useful:
            block = (useful & -useful).bit_length() - 1
            useful &= useful - 1
            this = (count[block], self.lot.random())
            if key is None or this < key:
                best, key = block, this
        return best

    def promise(self, sender):
        order = self.neighbours[sender]
        for receiver in self.lot.sample(order, len(order)):
            useful = self.have[sender] & ~self.have[receiver] & ~self.coming[receiver]
            if receiver == 0 or self.on_way[receiver] >= self.most_on_way or not useful:
                continue
            block = self.rarest(sender, useful)
            self.coming[receiver] |= 1 << block
            self.on_way[receiver] += 1
            self.copies[block] += 1
            self.given[block] += sender == 0
            self.promises[sender].append((receiver, block))
            return True
        return False

    def send(self, sender):
        queue = self.promises[sender]
        while not self.busy[sender] and len(queue) <= self.ahead and self.promise(sender):
            pass
        if self.busy[sender] or not queue:
            return
        receiver, block = queue.pop(0)
        self.busy[sender] = True
        for part in range(1, PARTS + 1):
            self.at(self.now + part / PARTS, "sent", sender, receiver, block, part)

    def sent(self, sender, receiver, block, part):
        self.down_free[receiver] = max(self.down_free[receiver], self.now) + 1 / PARTS
        if part == PARTS:
            self.at(self.down_free[receiver], "held", receiver, block)
            self.busy[sender] = False
            self.send(sender)

    def held(self, receiver, block):
        self.have[receiver] |= 1 << block
        self.coming[receiver] &= ~(1 << block)
        self.on_way[receiver] -= 1
        for node in (receiver, *self.neighbours[receiver]):
            self.send(node)

    def stretch(self):
        whole = (1 << BLOCKS) - 1
        self.send(0)
        while any(have != whole for have in self.have):
            self.now, _, (what, *about) = heapq.heappop(self.events)
            getattr(self, what)(*about)
        return self.now / BLOCKS


def main():
    counts = [int(word) for word in sys.argv[1:]] or [20, 100]
    aheads = [(0, 4), (1, 4), (2, 4), (3, 4), (5, 20), (8, 20), (10, 20), (13, 20)]
    print("| promised ahead, K |", " | ".join(str(k) for k, _ in aheads), "|")
    print("| --- " * (len(aheads) + 1) + "|")
    for leechers in counts:
        means = []
        for ahead, most in aheads:
            runs = [Model(leechers, ahead, most, seed).stretch() for seed in range(SEEDS)]
            means.append(f"{sum(runs) / SEEDS:.3f}")
        print(f"| {leechers} leechers |", " | ".join(means), "|", flush=True)


if __name__ == "__main__":
    main()
