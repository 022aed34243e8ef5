/* Scenarios that are wrong, and the whole of what is said about each. */
#include "scenarios/scenario.h"
#include "tests/harness.h"

/* A scenario is HEAD and what a case adds; cases that begin with "!" stand alone. */
#define HEAD                                                                                                 \
  "name: bad\nfiles: [{name: F1, size: 10 kB}, {name: F2, size: 1 kB}]\n"                                    \
  "defaults: {upload: 100 kB/s, download: 100 kB/s}\n"
#define AB "nodes: [{name: A}, {name: B}, {name: L, count: 2}]\n"

typedef struct {
  const char *text;
  const char *message; /* the whole of it, or with "…" at the end its beginning */
} Bad;

static const Bad bad[] = {
  /* Not YAML, or not of the shape. */
  { "!", "test.yaml: the file says nothing; expected a scenario (name, files, nodes …)" },
  { "!name: x\nnodes: [{name: A}\n", "test.yaml:2: nodes[0]: not YAML: did not find expected ',' or ']'" },
  { "!name: x\n\tnodes: y\n",
    "test.yaml:1: name: not YAML: found a tab character that violates indentation" },
  { "!\xff\xfe\x01", "test.yaml: not YAML: …" },
  { "!name: x\nnodes: [*n]\n", "test.yaml:2: nodes[0]: no anchor found for alias: 'n'" },
  { "!name: x\nnodes:\n- &n {<<: *n}\n", "test.yaml:3: nodes[0].<<: no anchor found for alias: 'n'" },
  { "!- a\n- b\n",
    "test.yaml: expected keys and values ('key: value'); expected one of: name, description, …" },
  { "!just words\n",
    "test.yaml: expected keys and values ('key: value'); expected one of: name, description, …" },
  { AB "---\nname: second\n", "test.yaml: there is more than one document; expected one scenario a file" },
  { AB "node: x\n", "test.yaml:5: unknown key 'node'; expected one of: name, description, time_limit, "
                    "templates, files, tracker, "
                    "defaults, network, links, strategy, server_client, nodes, actions, expect" },
  { "nodes:\n- name: A\n  uplod: 3 kB/s\n",
    "test.yaml:6: nodes[0]: unknown key 'uplod'; expected one of: "
    "<<, name, count, upload, download, join, behaviour, strategy, line, actions" },
  { "nodes:\n- name: A\n  actions:\n  - {at: 1 s, send: F1}\n",
    "test.yaml:7: nodes[0].actions[0]: unknown key 'send'; expected one of: <<, at, when, on, after, every, "
    "until, mark, nodes, "
    "pick, join, register, download, time_limit, cancel, close, crash, return, keeping, rates, network, "
    "line, "
    "link, partition, heal, tracker" },
  { AB "tracker: {up: 10 kB/s}\n",
    "test.yaml:5: tracker: unknown key 'up'; expected one of: upload, download" },
  { AB "strategy: tit-for-tat\n",
    "test.yaml:5: strategy: expected keys and values ('key: value'); expected one "
    "of: name, slots, turn, trial_turns" },
  { AB "strategy: {names: none}\n",
    "test.yaml:5: strategy: unknown key 'names'; expected one of: name, slots, turn, trial_turns" },
  { AB "strategy: {}\n", "test.yaml: strategy: says nothing; expected for example 'name: tit-for-tat'" },
  { AB "strategy: {name: tat-for-tit}\n",
    "test.yaml: strategy.name: 'tat-for-tit' is no strategy; expected one of: none, tit-for-tat, turns" },
  { AB "strategy: {slots: 0}\n", "test.yaml: strategy.slots: …" },
  { AB "strategy: {trial_turns: 1.5}\n", "test.yaml: strategy.trial_turns: …" },
  { AB "strategy: {turn: 10}\n", "test.yaml: strategy.turn: '10' has no unit; …" },
  { AB "strategy: {turn: 0}\n",
    "test.yaml: strategy.turn: must be more than 0; 'auto' follows the node's upload rate" },
  { "nodes: [{name: A, strategy: {name: x}}]\n", "test.yaml: nodes[0].strategy.name: 'x' is no strategy; …" },
  { AB "nodes: []\n", "test.yaml:5: nodes: key 'nodes' is given twice" },
  { "nodes: [{name: A, name: B}]\n" AB, "test.yaml:4: nodes[0].name: key 'name' is given twice" },
  { "nodes:\n- name: A\n\n  # here\n  name: B\n- name: C\n",
    "test.yaml:8: nodes[0].name: key 'name' is given twice" },
  { "nodes: A\n", "test.yaml:4: nodes: expected a list (lines that begin with '- ')" },
  { "nodes: [A]\n",
    "test.yaml:4: nodes[0]: expected keys and values ('key: value'); expected one of: <<, name, …" },
  { "nodes: [{name: [A]}]\n", "test.yaml:4: nodes[0].name: expected a plain value, not a list or keys" },
  { AB "expect: [everybody: completes]\n",
    "test.yaml:5: expect[0]: expected a plain value, not a list or keys" },

  /* Names. */
  { "!files: []\n", "test.yaml: name: is missing" },
  { "!name: two words\n",
    "test.yaml: name: 'two words' cannot be a name: letters, digits, '_', '-' and '.', at most 64" },
  { "nodes: [{upload: 1 kB/s}]\n", "test.yaml: nodes[0].name: is missing" },
  { "nodes: [{name: 1A}]\n", "test.yaml: nodes[0].name: '1A' cannot be a name: …" },
  { "nodes: [{name: and}]\n", "test.yaml: nodes[0].name: 'and' cannot be a name: …" },
  { "nodes: [{name: tracker}]\n", "test.yaml: nodes[0].name: 'tracker' cannot be a name: …" },
  { "nodes: [{name: A}, {name: A}]\n", "test.yaml: nodes[1].name: there are two nodes or groups 'A'" },
  { "nodes: [{name: A1}, {name: A, count: 2}]\n", "test.yaml: nodes[1].name: there are two nodes 'A1'" },
  { "!name: x\nfiles: [{name: F, size: 1 B}, {name: F, size: 2 B}]\n",
    "test.yaml: files[1].name: there are two files 'F'" },

  /* Values. */
  { "!name: x\nfiles: [{name: F, size: 100}]\n",
    "test.yaml: files[0].size: '100' has no unit; say for example '1 MiB' (units: B, kB, MB, …" },
  { "!name: x\nfiles: [{name: F, size: -1 B}]\n",
    "test.yaml: files[0].size: '-1 B' is negative; expected a size such as '1 MiB'" },
  { "!name: x\nfiles: [{name: F, size: 65 TiB}]\n",
    "test.yaml: files[0].size: a file has at most 2^32 - 1 blocks of 16 KiB (64 TiB)" },
  { "!name: x\nfiles: [{name: F}]\n",
    "test.yaml: files[0].size: is missing; say for example 'size: 148539 B', or 'path:' of a real file" },
  { "!name: x\nfiles: [{name: F, size: 1 B, path: f}]\n",
    "test.yaml: files[0].path: a file has either a path, or a size and a seed" },
  { "!name: x\nfiles: [{name: F, path: no/such/file}]\n",
    "test.yaml: files[0].path: cannot read './no/such/file': No such file or directory" },
  { "!name: x\nfiles: [{name: F, path: /}]\n", "test.yaml: files[0].path: '/' is not a regular file" },
  { "!name: x\nfiles: [{name: F, size: 1 B, seed: one}]\n",
    "test.yaml: files[0].seed: 'one' is not a whole number from 0 to 18446744073709551615" },
  { "!name: x\nfiles: [{name: F, size: 1 B, piece_length: 20 KiB}]\n",
    "test.yaml: files[0].piece_length: '20 KiB' is not a power of two from 16 KiB to 1 GiB" },
  { AB "time_limit: 60\n", "test.yaml: time_limit: '60' has no unit; say for example '2.5 s' (units: ns, …" },
  { AB "time_limit: 0\n", "test.yaml: time_limit: must be more than 0; leave it out for none" },
  { AB "tracker: {upload: 10}\n",
    "test.yaml: tracker.upload: '10' has no unit; say for example '100 kB/s' …" },
  { AB "server_client: {service: lifo}\n",
    "test.yaml: server_client.service: 'lifo' is neither 'fifo' nor 'fair'" },
  { "", "test.yaml: nodes: there are none; expected a list of nodes" },
  { "nodes: [{name: A, upload: 100}]\n",
    "test.yaml: nodes[0].upload: '100' has no unit; say for example '100 kB/s' (units: B/s, kB/s, …" },
  { "nodes: [{name: A, download: -1 kB/s}]\n",
    "test.yaml: nodes[0].download: '-1 kB/s' is negative; expected a rate such as '100 kB/s'" },
  { "nodes: [{name: A, upload: 2 TB/s}]\n",
    "test.yaml: nodes[0].upload: '2 TB/s' is more than 1 TB/s; expected a rate such as '100 kB/s'" },
  { "nodes: [{name: A, upload: 2 kB}]\n",
    "test.yaml: nodes[0].upload: '2 kB': 'kB' is not a unit of a rate; …" },
  { "!name: x\nnodes: [{name: A, upload: 1 kB/s}]\n",
    "test.yaml: nodes[0].download: is missing; say for example '100 kB/s' (0: unlimited), here or under "
    "'defaults'" },
  { "!name: x\ndefaults: {upload: 1 kB/s, download: 7}\nnodes: [{name: A}]\n",
    "test.yaml: defaults.download: '7' has no unit; …" },
  { "nodes: [{name: A, count: -1}]\n",
    "test.yaml: nodes[0].count: '-1' is not a whole number from 0 to 1000000" },
  { "nodes: [{name: A, count: 0}]\nexpect: [A complete F1]\n",
    "test.yaml: expect[0]: nobody is in that group (count: 0)" },
  { "nodes: [{name: A, count: many}]\n", "test.yaml: nodes[0].count: 'many' is not a whole number …" },
  { "nodes: [{name: A, count: 1000000}, {name: B}]\n", "test.yaml: nodes[1].count: more than 1000000 nodes" },
  { "nodes: [{name: A, join: 11 years}]\n",
    "test.yaml: nodes[0].join: '11 years': 'years' is not a unit of a time; …" },

  /* Actions. */
  { "nodes:\n- {name: A, actions: [{at: 1 s}]}\n", "test.yaml: nodes[0].actions[0]: the action does nothing; "
                                                   "expected one of: join, register, download, cancel, "
                                                   "close, crash, return, rates, line, network, link, "
                                                   "partition, heal, tracker" },
  { "nodes:\n- {name: A, actions: [{at: 1 s, register: F1, download: F2}]}\n",
    "test.yaml: nodes[0].actions[0]: the action does more than one thing; …" },
  { "nodes:\n- {name: A, actions: [{register: F1}]}\n",
    "test.yaml: nodes[0].actions[0]: expected one of 'at: 5 s', 'when: B has F1' and 'on: join'" },
  { "nodes:\n- {name: A, actions: [{at: 1 s, when: A has F1, close: true}]}\n",
    "test.yaml: nodes[0].actions[0]: expected only one of 'at: 5 s', 'when: B has F1' and 'on: join'" },
  { "nodes:\n- {name: A, actions: [{at: 1 s, after: 1 s, close: true}]}\n",
    "test.yaml: nodes[0].actions[0].after: goes with 'when' or 'on', as in 'when: B has F1' and 'after: 2 "
    "s'" },
  { "nodes:\n- {name: A, actions: [{at: 1, close: true}]}\n",
    "test.yaml: nodes[0].actions[0].at: '1' has no unit; …" },
  { "nodes:\n- {name: A, actions: [{at: 1 s, close: yes please}]}\n",
    "test.yaml: nodes[0].actions[0].close: expected 'close: true'" },
  { "nodes:\n- {name: A, actions: [{at: 1 s, nodes: A, close: true}]}\n",
    "test.yaml: nodes[0].actions[0].nodes: an action inside a node is that node's; say others at top level" },
  { AB "actions: [{at: 1 s, close: true}]\n",
    "test.yaml: actions[0].nodes: is missing: whose action is it? say for example 'nodes: A, B'" },
  { AB "actions: [{at: 1 s, nodes: 'A, X', close: true}]\n",
    "test.yaml: actions[0].nodes: unknown node 'X'; the nodes are: A, B, L (L1 … L2)" },
  { AB "actions: [{at: 1 s, nodes: 'A,', close: true}]\n",
    "test.yaml: actions[0].nodes: expected the name of a node at the end" },
  { AB "actions: [{at: 1 s, nodes: A B, close: true}]\n",
    "test.yaml: actions[0].nodes: 'B' was not expected" },
  { AB "actions: [{at: 1 s, nodes: A, register: F9}]\n",
    "test.yaml: actions[0].register: unknown file 'F9'; the files are: F1, F2" },
  { "!name: x\nnodes: [{name: A, upload: 0, download: 0, actions: [{at: 0, register: F}]}]\n",
    "test.yaml: nodes[0].actions[0].register: unknown file 'F'; the files are: (none)" },
  { AB "actions: [{at: 1 s, nodes: A, download: F1, time_limit: 0}]\n",
    "test.yaml: actions[0].time_limit: must be more than 0; leave it out for none" },
  { AB "actions: [{at: 1 s, nodes: A, register: F1, time_limit: 1 s}]\n",
    "test.yaml: actions[0].time_limit: only a download has one" },
  { AB "actions: [{at: 1 s, nodes: A, rates: {}}]\n",
    "test.yaml: actions[0].rates: names neither upload nor download" },
  { AB "actions: [{at: 1 s, nodes: A, rates: {upload: fast}}]\n",
    "test.yaml: actions[0].rates.upload: 'fast' is not a number with a unit; expected a rate such as '100 "
    "kB/s'" },
  { "nodes:\n- {name: A, join: 5 s, actions: [{at: 1 s, register: F1}]}\n",
    "test.yaml: nodes[0].actions[0].at: 1 s is before A joins (5 s)" },
  { "nodes:\n- {name: A, join: 5 s, actions: [{at: 1 s, join: true}]}\n",
    "test.yaml: nodes[0].actions[0].join: A joins at 5 s already" },
  { "nodes:\n- {name: A, actions: [{at: 1 s, join: true}, {at: 2 s, join: true}]}\n",
    "test.yaml: nodes[0].actions[1].join: A joins twice; a node joins once" },

  /* Faults. */
  { AB "network: {latency: 20}\n", "test.yaml: network.latency: '20' has no unit; …" },
  { AB "network: {loss: 101 %}\n", "test.yaml: network.loss: '101 %' is more than 100 %" },
  { AB "network: {loss: 5 ms}\n", "test.yaml: network.loss: '5 ms': 'ms' is not a unit of a share; …" },
  { AB "network: {}\n",
    "test.yaml: network: says nothing; expected for example 'latency: 20 ms' or 'loss: 1 %'" },
  { AB "network: {lag: 1 s}\n",
    "test.yaml:5: network: unknown key 'lag'; expected one of: latency, jitter, loss, "
    "duplication, corruption, reordering, reordering_delay" },
  { AB "links: [{to: A, loss: 1 %}]\n",
    "test.yaml: links[0].from: is missing; say for example 'from: A' and …" },
  { AB "links: [{from: A, to: X, loss: 1 %}]\n", "test.yaml: links[0].to: unknown node 'X'; …" },
  { AB "links: [{from: A, to: B}]\n", "test.yaml: links[0]: says nothing; …" },
  { AB "links: [{from: A, to: B, both_ways: yes, loss: 1 %}]\n",
    "test.yaml: links[0].both_ways: expected 'true' or 'false'" },
  { "nodes: [{name: A, line: {jitter: fast}}]\n",
    "test.yaml: nodes[0].line.jitter: 'fast' is not a number …" },
  { "nodes: [{name: A, behaviour: saint}]\n", "test.yaml: nodes[0].behaviour: 'saint' is none; expected "
                                              "honest, free-rider, polluter, polluter of 10 %, "
                                              "liar, flooder or understater" },
  { "nodes: [{name: A, behaviour: liar of 10 %}]\n",
    "test.yaml: nodes[0].behaviour: 'liar of 10 %' is none; …" },
  { "nodes: [{name: A, behaviour: polluter of 110 %}]\n",
    "test.yaml: nodes[0].behaviour: '110 %' is more than 100 %" },
  { AB "actions: [{at: 1 s, nodes: A, crash: now}]\n",
    "test.yaml: actions[0].crash: expected 'crash: true'" },
  { AB "actions: [{at: 1 s, nodes: A, crash: true, keeping: all}]\n",
    "test.yaml: actions[0].keeping: only a return has it" },
  { AB "actions: [{at: 1 s, nodes: A, return: true, keeping: half}]\n",
    "test.yaml: actions[0].keeping: 'half' is not known; expected all, nothing, or a share such as '50 %'" },
  { AB "actions: [{at: 1 s, nodes: A, return: true, keeping: 200 %}]\n",
    "test.yaml: actions[0].keeping: '200 %' is more than 100 %" },
  { AB "actions: [{at: 1 s, tracker: pause}]\n",
    "test.yaml: actions[0].tracker: 'pause' is neither 'stop' nor 'restart'" },
  { AB "actions: [{at: 1 s, nodes: A, tracker: stop}]\n",
    "test.yaml: actions[0].nodes: does not go with 'tracker', which is no node's action" },
  { AB "actions: [{at: 1 s, pick: 1, heal: true}]\n",
    "test.yaml: actions[0].pick: does not go with 'heal', which is no node's action" },
  { "nodes: [{name: A, actions: [{at: 1 s, heal: true}]}]\n",
    "test.yaml: nodes[0].actions[0].heal: is no node's own action; say it at top level" },
  { AB "actions: [{on: join, network: {loss: 1 %}}]\n",
    "test.yaml: actions[0].on: is about single nodes, and 'network' is not" },
  { AB "actions: [{at: 1 s, network: {loss: much}}]\n", "test.yaml: actions[0].network.loss: 'much' is …" },
  { AB "actions: [{at: 1 s, nodes: A, line: {}}]\n", "test.yaml: actions[0].line: says nothing; …" },
  { AB "actions: [{at: 1 s, link: {from: A, loss: 1 %}}]\n", "test.yaml: actions[0].link.to: is missing; …" },
  { AB "actions: [{at: 1 s, partition: [A]}]\n",
    "test.yaml: actions[0].partition: has fewer than two sides; say for example '[\"A, B\", rest]'" },
  { AB "actions: [{at: 1 s, partition: [A, 'B, A']}]\n",
    "test.yaml: actions[0].partition: 'B, A' names somebody who is on another side already" },
  { AB "actions: [{at: 1 s, partition: [rest, A, rest]}]\n",
    "test.yaml: actions[0].partition: 'rest' is there twice" },
  { AB "actions: [{at: 1 s, partition: [A, Z]}]\n", "test.yaml: actions[0].partition: unknown node 'Z'; …" },
  { AB "actions: [{on: leave, nodes: A, close: true}]\n",
    "test.yaml: actions[0].on: 'leave' is not known; expected join, return, or both with a comma" },
  { AB "actions: [{on: join, pick: 1, nodes: A, close: true}]\n",
    "test.yaml: actions[0].pick: does not go with 'on', which is about each node by itself" },
  { AB "actions: [{at: 1 s, pick: 0, nodes: A, close: true}]\n",
    "test.yaml: actions[0].pick: '0' is not a whole …" },
  { AB "actions: [{at: 1 s, pick: 0 %, nodes: A, close: true}]\n",
    "test.yaml: actions[0].pick: '0 %' is not more than 0 % and at most 100 %" },
  { AB "actions: [{when: A has F1, every: 1 s, nodes: A, crash: true}]\n",
    "test.yaml: actions[0].every: goes with 'at', as in 'at: 10 s', 'every: 5 s' and 'until: 60 s'" },
  { AB "actions: [{at: 1 s, until: 5 s, nodes: A, crash: true}]\n",
    "test.yaml: actions[0].until: goes with 'at', …" },
  { AB "actions: [{at: 9 s, every: 1 s, until: 5 s, nodes: A, crash: true}]\n",
    "test.yaml: actions[0].until: '5 s' is before 'at'" },
  { AB "actions: [{at: 9 s, every: 0, nodes: A, crash: true}]\n",
    "test.yaml: actions[0].every: must be more than 0; leave it out for none" },
  { AB "actions: [{at: 1 s, nodes: A, rates: {over: 1 s}}]\n",
    "test.yaml: actions[0].rates: names neither upload nor download" },
  { AB "actions: [{at: 1 s, nodes: A, rates: {upload: 0, over: 1 s}}]\n",
    "test.yaml: actions[0].rates.over: there is no slope to an unlimited rate; leave it out" },
  { AB "actions: [{at: 1 s, nodes: A, rates: {upload: 1 kB/s, repeat_every: 1 s}}]\n",
    "test.yaml: actions[0].rates.repeat_every: goes with 'trace'" },
  { AB "actions: [{at: 1 s, nodes: A, rates: {upload: 1 kB/s, trace: [{after: 0 s, upload: 1 kB/s}]}}]\n",
    "test.yaml: actions[0].rates.trace: stands alone, or with repeat_every: its points say the rates" },
  { AB "actions: [{at: 1 s, nodes: A, rates: {trace: []}}]\n",
    "test.yaml: actions[0].rates: names neither upload nor download" },
  { AB "actions: [{at: 1 s, nodes: A, rates: {trace: [{upload: 1 kB/s}]}}]\n",
    "test.yaml: actions[0].rates.trace[0].after: is missing; say how long after the trace begins: 'after: 10 "
    "s'" },
  { AB "actions: [{at: 1 s, nodes: A, rates: {trace: [{after: 1 s}]}}]\n",
    "test.yaml: actions[0].rates.trace[0]: names neither upload nor download" },
  { AB "actions: [{at: 1 s, nodes: A, rates: {trace: [{after: 1 s, upload: 1 kB/s}, {after: 1 s, upload: "
       "0}]}}]\n",
    "test.yaml: actions[0].rates.trace[1].after: '1 s' is not later than the point before it" },
  { AB "actions: [{at: 1 s, nodes: A, rates: {trace: [{after: 1 s, upload: 0}], repeat_every: 1 s}}]\n",
    "test.yaml: actions[0].rates.repeat_every: '1 s' is not later than the last point" },

  /* Conditions. */
  { AB "actions: [{when: X has F1, nodes: A, close: true}]\n",
    "test.yaml: actions[0].when: unknown node 'X'; the nodes are: A, B, L (L1 … L2)" },
  { AB "actions: [{when: B has 101 % of F1, nodes: A, close: true}]\n",
    "test.yaml: actions[0].when: '101 %' is more than 100 %" },
  { AB "actions: [{when: B has F9, nodes: A, close: true}]\n",
    "test.yaml: actions[0].when: unknown file 'F9'; the files are: F1, F2" },
  { AB "actions: [{when: B gets F1, nodes: A, close: true}]\n",
    "test.yaml: actions[0].when: expected 'has' before 'gets', as in 'B has F1 and F2 is out'" },
  { AB "actions: [{when: B, nodes: A, close: true}]\n",
    "test.yaml: actions[0].when: expected 'has' at the end, as in 'B has F1 and F2 is out'" },
  { AB "actions: [{when: '', nodes: A, close: true}]\n",
    "test.yaml: actions[0].when: expected the name of a node at the end" },
  { AB "actions: [{when: F1 is in, nodes: A, close: true}]\n",
    "test.yaml: actions[0].when: expected 'out' before 'in', as in 'F1 is out'" },
  { AB "actions: [{when: B has F1 or A has F1, nodes: A, close: true}]\n",
    "test.yaml: actions[0].when: 'or' was not expected" },
  { AB "actions: [{when: B has F1 and, nodes: A, close: true}]\n",
    "test.yaml: actions[0].when: expected the name of a node at the end" },
  { AB "actions: [{when: B has 50 of F1, nodes: A, close: true}]\n",
    "test.yaml: actions[0].when: '50' has no unit; say for example '50 %' (units: %)" },
  { AB "actions: [{when: all have F1, nodes: A, close: true}]\n",
    "test.yaml: actions[0].when: 'all have F1' can never come true: no node downloads F1" },

  /* Expectations. */
  { AB "expect: ['']\n", "test.yaml: expect[0]: an expectation that says nothing" },
  { AB "expect: [makspan <= 3 s]\n",
    "test.yaml: expect[0]: 'makspan' begins no expectation; expected everybody, …" },
  { AB "expect: [everybody completes, makespan < 3 s]\n",
    "test.yaml: expect[1]: expected '<=', '>=' or 'between … and …', found '<'" },
  { AB "expect: [makespan]\n", "test.yaml: expect[0]: expected '<=', '>=' or 'between … and …' at the end" },
  { AB "expect: [makespan <= 62]\n", "test.yaml: expect[0]: '62' has no unit; …" },
  { AB "expect: [stretch <= 1.05 s]\n", "test.yaml: expect[0]: '1.05 s': 's' is not a unit of a number; …" },
  { AB "expect: [overhead <= 2]\n",
    "test.yaml: expect[0]: '2' has no unit; say for example '50 %' (units: %)" },
  { AB "expect: [makespan between 3 s]\n",
    "test.yaml: expect[0]: expected 'and' at the end, as in 'makespan between 60 s and 65 s'" },
  { AB "expect: [makespan between 3 s and 2 s]\n", "test.yaml: expect[0]: 'makespan between 3 s and 2 s' can "
                                                   "never be met: the lower limit is above the upper one" },
  { AB "expect: [makespan <= 2 x F9 / 1 kB/s]\n", "test.yaml: expect[0]: 'F9' is neither a number nor a "
                                                  "file; expected for example '1.05 x F1 / 100 kB/s'" },
  { AB "expect: [makespan <= 2 x F1 / 0]\n",
    "test.yaml: expect[0]: '2 x F1 / 0' divides by an unlimited rate" },
  { AB "expect: [X completes]\n",
    "test.yaml: expect[0]: unknown node 'X'; the nodes are: A, B, L (L1 … L2)" },
  { AB "expect: [A completes F9]\n", "test.yaml: expect[0]: unknown file 'F9'; the files are: F1, F2" },
  { AB "expect: [A sleeps]\n", "test.yaml: expect[0]: expected 'completes', 'finishes', 'fails', 'got', "
                               "'takes', 'choked' or 'serves' after the nodes, found 'sleeps'" },
  { AB "expect: [A choked by B within 20 s of drop]\n",
    "test.yaml: expect[0]: 'drop' is neither a time nor marked by an action ('mark: drop')" },
  { AB "expect: [A choked by B within 20 s]\n",
    "test.yaml: expect[0]: expected 'of' at the end, as in 'A choked by B within 20 s of drop'" },
  { AB "expect: [A choked by B within 0 s of 3 s]\n",
    "test.yaml: expect[0]: expected a time of more than 0" },
  { AB "expect: [A choked within 20 s of 3 s]\n",
    "test.yaml: expect[0]: expected 'by' before 'within', as in 'A choked by B within 20 s of drop'" },
  { AB "expect: [A choked by X within 20 s of 3 s]\n", "test.yaml: expect[0]: unknown node 'X'; …" },
  { AB "expect: [A serves B within 40 s of 3 s]\n", "test.yaml: expect[0]: expected 'again' before 'within', "
                                                    "as in 'A serves B again within 40 s of recovery'" },
  { AB "expect: ['3 of A, B serve L1 again within 40 s of 3 s']\n",
    "test.yaml: expect[0]: '3 of' so many: they are only 2" },
  { AB "expect: ['1 of A, B complete F1']\n",
    "test.yaml: expect[0]: '1 of' goes with 'serve' and 'choked by' only" },
  { AB "expect: [A choked by 2 L within 20 s of 3 s]\n",
    "test.yaml: expect[0]: expected 'of' before 'L', …" },
  { AB "expect: [A takes >= 1.3 as long as B]\n", "test.yaml: expect[0]: '1.3 as long as B' …" },
  { AB "expect: [A takes >= 1.3 times as B]\n", "test.yaml: expect[0]: expected 'long' …" },
  { AB "expect: [makespan <= 3 s with luck]\n", "test.yaml: expect[0]: 'luck' is no strategy; …" },
  { AB "expect: [makespan <= 3 s with]\n",
    "test.yaml: expect[0]: expected the name of a strategy at the end, as in 'with tit-for-tat'" },
  { AB "expect: [makespan <= 3 s in both models with turns]\n",
    "test.yaml: expect[0]: 'with turns' is about p2p: in server-client there is no strategy" },
  { AB "actions: [{at: 1 s, mark: 1st, nodes: A, register: F1}]\n",
    "test.yaml: actions[0].mark: '1st' cannot be a name: …" },
  { AB "actions: [{at: 1 s, mark: within, nodes: A, register: F1}]\n",
    "test.yaml: actions[0].mark: 'within' cannot be a name: …" },
  { AB "actions: [{at: 1 s, mark: m, nodes: A, register: F1}, {at: 2 s, mark: m, nodes: B, download: F1}]\n",
    "test.yaml: actions[1].mark: there are two moments 'm'" },
  { AB "expect: [A fails because]\n",
    "test.yaml: expect[0]: expected words of the reason, as in 'B fails because it crashed'" },
  { AB "expect: [A got <= few bad blocks]\n", "test.yaml: expect[0]: expected a whole number, found 'few'" },
  { AB "expect: [A got <= 1 bad apples]\n",
    "test.yaml: expect[0]: expected 'blocks' before 'apples', as in 'A got <= 1 bad blocks'" },
  { AB "expect: [A got all of F1 from B between 5 s]\n",
    "test.yaml: expect[0]: expected 'and' at the end, as in 'B got >= 50 % of F1 from A between 10 s and 20 "
    "s'" },
  { AB "expect: [A got all of F1 from B between 5 s and 5 s]\n",
    "test.yaml: expect[0]: the span of time ends before it begins" },
  { AB "expect: [A got all of F1]\n",
    "test.yaml: expect[0]: expected 'from' at the end, as in 'B got all of F1 from A'" },
  { AB "expect: [A finishes F1 after B]\n",
    "test.yaml: expect[0]: expected 'before' before 'after', as in 'B finishes F1 before C'" },
  { AB "expect: [everybody completes in space]\n",
    "test.yaml: expect[0]: expected 'in p2p', 'in server-client' or 'in both models'" },
  { AB "expect: [everybody completes in both]\n",
    "test.yaml: expect[0]: expected 'models' at the end, as in 'everybody completes in both models'" },
  { AB "expect: [spread of F1 <= 1 s quickly]\n",
    "test.yaml: expect[0]: '1 s quickly': 's quickly' is not a unit …" },
};

static void
check_message (const char *message, const char *wanted)
{
  const char *rest = g_str_has_suffix (wanted, " …") ? strrchr (wanted, ' ') : NULL;
  size_t length = rest != NULL ? (size_t)(rest - wanted) : strlen (wanted) + 1;
  ck_assert_msg (strncmp (message, wanted, length) == 0, "says:   %s\nwanted: %s", message, wanted);
}

START_TEST (bad_ones)
{
  GError *error = NULL;
  g_autofree char *text =
      bad[_i].text[0] == '!' ? g_strdup (bad[_i].text + 1) : g_strconcat (HEAD, bad[_i].text, NULL);
  ShoalScenario *scenario = shoal_scenario_parse (text, strlen (text), "test.yaml", &error);
  ck_assert_msg (scenario == NULL, "was taken:\n%s", text);
  ck_assert_ptr_nonnull (error);
  check_message (error->message, bad[_i].message);
  g_error_free (error);
}
END_TEST

static Suite *
bad_scenarios_suite (void)
{
  Suite *suite = suite_create ("bad-scenarios");
  TCase *tc = tcase_create ("messages");
  tcase_add_loop_test (tc, bad_ones, 0, G_N_ELEMENTS (bad));
  suite_add_tcase (suite, tc);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (bad_scenarios_suite (), NULL);
}
